"""What the till says: names, sentences of answers, and refusals that name what can be done."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from ganbo.books.events.reading import FieldsRefused
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
    "rewards.limit_reached": N_(
        "This gift was already taken as often as allowed for now. Other gifts stand in the "
        "list."
    ),
    "rewards.unknown": N_("The shop no longer gives this. What can be had today stands in the list."),
    "rewards.locked": N_("This gift is for members of a higher level. Other gifts stand in the list."),
    "rewards.not_for_you": N_("This gift has a condition that is not met yet. Other gifts stand in the list."),
    "rewards.not_for_points": N_("This gift is not given for points. Other gifts stand in the list."),
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
    return f"{i18n.number(amount, locale())} {unit(programme, wallet)}"


def earned(
    answer: Mapping[str, Any], *, member: MemberRow | None, net: int | None, why_not: list[str], currency: str
) -> str:
    """One sentence to read aloud: what was earned and why, or why nothing was."""
    because = [str(s) for s in answer.get("because", [])]
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
    reward = programme.rewards[answer["reward"]]
    paid = points(answer["price"]["amount"], programme, answer["price"]["wallet"])
    return _("%(points)s became: %(gift)s.") % {"points": paid, "gift": reward.name.text(locale()) or reward.id}
