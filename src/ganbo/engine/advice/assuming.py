"""What the advice supposes of a typical member, and what such a member gets in a year by the rules themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from ganbo.engine import basket
from ganbo.engine.decide import Decision, decide
from ganbo.engine.facts import Facts, MemberFacts, StampState, Used
from ganbo.engine.limits import UsageKey
from ganbo.engine.programme import Programme
from ganbo.kernel import money

_BILLS = {"VND": 100_000, "JPY": 600, "KRW": 6_000, "IDR": 65_000}  # a café's bill in minor units
_ORDINARY = date(2027, 3, 10)  # a Wednesday without a feast
_VISITS_JUDGED = 12  # so that what is carried over counts
MONTHS = 12
_Before = tuple[Mapping[str, int], Mapping[UsageKey, Used]]  # what is carried over, what limits have used


@dataclass(frozen=True, slots=True)
class Assumptions:
    """`bill` in minor units, None: the median of the document's own purchases, else a café's. Shares are fractions of 1."""

    visits_a_month: int = 2
    bill: int | None = None
    members: int = 1_000
    margin: Fraction = Fraction(3, 10)  # what may be given back of the spend
    keen: int = 4  # how many times as much a keen member buys as a typical one
    usable_days: int = 7  # how long points must be usable at least
    followed: int = 7  # how many rules, rewards or cards a member can follow
    goals: int = 3  # how many things to collect for at once


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical member. For one visit: `units` by wallet, `stamps` by card, `vouchers` by rule; `once`: by wallet, for joining."""

    assumed: Assumptions
    bill: int
    from_examples: bool
    pieces: Fraction
    units: Mapping[str, Fraction]
    once: Mapping[str, int]
    stamps: Mapping[str, Fraction]
    vouchers: Mapping[str, Fraction]

    @property
    def visits(self) -> int:
        """In a year."""
        return self.assumed.visits_a_month * MONTHS

    def earned(self, wallet: str, months: Fraction | int = MONTHS) -> Fraction:
        """Units in so many months, joining included."""
        a_month = self.units.get(wallet, Fraction(0)) * self.assumed.visits_a_month
        return self.once.get(wallet, 0) + a_month * months


def typical(programme: Programme, assumed: Assumptions) -> Typical:
    """What the rules give for an ordinary bill on an ordinary Wednesday morning to a member of the first tier."""
    data, from_examples = _bill(programme, assumed)
    order = basket.order_of(data, programme.currency)
    units: dict[str, Fraction] = {}
    stamps: dict[str, Fraction] = {}
    vouchers: dict[str, Fraction] = {}
    before: _Before = ({}, {})
    for visit in range(_VISITS_JUDGED):
        decision = decide(_facts(programme, "purchase", order, data, visit=visit, before=before), programme)
        before = _and(before, decision)
        for given in decision.vouchers:
            vouchers[given.rule] = vouchers.get(given.rule, Fraction(0)) + Fraction(1, _VISITS_JUDGED)
        for effect in decision.effects:
            units[effect.wallet] = units.get(effect.wallet, Fraction(0)) + Fraction(effect.amount, _VISITS_JUDGED)
        for stamp in decision.stamps:
            stamps[stamp.card] = stamps.get(stamp.card, Fraction(0)) + Fraction(stamp.added, _VISITS_JUDGED)
    once: dict[str, int] = {}
    for effect in decide(_facts(programme, "signup", None, {}, visit=0, before=({}, {})), programme).effects:
        once[effect.wallet] = once.get(effect.wallet, 0) + effect.amount
    pieces = Fraction(order.quantity, basket.MILLI)
    return Typical(assumed, order.net, from_examples, pieces, units, once, stamps, vouchers)


def _and(before: _Before, decision: Decision) -> _Before:
    """What is carried over and what limits have used, after a decision."""
    carried, used = before
    used = dict(used)
    for part in decision.consumed:
        key = (part.subject, part.rule, part.period)
        was = used.get(key, Used(0, 0, 0))
        used[key] = Used(was.count + part.count, was.points + part.points, was.money + part.money)
    return {**carried, **decision.carried}, used


def _bill(programme: Programme, assumed: Assumptions) -> tuple[dict[str, Any], bool]:
    """The data of a typical purchase, and whether the document's examples show it; scaled to an assumed bill."""
    shown = sorted(_examples(programme), key=lambda one: one[0])
    if not shown:
        fallback = _BILLS.get(programme.currency, 4 * 10 ** money.digits(programme.currency))
        return {"amount": assumed.bill or fallback}, False
    net, data = shown[len(shown) // 2]
    if assumed.bill is None or assumed.bill == net:
        return data, True
    lines = [
        {**line, "unit_price": max(line.get("unit_price", 0) * assumed.bill // net, 1), "discount": 0}
        for line in data.get("lines", [])
    ]
    return ({"lines": lines} if lines else {"amount": assumed.bill}), True


def _examples(programme: Programme) -> list[tuple[int, dict[str, Any]]]:
    """(net, data) of every purchase in the examples that can be read; of the stories when there are none.

    A story hurries: what takes a member a year happens in a few large bills.
    """
    plain = [example for example in programme.examples if "event" in example]
    told = [step for example in programme.examples for step in example.get("story", ())]
    return _purchases(programme, plain) or _purchases(programme, told)


def _purchases(programme: Programme, steps: Iterable[Mapping[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for event in [step["event"] for step in steps if "event" in step]:
        if event.get("type") != "purchase":
            continue
        data = {key: value for key, value in event.get("data", {}).items() if key in ("lines", "amount")}
        try:
            net = basket.order_of(data, programme.currency).net
        except (ValueError, KeyError, TypeError):
            continue  # the examples say by themselves that it cannot be read
        if net > 0:
            found.append((net, data))
    return found


def _facts(
    programme: Programme,
    kind: str,
    order: basket.Order | None,
    data: Mapping[str, Any],
    *,
    visit: int,
    before: _Before,
) -> Facts:
    """An ordinary member well after the first purchases, so that no rule for a special one holds."""
    at = datetime.combine(_ORDINARY + timedelta(weeks=2 * visit), time(10), programme.timezone).astimezone(UTC)
    bought = 101 + visit
    return Facts(
        type=kind,
        occurred_at=at,
        member=MemberFacts(
            id="typical",
            tier=programme.first_tier,
            age_days=400 + 14 * visit,
            purchases=bought,
            spend=bought * (order.net if order else 0),
            visits=bought,
            days_since_purchase=14,
            stamps={card.id: StampState(begun=True) for card in programme.cards},
        ),
        store=None,
        channel=None,
        staff=None,
        data=data,
        order=order,
        carried=before[0],
        used=before[1],
    )
