"""The document's own tests: publishing runs them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ganbo.engine import basket, offers
from ganbo.engine.decide import decide
from ganbo.engine.facts import Facts, MemberFacts, StampState
from ganbo.engine.programme import Programme
from ganbo.engine.proposing import proposed
from ganbo.engine.stacking import begin
from ganbo.engine.text import Path


@dataclass(frozen=True, slots=True)
class ExampleFailure:
    """An example whose result differs: which (from 0), what was expected and what came; or why it could not run.

    Of a story: after which step (from 0); when it broke off there, `refused` is the code of the refusal.
    """

    place: int
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    problem: str = ""
    step: int | None = None
    refused: str = ""

    @property
    def path(self) -> Path:
        """Where it stands in the document."""
        return ("examples", self.place) if self.step is None else ("examples", self.place, "story", self.step)


def run(programme: Programme) -> tuple[ExampleFailure, ...]:
    """Judge every example of one event that needs no books; empty when all agree. What is not expected is not compared."""
    failures = []
    for place, example in enumerate(programme.examples):
        if needs_books(example):
            continue
        expected: Mapping[str, Any] = example.get("expect", {})
        try:
            got = _judge(programme, example)
        except basket.FieldRefused as refusal:
            detail = "; ".join(f"data.{field}: {code}" for field, code, _ in refusal.errors)
            failures.append(ExampleFailure(place, expected, {}, detail))
            continue
        except ValueError as failure:
            failures.append(ExampleFailure(place, expected, {}, str(failure)))
            continue
        if differs(expected, got):
            failures.append(ExampleFailure(place, expected, {key: got.get(key, 0) for key in expected}))
    return tuple(failures)


_OF_BOOKS = {
    "owed_by",
    "balances",
    "owed",
    "pending",
    "expired",
    "cards",
    "tier",
    "units",
    "units_ended",
    "handed_back",
}


def needs_books(example: Mapping[str, Any]) -> bool:
    """Whether an example is a story, or expects of one event what only the member's books can tell."""
    return "story" in example or not _OF_BOOKS.isdisjoint(example.get("expect", {}))


def differs(expected: Mapping[str, Any], got: Mapping[str, Any]) -> bool:
    """Whether anything that was expected came out differently; what is absent counts as none."""
    for key, wanted in expected.items():
        found = got.get(key, {} if isinstance(wanted, Mapping) else 0)
        if isinstance(wanted, Mapping):
            if differs(wanted, found):
                return True
        elif found != wanted:
            return True
    return False


def _judge(programme: Programme, example: Mapping[str, Any]) -> dict[str, Any]:
    event = example["event"]
    occurred_at = datetime.fromisoformat(event["occurred_at"])
    if occurred_at.tzinfo is None:
        raise ValueError("occurred_at needs an offset, like 2026-11-24T17:00:00+07:00")
    purchase = event["type"] == "purchase"
    order = _order(event.get("data", {}), programme.currency) if purchase else None
    given = example.get("given", {}).get("member", {})
    member = MemberFacts(
        id="example",
        tier=given.get("tier") or programme.first_tier,
        age_days=given.get("age_days", 0),
        purchases=given.get("purchases", 0) + (1 if purchase else 0),
        spend=given.get("spend", 0) + (order.net if order else 0),
        visits=given.get("visits", 0) + 1,
        days_since_purchase=given.get("days_since_purchase", -1),
        stamps={card: StampState(count, begun=True) for card, count in given.get("stamps", {}).items()},
    )
    facts = Facts(
        type=event["type"],
        occurred_at=occurred_at,
        member=member,
        store=event.get("store"),
        channel=event.get("channel"),
        staff=None,
        data=event.get("data", {}),
        order=order,
        carried={},
        used={},
    )
    if order is not None and programme.offers:
        facts = _priced(facts, order, programme)
    decision = decide(facts, programme)
    got: dict[str, Any] = {"stamps": {}, "vouchers": {}, "pay": facts.order.total if facts.order else 0}
    for effect in decision.effects:
        got[effect.wallet] = got.get(effect.wallet, 0) + effect.amount
    for stamp in decision.stamps:
        got["stamps"][stamp.card] = stamp.added
    for voucher in decision.vouchers:
        got["vouchers"][voucher.reward] = got["vouchers"].get(voucher.reward, 0) + 1
    return got


def _priced(facts: Facts, order: basket.Order, programme: Programme) -> Facts:
    """The purchase as a till records it, after offers."""
    held, _ = offers.holding(programme, facts)
    reduced = offers.reduce(order, held, itemised=facts.data.get("lines") is not None)
    if not reduced.taken:
        return facts
    data = proposed(facts.data, reduced.order, begin(reduced.order))
    data |= {"offers": [{"offer": one.offer, "amount": one.amount} for one in reduced.taken]}
    after = basket.order_of(data, programme.currency)
    member = facts.member
    if member is not None:
        member = replace(member, spend=member.spend - order.net + after.net)
    return replace(facts, data=data, order=after, member=member)


def _order(told: Mapping[str, Any], currency: str) -> basket.Order:
    """The order of an example, its amounts checked as a door would check them. Raises ValueError."""
    lines = told.get("lines")
    if (lines is None) == ("amount" not in told):
        raise ValueError("data needs either lines or a whole amount")
    if lines is not None and not (isinstance(lines, list) and lines and all(isinstance(one, dict) for one in lines)):
        raise ValueError("data.lines must be a list of lines")
    for line in lines or ():
        _whole(line, ("unit_price", "discount", "tax"))
        if "unit_price" not in line:
            raise ValueError("a line needs its unit_price")
        _quantity(line.get("quantity", 1))
    _whole(told, ("amount", "shipping", "discount"))
    return basket.order_of(told, currency)


def _quantity(told: Any) -> None:
    try:
        fits = type(told) is not bool and Decimal(told) > 0 and Decimal(told) * basket.MILLI % 1 == 0
    except (ArithmeticError, TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError("quantity must be a number with at most three decimals")


def _whole(told: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in told and (type(told[name]) is not int or told[name] < 0):
            raise ValueError(f"{name} must be a whole number of minor units")
