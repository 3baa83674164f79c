"""Who stands at the till: their level, points and stamp cards, what they can have now, and why not the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganbo.books.ledger.queries import Balance
from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.engine import eligibility
from ganbo.engine.programme import Level, Programme
from ganbo.features.programmes import aims_view, catalogue, reasons, stamp_cards, tier_view
from ganbo.features.programmes.aims_view import AimRow
from ganbo.features.programmes.catalogue import Looking
from ganbo.features.programmes.stamp_cards import StampCardRow
from ganbo.features.rewards import pools
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance
from ganbo.journeys import holdings
from ganbo.people.members.queries import MemberRow

MOST_DOTS = 20  # a larger card is told in numbers


@dataclass(frozen=True, slots=True)
class Purse:
    """One wallet of a member: what is there, held and owed, and its worth in minor units, None when it has no worth.

    `together`: what their household holds of it, None when it is not spent together; `may_spend`: whether they may.
    """

    amount: int
    held: int
    owed: int
    unit: Unit
    worth: int | None
    together: int | None = None
    may_spend: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A stamp card with its dots and the sentence of what is missing."""

    row: StampCardRow
    dots: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Gift:
    """A reward for points as the till offers it; `key` makes that pressing twice gives one. `why_not` greys it."""

    id: str
    name: str
    price: int
    unit: Unit
    plus: int
    missing: int
    left: int | None
    why_not: str
    key: str


@dataclass(frozen=True, slots=True)
class Served:
    """The member at the counter. `next`: what is missing to the next level; `first`: their level is served first."""

    row: MemberRow
    name: str
    tier: str
    level: str
    next: str
    first: bool
    purses: list[Purse]
    cards: list[Card]
    aims: list[AimRow]
    now: list[Gift]
    later: list[Gift]


def served(row: MemberRow, at: Counter) -> Served:
    """Who stands here, what they have and what they can have."""
    programme, locale = at.programme, saying.locale()
    held = holdings.balances(row.id, list(programme.wallets), at=at.now)
    balances = {w: {"available": b.spendable} for w, b in held.items()}
    who = catalogue.looking(row, programme, at=at.now)
    left = pools.left(at=at.now)
    offered = catalogue.rewards(programme, locale=locale, balances=balances, taken=rewards.taken(), pools=left, who=who)
    gifts = [_gift(r, programme, who, held) for r in offered if r["price"]]
    level, following = _level(row, at)
    day = at.now.astimezone(programme.timezone).date()
    return Served(
        row=row,
        name=saying.called(row),
        tier=level.name.text(locale) if level else "",
        level=level.id if level else "",
        next=following,
        first=level is not None and level.service_priority is not None,
        purses=_purses(programme, held),
        cards=_cards(row, programme),
        aims=[a for a in aims_view.of_member(row, programme, locale=locale, day=day) if not a.done],
        now=[gift for gift in gifts if not gift.why_not],
        later=sorted((g for g in gifts if g.why_not), key=lambda g: (g.left == 0, not g.missing, g.missing)),
    )


def _purses(programme: Programme, held: Mapping[str, Balance]) -> list[Purse]:
    """The first kind of points, and of the others those that hold or owe something; money last."""
    found = []
    for n, (wallet, balance) in enumerate(sorted(held.items(), key=lambda one: programme.wallets[one[0]].money)):
        if n and not (balance.available or balance.held or balance.owed or balance.together):
            continue
        face = programme.wallets[wallet].face_value
        unit = units.of_wallet(programme, wallet, saying.locale())
        worth = face * balance.available if face and not unit.currency else None
        found.append(
            Purse(balance.available, balance.held, balance.owed, unit, worth, balance.together, balance.may_spend)
        )
    return found


def _cards(row: MemberRow, programme: Programme) -> list[Card]:
    locale = saying.locale()
    return [
        Card(card, card.of <= MOST_DOTS, stamp_cards.to_come(card, locale=locale))
        for card in stamp_cards.of_member(row.id, programme, locale=locale)
    ]


def _level(row: MemberRow, at: Counter) -> tuple[Level | None, str]:
    """The member's level, and the sentence of what is missing to the next."""
    programme, locale = at.programme, saying.locale()
    who = tier_view.holder(programme, row.tier, row.state, row.created_at)
    seen = tier_view.of(programme, who, at.now.astimezone(at.zone).date())
    if seen is None:
        return programme.by_level.get(row.tier or programme.first_tier or ""), ""
    if seen.next is None or seen.next.enter is None:
        return seen.level, ""
    return seen.level, tier_view.sentences(programme, seen, locale)[0]


def _gift(reward: dict[str, Any], programme: Programme, who: Looking, held: Mapping[str, Balance]) -> Gift:
    wallet = reward["price"]["wallet"]
    unit = units.of_wallet(programme, wallet, saying.locale())
    return Gift(
        id=reward["id"],
        name=reward["name"],
        price=reward["price"]["amount"],
        unit=unit,
        plus=(reward["price"]["plus"] or {"amount": 0})["amount"],
        missing=reward["missing"] or 0,
        left=reward["stock"],
        why_not="" if reward["affordable"] else _why_not(reward, programme, who, unit, may=held[wallet].may_spend),
        key=str(chance.new_id()),
    )


def _why_not(reward: dict[str, Any], programme: Programme, who: Looking, unit: Unit, *, may: bool) -> str:
    """Why this cannot be had now, in a few words; what can be waited for last."""
    if reward["stock"] == 0:
        return saying.none_left()
    barred = eligibility.barred(programme, programme.rewards[reward["id"]], who.member, at=who.at)
    if barred is not None and barred.tier is not None:
        return saying.for_level(programme, barred.tier)
    if barred is not None:
        return reasons.missing(barred.missing, programme, locale=saying.locale())
    if not may:
        return saying.others_spend()
    return saying.more_to_go(unit.said(reward["missing"] or 0, saying.locale()))
