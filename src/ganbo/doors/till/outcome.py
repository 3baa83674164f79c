"""What a sale did besides points, as the green pane shows it: stamps that landed, a level reached, vouchers got."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from ganbo.doors.till import saying
from ganbo.doors.till.serving import MOST_DOTS
from ganbo.engine.programme import Programme
from ganbo.features.programmes import offer_sentences
from ganbo.foundation import i18n


@dataclass(frozen=True, slots=True)
class Stamped:
    """One card: `count` of `of`, `fresh` of them new; a card just filled shows all of its stamps."""

    name: str
    count: int
    of: int
    fresh: int
    dots: bool


@dataclass(frozen=True, slots=True)
class Got:
    """A voucher the sale brought, and its last day."""

    name: str
    last_day: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`used`: the offers and vouchers that were used, in words; `cards`: what gift cards, points and the member's card paid.


    `points`: what points gave, in words.
    `tier` and `level` only when the sale moved the member up.
    """

    stamps: list[Stamped]
    vouchers: list[Got]
    used: str
    cards: int
    points: str
    tier: str
    level: str


def of_answer(answer: dict[str, Any], programme: Programme) -> Outcome:
    """From the answer of a sale, as it was stored."""
    effects = answer.get("effects", [])
    moved = next((row for row in effects if row["kind"] == "tier"), None)
    level = programme.by_level.get(moved["to"]) if moved else None
    return Outcome(
        stamps=[_stamped(row, programme) for row in effects if row["kind"] == "stamp" and row["added"]],
        vouchers=[_got(row, programme) for row in effects if row["kind"] == "voucher"],
        used=", ".join(_used(row, programme) for row in effects if row["kind"] in ("offer", "voucher_used")),
        cards=sum(row["amount"] for row in effects if row["kind"] in ("voucher_used", "money_used"))
        + sum(row["money"] for row in effects if row["kind"] == "paid" and row["state"] == "payment"),
        points=next((_points(row, programme) for row in effects if row["kind"] == "paid"), ""),
        tier=level.name.text(saying.locale()) or level.id if level else "",
        level=level.id if level else "",
    )


def _used(row: dict[str, Any], programme: Programme) -> str:
    if row["kind"] == "offer":
        return offer_sentences.name_of(row["offer"], programme, saying.locale())
    return saying.reward(programme, row["reward"])


def _stamped(row: dict[str, Any], programme: Programme) -> Stamped:
    card = programme.by_card.get(row["card"])
    count = row["of"] if row["filled"] and not row["count"] else row["count"]
    name = (card.name.text(saying.locale()) if card else "") or row["card"]
    return Stamped(name, count, row["of"], min(row["added"], count), row["of"] <= MOST_DOTS)


def _points(row: dict[str, Any], programme: Programme) -> str:
    money = i18n.money(row["money"], programme.currency, saying.locale())
    return _("%(points)s for %(money)s") % {
        "points": saying.points(row["amount"], programme, row["wallet"]),
        "money": money,
    }


def _got(row: dict[str, Any], programme: Programme) -> Got:
    return Got(saying.reward(programme, row["reward"]), day_of(row["expires_at"], programme))


def day_of(last_second: str | None, programme: Programme) -> str:
    """The day of the last second on which a voucher can be used; empty for ever."""
    if last_second is None:
        return ""
    local = datetime.fromisoformat(last_second).astimezone(programme.timezone)
    return i18n.day(local.date(), saying.locale())


def last_day(first_unusable: datetime, programme: Programme) -> str:
    """The last day a voucher can be used: the day before its first unusable midnight."""
    local = (first_unusable - timedelta(microseconds=1)).astimezone(programme.timezone)
    return i18n.day(local.date(), saying.locale())
