"""What the till says: names, sentences of answers, and refusals that name what can be done."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from ganbo.books.events.reading import FieldsRefused
from ganbo.doors.ui import units
from ganbo.engine.programme import Programme
from ganbo.foundation import i18n
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.queries import MemberRow

_SENTENCES = {
    "ledger.insufficient": N_(
        "%(needed)s are needed, %(available)s are there, %(missing)s more to go. What can be had "
        "today stands first."
    ),
    "rewards.out_of_stock": N_("None of these are left today. Other gifts stand in the list."),
    "programme.not_begun": N_("The programme begins on %(day)s. Gifts can be taken from then on."),
    "programme.over": N_("The last day to take gifts was %(day)s. Nothing was taken."),
    "rewards.budget_used_up": N_("This gift is not given for now: what was set aside for it is used up. Other gifts stand in the list."),
    "rewards.limit_reached": N_(
        "This gift was already taken as often as allowed for now. Other gifts stand in the "
        "list."
    ),
    "rewards.unknown": N_("The shop no longer gives this. What can be had today stands in the list."),
    "rewards.locked": N_("This gift is for members of a higher level. Other gifts stand in the list."),
    "rewards.not_for_you": N_("This gift has a condition that is not met yet. Other gifts stand in the list."),
    "rewards.not_for_points": N_("This gift is not given for points. Other gifts stand in the list."),
    "rewards.code_shown": N_("The partner's code was shown to the guest and may have been used, so the points stay spent."),
    "rewards.voucher_used": N_(
        "This voucher was used already, so the points stay spent. A manager can add points by "
        "hand."
    ),
    "rewards.redemption_unknown": N_(
        "This gift is not in the books. Nothing was changed; look the customer up "
        "again."
    ),
    "members.unknown": N_("Nobody has this here yet. Type the phone number to make a card."),
    "members.exists": N_("Somebody has this number already. Type it into the box to find them."),
    "members.contact_needed": N_("A phone number is needed to make a card. Type it into the box."),
    "members.bad_phone": N_("This is no phone number yet. Type it like 0912 345 678."),
    "events.order_already_recorded": N_(
        "This receipt number is recorded already, and was not counted twice. Look at the last "
        "sales."
    ),
    "events.undo_too_late": N_("Over an hour has passed. A manager can still undo it."),
    "events.cannot_reverse": N_("Making a card cannot be undone; nothing was changed."),
    "events.unknown": N_("This sale is not in the books. Nothing was changed; look at the last sales."),
    "events.in_future": N_("The clock of this machine runs ahead. Set it and press again; nothing was recorded."),
    "idempotency.key_reused": N_(
        "This was recorded already, with other figures. Look at the last sales before the next "
        "one."
    ),
    "idempotency.in_progress": N_("This is being done already. Wait a second and press again."),
    "programme.missing": N_(
        "No programme is in force yet. A manager publishes one in the console; the till works "
        "after that."
    ),
    "events.already_claimed": N_("Somebody has claimed this sale already. Nothing was printed."),
    "events.reversed": N_("This sale was undone, so there is nothing to claim."),
    "claims.none": N_("No slips are printed for now. A manager can change that in the programme."),
    "claims.over": N_("The last day to claim this sale was %(day)s."),
    "proof.not_good": N_("This proof is used or over. Scan the wallet's new code, or prove it another way."),
    "proof.unknown": N_("This proof is not in the books. Begin again."),
    "proof.not_waiting": N_("This was decided or is over. Begin again."),
    "proof.no_contact": N_("There is no phone number or e-mail to send a code to. Prove it another way."),
    "pins.none": N_("No PIN is set yet; it is set in the wallet. Prove it another way for now."),
    "pins.wrong": N_("The PIN does not fit; %(left)s tries are left."),
    "pins.locked": N_("The PIN is locked after five wrong ones; a new one is set in the wallet. Prove it another way for now."),
    "members.wrong_code": N_("The code does not fit or is over. Look at the last message, or send a new one."),
    "members.too_many_codes": N_("Several codes were sent already. Use the last one, or prove it another way."),
    "too_fast": N_("Too many codes were tried in vain. Wait %(seconds)s seconds, then type it again."),
    "topups.unknown": N_("This amount is no longer offered. What can be topped up stands in the list."),
    "topups.spent": N_("Part of it was spent already, so nothing can be handed back. Nothing was changed."),
    "packages.unknown": N_("This package is not in the books. Nothing was changed; look the customer up again."),
    "packages.use_unknown": N_("This is not in the books. Nothing was changed; look the customer up again."),
    "packages.not_offered": N_("This package is no longer sold. What can be bought stands in the list."),
    "packages.not_active": N_("This package was given back or has ended. Nothing was changed."),
    "packages.paused": N_("This package is paused. Let it go on first."),
    "packages.nothing_left": N_("Only %(left)s are left in this package. Nothing was used."),
    "packages.cannot_pause": N_("This package cannot be paused: its days of pause are used up, or it never ends."),
    "packages.not_paused": N_("This package goes on already."),
    "packages.not_refundable": N_("What was sold says that nothing is handed back for it."),
    "packages.used_already": N_("Something was used of this package already. What is left can be given back."),
    "packages.worth_changed": N_("What is left has changed meanwhile. Look at the new amount and press again."),
    "households.may_not_spend": N_("In this household others spend the points. Nothing was taken."),
    "rewards.no_choice": N_("This choice is no longer open. Nothing was changed."),
    "rewards.not_in_choice": N_("This gift is not among what can be chosen. Nothing was changed."),
    "rewards.chosen_already": N_("This was chosen already, once and for all."),
    "gift_cards.not_sold": N_("This gift card is no longer sold. What can be sold stands in the list."),
    "gift_cards.unknown": N_("This is no gift card that can be used. Look at the code again."),
    "gift_cards.too_much": N_("There may be %(most)s on this card at most. Nothing was taken."),
    "gift_cards.used": N_("Something was paid with this card or onto it, so its sale stays. Nothing was changed."),
    "partners.not_taken": N_("This partner does not take that. Nothing was recorded; look at the bill."),
    "partners.not_agreed": N_("The partner changed its terms. A manager agrees to them in the console, then it works again."),
    "partners.too_much": N_("More was to be paid than the bill. Look at it and press again."),
    "partners.unknown": N_("This partner is no longer one. Sell without its card."),
    "perks.not_theirs": N_("This perk is not of the customer's level. Nothing was changed."),
    "perks.used_up": N_("This perk was used as often as promised for now."),
    "perks.use_unknown": N_("This is not in the books. Nothing was changed; look the customer up again."),
    "codes.recorded": N_("A sale was made with this voucher. A return of the sale brings it back."),
    "fields.refused": N_(
        "This cannot be recorded as typed. Look at the total and the receipt number, then press "
        "again."
    ),
}  # fmt: skip
_FAULT = N_("Our mistake; nothing was taken. It is safe to press again.")


def locale() -> str:
    """The language the page speaks, as foundation.i18n knows it."""
    return i18n.known((get_language() or "vi").partition("-")[0])


def refusal(refused: Refusal) -> str:
    """The sentence for the cashier; never a code."""
    if isinstance(refused, FieldsRefused) and any(_about_money(p.field) for p in refused.problems):
        return _("This total is too large to be true. Check the digits and press again.")
    if isinstance(refused, FieldsRefused) and any(p.field.startswith("data.codes") for p in refused.problems):
        return _("A voucher that was ticked cannot be used any more. Look at the bill and press again.")
    shown = {key: i18n.number(v, locale()) if type(v) is int else v for key, v in refused.params.items()}
    if refused.code == "ledger.insufficient":
        shown["missing"] = i18n.number(refused.params["needed"] - refused.params["available"], locale())
    return _(_SENTENCES.get(refused.code, _FAULT)) % shown


def _about_money(field: str) -> bool:
    return field == "data.amount" or field.endswith("unit_price")


def called(member: MemberRow) -> str:
    """Chị Lan; Lan in English; Bạn when nobody told us more."""
    given = member.name.split()[-1] if member.name.strip() else ""
    if locale() != "vi":
        return given or _("Customer")
    form = member.address_form or "bạn"
    return f"{form[0].upper()}{form[1:]} {given}".strip()


def you(member: MemberRow) -> str:
    """How a sentence about the member goes on: Chị; You."""
    form = member.address_form or "bạn"
    return form[0].upper() + form[1:] if locale() == "vi" else "You"


def unit(programme: Programme, wallet: str) -> str:
    """The business's word for its points."""
    found = programme.wallets.get(wallet)
    return (found.name.text(locale()) if found else "") or wallet


def points(amount: int, programme: Programme, wallet: str) -> str:
    """16 điểm; of a wallet of money 50.000 ₫."""
    return units.of_wallet(programme, wallet, locale()).said(amount, locale())


def reward(programme: Programme, reward_id: str) -> str:
    """What the shop calls a reward."""
    found = programme.rewards.get(reward_id)
    return (found.name.text(locale()) if found else "") or reward_id


def bill_first() -> str:
    return _("Type what the bill comes to first.")


def none_left() -> str:
    return _("none left")


def others_spend() -> str:
    return _("others of the household spend")


def for_level(programme: Programme, level: str) -> str:
    found = programme.by_level.get(level)
    return _("for %(tier)s and above") % {"tier": (found.name.text(locale()) if found else "") or level}


def more_to_go(missing: str) -> str:
    return _("%(missing)s more") % {"missing": missing}


def earned(because: list[str], *, member: MemberRow | None, net: int | None, why_not: list[str], currency: str) -> str:
    """One sentence to read aloud: what was earned and why, or why nothing was."""
    if because:
        first, rest = because[0], because[1:]
        return "; ".join([first.removesuffix("."), *(s[0].lower() + s[1:].removesuffix(".") for s in rest)]) + "."
    paid = i18n.money(net or 0, currency, locale())
    if member is None:
        return _("Recorded: %(paid)s, without a member. It can still be claimed for points.") % {"paid": paid}
    if why_not:
        return _("Recorded: %(paid)s, no points this time.") % {"paid": paid} + " " + why_not[0]
    return _("Recorded: %(paid)s, no points this time.") % {"paid": paid}


def into_wallet(answer: dict[str, Any], programme: Programme) -> str:
    """What was given into a wallet at once, without a voucher."""
    paid = points(answer["price"]["amount"], programme, answer["price"]["wallet"])
    return _("%(points)s became: %(gift)s.") % {"points": paid, "gift": reward(programme, answer["reward"])}
