"""What the member's points can pay of a bill: none, half or most, as chips."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import Draft
from ganbo.foundation import i18n


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice: what is sent, and what it says."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Purse:
    """How the member's points may pay; `said` and `pays` are what is chosen now."""

    name: str
    chips: list[Chip]
    said: str
    pays: int


def of(answer: dict[str, Any], draft: Draft, at: Counter) -> Purse | None:
    """From a quote; None when points can pay nothing of this bill."""
    most = answer["points_payable"]
    if not most or not most["points"]:
        return None
    paid = next((row for row in answer["effects"] if row["kind"] == "paid"), None)
    name = at.programme.wallets[most["wallet"]].name.text(saying.locale()) or most["wallet"]
    whole, step = most["amount"]["amount"], most["step"]["amount"]
    chips = [Chip("", _("No %(name)s") % {"name": name}, paid is None)]
    part = whole // 2 // step * step
    if most["least"]["amount"] <= part < whole:
        chips.append(Chip("half", _label(most["points"] * part // whole, part, most, at), draft.points == "half"))
    chips.append(Chip("most", _label(most["points"], whole, most, at), draft.points == "most"))
    said = saying.points(paid["amount"], at.programme, paid["wallet"]) if paid else ""
    return Purse(name, chips, said, paid["money"] if paid else 0)


def _label(units: int, money: int, most: dict[str, Any], at: Counter) -> str:
    """−50.000 ₫ · 500 điểm."""
    return f"−{i18n.money(money, at.currency, saying.locale())} · {saying.points(units, at.programme, most['wallet'])}"
