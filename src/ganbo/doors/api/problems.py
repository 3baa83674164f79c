"""Refusals as RFC 9457 problems: one table from code to status and sentence, in the caller's language."""

from collections.abc import Mapping
from typing import Any

import orjson

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import experiment_problems, hold_problems, kpi_problems, warehouse_problems
from ganbo.doors.api.partner_problems import MORE
from ganbo.foundation import i18n
from ganbo.kernel.refusal import Refusal

CONTENT_TYPE = "application/problem+json"


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


# code: (status, title, sentence)
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "json.unreadable": (400, _("Unreadable JSON"), _("The body is not JSON that can be read: %(reason)s.")),
    "json.duplicate_key": (400, _("Duplicate key"), _("The key “%(key)s” stands twice in one object; keep one.")),
    "auth.no_key": (401, _("No valid key"), _("Send a valid API key: Authorization: Bearer gb_live_….")),
    "auth.scope": (403, _("Not allowed"), _("This key may not do this; it needs the scope %(scope)s.")),
    "not_found": (404, _("Not found"), _("There is nothing with this id here; check it.")),
    "events.unknown": (404, _("Unknown event"), _("No event has the id %(event_id)s.")),
    "members.not_found": (404, _("Unknown member"), _("No member has this id.")),
    "members.card_unknown": (404, _("Unknown card"), _("This member holds no card with this number.")),
    "rewards.redemption_unknown": (404, _("Unknown redemption"), _("No redemption has this id.")),
    "method": (405, _("Method not allowed"), _("This address does not take this method.")),
    "body.too_large": (413, _("Body too large"), _("The body may have at most %(most)s bytes; send less at once.")),
    "body.media_type": (415, _("Unsupported media type"), _("Send Content-Type: %(wanted)s.")),
    "fields.refused": (422, _("Some fields are wrong"), _("Mend the fields named below and send it again.")),
    "members.unknown": (
        422,
        _("Unknown member"),
        _("Nobody here has this %(by)s; enrol them first, or leave the member out and claim the sale later."),
    ),
    "members.contact_needed": (422, _("Contact needed"), _("A phone or an e-mail is enough to enrol; give one.")),
    "members.too_many_cards": (409, _("Too many cards"), _("A member may hold %(most)s cards; block one first.")),
    "members.exists": (409, _("Already a member"), _("Somebody with this %(field)s is enrolled already.")),
    "events.too_late": (422, _("Too late"), _("Events are accepted up to %(days)s days late; import older ones.")),
    "events.in_future": (
        422,
        _("In the future"),
        _("The event's time is more than ten minutes ahead; check the clock of the till."),
    ),
    "events.not_yet": (422, _("Not in this version"), _("This version of ganbo cannot record “%(type)s” events yet.")),
    "events.order_already_recorded": (
        409,
        _("Order already recorded"),
        _("This store's order was already recorded as event %(event_id)s."),
    ),
    "events.not_recorded": (
        503,
        _("Not recorded"),
        _("The database refused this; nothing of it was kept. It is safe to send it again."),
    ),
    "events.undo_too_late": (
        409,
        _("Too late to undo"),
        _("Cashiers undo within one hour; a manager can still do it."),
    ),
    "events.cannot_reverse": (
        409,
        _("Cannot be undone"),
        _("An enrolment cannot be undone; erase the member instead."),
    ),
    "events.already_claimed": (409, _("Already claimed"), _("This sale already belongs to a member.")),
    "events.reversed": (409, _("Already undone"), _("This sale was undone; it cannot be claimed.")),
    "idempotency.key_reused": (
        409,
        _("Key used for something else"),
        _("This id or Idempotency-Key was already used with another body; use a new one for a new request."),
    ),
    "idempotency.in_progress": (
        409,
        _("Still running"),
        _("A request with the same Idempotency-Key is still running; ask again in a moment."),
    ),
    "ledger.insufficient": (
        409,
        _("Not enough points"),
        _("%(needed)s are needed, %(available)s are available, %(missing)s are missing."),
    ),
    "claims.none": (409, _("Nothing is claimed"), _("The programme says nothing under “claims”; publish that first.")),
    "claims.unknown": (404, _("Unknown slip"), _("No slip has this code; check how it is written.")),
    "claims.over": (409, _("Too late to claim"), _("The last day to claim this sale was %(day)s.")),
    "claims.too_many": (
        409,
        _("Enough for today"),
        _("A member claims at most %(most)s sales a day; try again tomorrow."),
    ),
    "proof.needed": (
        409,
        _("Proof needed"),
        _("To keep the member's points safe, this spend needs a proof, one of: %(named)s."),
    ),
    "proof.not_good": (
        409,
        _("Proof not accepted"),
        _("This proof is used, over, for less, or of somebody else; show a new one."),
    ),
    "proof.unknown": (404, _("Unknown proof"), _("There is no proof with this id.")),
    "proof.not_waiting": (409, _("Decided already"), _("This was decided, used or over before; begin a new one.")),
    "proof.not_yourself": (409, _("Not by oneself"), _("Who asked for an approval cannot give it; ask somebody else.")),
    "proof.reason_needed": (422, _("Reason needed"), _("Say why; it is kept with the approval.")),
    "proof.no_contact": (
        409,
        _("No code can be sent"),
        _("The member has neither a phone nor an e-mail address; use another proof."),
    ),
    "pins.none": (409, _("No PIN"), _("The member has set no PIN; they set one in the wallet, or prove otherwise.")),
    "pins.wrong": (409, _("Wrong PIN"), _("The PIN does not fit; %(left)s tries are left.")),
    "pins.locked": (
        409,
        _("PIN locked"),
        _("Too many wrong PINs. The member sets a new one in the wallet; until then another proof works."),
    ),
    "pins.weak": (422, _("Too easy"), _("A PIN has 4 to 6 digits, not all the same and not in a row.")),
    "members.wrong_code": (409, _("Wrong code"), _("The code does not fit or is over; ask for a new one.")),
    "members.too_many_codes": (
        429,
        _("Too many codes"),
        _("Several codes were sent already; use the last one, or wait 15 minutes."),
    ),
    "perks.not_theirs": (409, _("Not theirs"), _("The member's level brings no perk “%(perk)s” that is counted.")),
    "perks.used_up": (409, _("Used up"), _("“%(perk)s” was used as often as promised for now: %(most)s times.")),
    "perks.use_unknown": (404, _("Unknown use"), _("No use of a perk has this id.")),
    "packages.unknown": (404, _("Unknown package"), _("No package of this member has this id.")),
    "packages.use_unknown": (404, _("Unknown use"), _("No use of a package has this id.")),
    "packages.not_offered": (422, _("Not offered"), _("The programme sells no package “%(package)s”.")),
    "packages.not_active": (409, _("No longer usable"), _("The package was given back or has ended.")),
    "packages.paused": (409, _("Paused"), _("The package is paused; resume it first.")),
    "packages.nothing_left": (409, _("Not enough left"), _("Of “%(unit)s” there are %(left)s left in this package.")),
    "packages.cannot_pause": (
        409,
        _("Cannot be paused"),
        _("It is paused already, never ends, or its days of pause are used up."),
    ),
    "packages.not_paused": (409, _("Not paused"), _("The package is not paused.")),
    "packages.not_shared": (
        409,
        _("Not to be shared"),
        _("It is for its buyer alone, or five others share it already."),
    ),
    "packages.used_already": (
        409,
        _("Used already"),
        _("Something was used of this package; only what is left is given back."),
    ),
    "packages.worth_changed": (409, _("Worth has changed"), _("What is left of the package is worth %(amount)s now.")),
    "packages.not_in_household": (
        409,
        _("Not of the household"),
        _("The package is for its buyer's household, and this member is not of it; they join first."),
    ),
    "households.unknown": (404, _("Unknown household"), _("No household has this id, or it was dissolved.")),
    "households.person_unknown": (
        404,
        _("Not of the household"),
        _("This member is neither in the household nor invited."),
    ),
    "households.not_offered": (
        409,
        _("No households"),
        _("The programme says nothing under “accounts”, so everybody spends alone."),
    ),
    "households.in_one_already": (
        409,
        _("In a household already"),
        _("This member is in a household; one leaves it before joining another."),
    ),
    "households.full": (409, _("Household full"), _("A household has at most %(most)s people; somebody leaves first.")),
    "households.too_many_invitations": (
        409,
        _("Too many invitations"),
        _("A household invites at most %(most)s people a day; invite more tomorrow."),
    ),
    "households.not_invited": (
        409,
        _("Not invited"),
        _("There is no invitation that can still be accepted; the owner invites again."),
    ),
    "households.owner_stays": (
        409,
        _("The owner stays"),
        _("Hand the household over to somebody of it first, then leave."),
    ),
    "households.may_not_spend": (
        409,
        _("Others spend"),
        _("In this household this member earns, and others spend; nothing was taken."),
    ),
    "packages.not_refundable": (409, _("Not given back"), _("What was sold says that nothing is handed back for it.")),
    **MORE,
    **hold_problems.PROBLEMS,
    **kpi_problems.PROBLEMS,
    **warehouse_problems.PROBLEMS,
    **experiment_problems.PROBLEMS,
    "topups.spent": (
        409,
        _("Spent already"),
        _("Part of this top-up is no longer on the card, so it cannot be undone; nothing was changed."),
    ),
    "rewards.unknown": (
        422,
        _("Unknown reward"),
        _("The programme has no reward “%(reward)s”; see GET /api/v1/rewards."),
    ),
    "rewards.locked": (
        409,
        _("For a higher level"),
        _("The reward “%(reward)s” is for members from level “%(tier)s” on; the member is below it."),
    ),
    "rewards.not_for_you": (
        409,
        _("Not for this member"),
        _("The reward “%(reward)s” has a condition that this member does not meet; choose another one."),
    ),
    "rewards.fulfilment": (
        409,
        _("Nothing to hand over"),
        _("This redemption cannot become “%(state)s”: it is “%(now)s”. The order is to_do, sent, done."),
    ),
    "rewards.not_for_points": (422, _("Not for points"), _("The reward “%(reward)s” has no price in points.")),
    "rewards.out_of_stock": (409, _("Out of stock"), _("Of “%(reward)s” there are %(left)s left.")),
    "programme.not_begun": (
        409,
        _("Not yet begun"),
        _("The programme begins on %(day)s; rewards can be redeemed from then on."),
    ),
    "programme.over": (409, _("Programme over"), _("The last day to redeem was %(day)s; nothing was taken.")),
    "rewards.no_choice": (
        404,
        _("No open choice"),
        _("There is no such choice of this member, it has ended, or it was taken back."),
    ),
    "rewards.not_in_choice": (422, _("Not among them"), _("“%(reward)s” is not among what can be chosen.")),
    "rewards.chosen_already": (409, _("Chosen already"), _("“%(reward)s” was chosen already, once and for all.")),
    "rewards.budget_used_up": (
        409,
        _("Budget used up"),
        _("The budget for “%(reward)s” is used up for now; choose another reward."),
    ),
    "rewards.one_code_each": (
        422,
        _("One at a time"),
        _("Each “%(reward)s” has a code of its own; redeem one at a time."),
    ),
    "rewards.code_shown": (
        409,
        _("Code shown"),
        _("The partner's code was shown and may have been used, so the points stay spent."),
    ),
    "codes.not_imported": (
        422,
        _("Makes its own codes"),
        _("The reward “%(reward)s” does not say “codes: imported”; publish that first."),
    ),
    "rewards.limit_reached": (
        409,
        _("Limit reached"),
        _("The limit of “%(reward)s” (%(most)s) is used up for this period."),
    ),
    "rewards.voucher_used": (409, _("Voucher used"), _("The voucher was already used, so the points stay spent.")),
    "codes.not_redeemed": (
        409,
        _("Not redeemed"),
        _("This code was not redeemed for this order; there is nothing to give back."),
    ),
    "codes.recorded": (
        409,
        _("Sale recorded"),
        _("The sale with this code is recorded; record the return of the sale, which gives the voucher back."),
    ),
    "codes.batch_not_finished": (
        409,
        _("Not finished"),
        _("The codes of this batch are still being made; ask how far it is, and download them when it is finished."),
    ),
    "programme.missing": (409, _("No programme"), _("No programme has been published yet; publish one first.")),
    "programme.in_force_in_past": (
        422,
        _("Begins in the past"),
        _("A version cannot begin in the past; leave “in_force_from” out or name a later time."),
    ),
    "programme.draft_changed": (
        409,
        _("The draft has changed"),
        _("Somebody saved the draft meanwhile; look at what they wrote, then save again."),
    ),
    "programme.overtaken": (
        409,
        _("Somebody was faster"),
        _("Version %(version)s was published meanwhile; compare with it, then publish again."),
    ),
    "programme.not_scheduled": (
        409,
        _("Does not begin later"),
        _("Only a version that begins later can be withdrawn, and version %(version)s does not; publish another one."),
    ),
    "programme.unknown_version": (
        422,
        _("Unknown version"),
        _("The programme has no version %(version)s."),
    ),
    "programme.template_unknown": (404, _("No such template"), _("There is no template “%(name)s”.")),
    "programme.other_terms": (
        409,
        _("Other terms"),
        _("These are not the words of version %(version)s's terms; show the member the current ones and ask again."),
    ),
    "programme.refused": (422, _("The document has errors"), _("Mend the places named below and check again.")),
    "programme.examples_fail": (
        422,
        _("Examples fail"),
        _("%(count)s of the document's own examples come out differently; mend the rules or the examples."),
    ),
    "too_fast": (429, _("Too many requests"), _("Wait %(seconds)s seconds and try again.")),
    "busy": (503, _("Busy"), _("The service cannot answer right now; nothing was changed. It is safe to ask again.")),
}

# What is wrong with a field, and the remedy.
FIELDS: dict[str, str] = {
    "missing": _("is missing; add it"),
    "extra_forbidden": _("is not known here; remove it or check its spelling"),
    "int_type": _("must be a whole number, without quotes or fractions"),
    "int_from_float": _("must be a whole number, without a fraction"),
    "string_type": _("must be a text in quotes"),
    "bool_type": _("must be true or false"),
    "list_type": _("must be a list"),
    "dict_type": _("must be an object"),
    "model_type": _("must be an object"),
    "model_attributes_type": _("must be an object"),
    "string_pattern_mismatch": _("has characters or a length that are not allowed here"),
    "string_too_short": _("is too short; give at least %(min_length)s characters"),
    "string_too_long": _("is too long; give at most %(max_length)s characters"),
    "greater_than_equal": _("must be at least %(ge)s"),
    "less_than_equal": _("must be at most %(le)s"),
    "too_long": _("is longer than allowed"),
    "too_many": _("has too many entries"),
    "too_many_keys": _("has too many keys"),
    "literal_error": _("must be one of %(expected)s"),
    "not_rfc3339": _("must be a time like 2026-11-23T10:00:00+07:00"),
    "no_offset": _("needs its offset, like +07:00 or Z"),
    "not_a_quantity": _("must be a number above zero, with at most three decimals"),
    "too_many_decimals": _("may have at most three decimals"),
    "out_of_range": _("is out of range"),
    "exactly_one": _("must name the member in exactly one way: id, card, phone, email, external_id or token"),
    "lines_or_amount": _("give either lines or an amount, not both and not neither"),
    "line_or_sku": _("must name a line by its place from 0 or by its sku, not both"),
    "quantity_or_amount": _("must say how many pieces or how much money, not both"),
    "lines_and_amount": _("must have lines or an amount, not both"),
    "no_such_line": _("names a line that was not sold with this order"),
    "member_needed": _("is needed for this type of event"),
    "bad_id": _("is not an id of ganbo's"),
    "bad_key": _("must be a key in small letters, digits and _"),
    "not_plain": _("must be a text, a whole number, true or false, or a short list of them"),
    "float": _("must not have a fraction; use whole minor units"),
    "wrong_currency": _("must be %(currency)s, the programme's currency"),
    "discount_too_large": _("is larger than what it is taken from; at most %(most)s"),
    "offers_too_large": _("take off more than the discounts of the bill, which are %(most)s"),
    "paid_sum": _("must add up to %(expected)s, the total to pay; it adds up to %(given)s"),
    "members.bad_phone": _("is not a phone number; write it like 0912345678 or +84912345678"),
    "members.bad_email": _("is not an e-mail address; write it like lan@example.com"),
    "members.bad_card": _("must have 4 to 40 letters, digits or hyphens"),
    "date": _("must be a day like 1990-05-17"),
    "unknown_tier": _("is not a tier of the programme"),
    "codes.no_batch": _("has no codes to be made: it is card money or a partner's; name another reward"),
    "codes.weak_pattern": _(
        "must be capital letters, digits, hyphens and # for what chance fills in, with %(least)s to 40 times #; "
        "fewer could be guessed"
    ),
    "codes.not_valid": _("is not a code that can be used; check how it is written"),
    "codes.unknown": _("is not a code of this shop; check how it is written"),
    "codes.used": _("was already used"),
    "codes.expired": _("has expired"),
    "codes.void": _("is no longer valid"),
    "codes.other_holder": _("belongs to another member; name the member it was given to"),
    "codes.choose_first": _("is a choice that is still open; choose first"),
    "codes.not_here": _("is used at the partner's shop, not here"),
    "codes.not_yet": _("can be used from the next order on"),
    "codes.min_order": _("needs an order of at least %(least)s; %(missing)s are missing"),
    "codes.no_line": _("is for goods that are not on this order"),
    "codes.exclusive": _("cannot be used together with another voucher; use one of them"),
    "codes.gift_card_short": _("does not hold enough money; %(missing)s are missing"),
    "codes.gift_card_unpaid": _("pays nothing here; say what the gift card pays"),
    "unknown_wallet": _("is not a wallet of the programme"),
    "card_of_nobody": _("is paid from a member's card, so the sale needs its member"),
    "topups.unknown": _("is not an amount of the programme; it must be one of %(amounts)s"),
    "topups.none": _("cannot be topped up: the programme says nothing under “topups”"),
    "points.not_payable": _("cannot be done: no kind of points of the programme pays bills"),
    "points.member_needed": _("needs the member whose it is; name them"),
    "points.as_discount": _("is not how points pay here: they come off the price, in data.points"),
    "points.as_payment": _("is not how points pay here: they are a payment, in data.paid with “with: points”"),
    "points.step": _("must be a multiple of %(step)s (%(points)s points)"),
    "points.below_min": _("must be at least %(least)s (%(points)s points)"),
    "points.above_share": _("may be at most %(most)s, which is %(share)s of the bill"),
    "points.amount_or_most": _("must be minor units, “half” or “most”"),
    "id_or_token": _("must name one proof, by its id or by the wallet's token"),
    "members.bad_token": _("is not a code of this wallet; scan it again"),
    "proof.pin_needed": _("is needed for card_pin"),
    "proof.token_needed": _("is needed: name the member by the wallet's token"),
    "proof.amount_needed": _("is needed: a manager allows up to an amount"),
    "order_needed": _("is needed: name the order in exactly one way, order_id or event_id"),
    "unknown_scope": _("is not a scope"),
    **experiment_problems.FIELDS,
}
_WRONG = _("is not right; see the reference")


def language(accept: str | None) -> str:
    """vi or en, whichever the Accept-Language header names first; Vietnamese without one."""
    for part in (accept or "").lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in i18n.LOCALES:
            return code
    return "vi"


def problem(
    code: str, locale: str, params: Mapping[str, Any] | None = None, errors: list[dict[str, Any]] | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and body for a code of the table."""
    status, title, sentence = PROBLEMS[code]
    shown = {key: i18n.number(v, locale) if type(v) is int else v for key, v in (params or {}).items()}
    body: dict[str, Any] = {
        "type": f"urn:ganbo:problem:{code}",
        "title": i18n.text(locale, title),
        "status": status,
        "code": code,
        "detail": i18n.text(locale, sentence, **shown) if shown else i18n.text(locale, sentence),
        "errors": errors or [],
    }
    for key in ("event_id", "member_id", "needed", "available", "ways", "spent"):
        if params and key in params:
            body[key] = params[key]
    return status, body


def of(refusal: Refusal, locale: str) -> tuple[int, dict[str, Any]]:
    """Status and body for a refusal."""
    params = dict(refusal.params)
    if refusal.code == "ledger.insufficient":
        params["missing"] = params["needed"] - params["available"]
    if refusal.code == "proof.needed":
        params["named"] = ", ".join(params["ways"])
    if refusal.code == "members.unknown":
        return problem(refusal.code, locale, params, [field("member", refusal.code, locale)])
    if isinstance(refusal, FieldsRefused):
        return problem(refusal.code, locale, None, [_field(p, locale) for p in refusal.problems])
    if refusal.code in _FIELD_OF:
        code = refusal.code if refusal.code in PROBLEMS else "fields.refused"
        return problem(code, locale, params, [field(_FIELD_OF[refusal.code], refusal.code, locale, params)])
    if refusal.code not in PROBLEMS:
        raise refusal
    return problem(refusal.code, locale, params)


# Refusals about one field of the body.
_FIELD_OF = {
    "events.too_late": "occurred_at",
    "events.in_future": "occurred_at",
    "events.not_yet": "type",
    "rewards.unknown": "reward",
    "rewards.not_for_points": "reward",
    "holds.too_much": "amount",
    "holds.not_spendable": "wallet",
    "members.contact_needed": "phone",
    "members.bad_phone": "phone",
    "members.bad_email": "email",
    "members.bad_card": "card",
}


def field(name: str, code: str, locale: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One entry of `errors`."""
    if code in FIELDS:
        message = i18n.text(locale, FIELDS[code], **(params or {}))
    elif code in PROBLEMS:
        message = i18n.text(locale, PROBLEMS[code][1])
    else:
        message = i18n.text(locale, _WRONG)
    return {"field": name, "code": code, "message": f"{name} {message}"}


def _field(found: FieldProblem, locale: str) -> dict[str, Any]:
    try:
        return field(found.field, found.code, locale, found.params)
    except KeyError:
        return field(found.field, "", locale) | {"code": found.code}


def body_bytes(body: dict[str, Any]) -> bytes:
    return orjson.dumps(body)
