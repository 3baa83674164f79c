"""Holds against a plain count: any history of holding, capturing, letting go, waiting too long, selling and ending."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger import hold_queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, holds, join, verify_books
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person
from tests.journeys import test_holds
from tests.journeys.test_holds import event, ripen, sale
from tests.journeys.test_record_events import record

PROGRAMME = test_holds.PROGRAMME
SOON = timedelta(days=11)  # after the end of what `checkin` gives


@dataclass
class Held:
    """A hold: what it keeps of points that end soon, and of those that last."""

    soon: int
    lasting: int
    order: str
    state: str = "held"
    ahead: int = 0  # captured by hand, and not told by the sale of its order yet


@dataclass
class Model:
    """Points in two heaps: those that end soon, paid from first, and those that last."""

    soon: int = 0
    lasting: int = 0
    over: bool = False  # the first heap's end has come
    holds: dict[UUID, Held] = field(default_factory=dict)

    @property
    def usable(self) -> int:
        return self.lasting + (0 if self.over else self.soon)

    def take(self, amount: int) -> tuple[int, int]:
        soon = 0 if self.over else min(self.soon, amount)
        self.soon, self.lasting = self.soon - soon, self.lasting - (amount - soon)
        return soon, amount - soon

    def resolve(self, hold: UUID, state: str, captured: int = 0) -> None:
        held = self.holds[hold]
        held.state, first = state, min(held.soon, captured)
        self.soon += 0 if self.over else held.soon - first
        self.lasting += held.lasting - (captured - first)

    def end(self) -> None:
        self.soon, self.over = 0, True


class Told:
    """Real parts and the model, side by side."""

    def __init__(self, shop: Any) -> None:
        self.shop, self.model, self.now = shop, Model(), clock.now()
        self.member = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=self.now).member_id)

    def earn(self, type: str) -> None:
        if type == "checkin" and self.model.over:
            return
        assert record(self.shop, event(self.member, type))[0].status == "applied"
        if type == "checkin":
            self.model.soon += 500
        else:
            self.model.lasting += 1000

    def hold(self, amount: int, order: str) -> None:
        wish = holds.Wish(UUID(self.member), "points", amount, order_id=order)
        self.refused_unless(amount <= self.model.usable, lambda: self._placed(wish))

    def _placed(self, wish: holds.Wish) -> None:
        id = holds.place(wish, by="t", now=self.now).id
        self.model.holds[id] = Held(*self.model.take(wish.amount), wish.order_id)

    def resolve(self, place: int, how: str, part: int) -> None:
        if not self.model.holds:
            return
        id = list(self.model.holds)[place % len(self.model.holds)]
        held = self.model.holds[id]
        amount = min(part, held.soon + held.lasting)

        def done() -> None:
            if how == "capture":
                holds.capture(id, amount, by="t", now=self.now)
            elif how == "void":
                holds.void(id, by="t", now=self.now)
            else:
                ripen(id)
            outcome = {"capture": "captured", "void": "voided", "ripen": "expired"}[how]
            self.model.resolve(id, outcome, amount if how == "capture" else 0)
            held.ahead = amount if how == "capture" else 0

        if how != "ripen" or held.state == "held":
            self.refused_unless(held.state == "held", done)

    def sell(self, units: int, order: str) -> None:
        mine = [
            (id, held, held.soon + held.lasting if held.state == "held" else held.ahead)
            for id, held in self.model.holds.items()
            if order and held.order == order
        ]
        kept = sum(there for _, _, there in mine)
        body = sale(self.member, 9_000_000, ("points", units * 100), ("cash", 9_000_000 - units * 100))
        body["data"]["order_id"] = order or body["data"]["order_id"]
        body["store"] = f"s{chance.digits(9)}"
        outcome = record(self.shop, body, now=self.now)[0]
        assert (outcome.status == "applied") == (units <= self.model.usable + kept)
        if outcome.status == "applied":
            left = units
            for id, held, there in mine:
                part = min(left, there)
                left -= part
                if held.state == "held":
                    self.model.resolve(id, "captured" if part else "voided", part)
                elif part:
                    held.ahead = 0
            self.model.take(left)  # what came back of a hold is not needed then: `left` is 0
            self.model.lasting += 900

    def end(self) -> None:
        self.model.end()
        self.now = max(self.now, clock.now() + SOON)
        while expire_points.expire_some(at=self.now):
            pass

    def book(self) -> None:
        while holds.release_some(at=self.now):
            pass

    def refused_unless(self, may: bool, work: Callable[[], None]) -> None:
        try:
            work()
        except Refusal:
            assert not may
        else:
            assert may

    def agrees(self) -> None:
        stands = test_holds.stands(self.member, at=self.now)
        kept = sum(h.soon + h.lasting for h in self.model.holds.values() if h.state == "held")
        assert stands == (self.model.usable, kept, 0)
        states = {row.id: row.state for row in hold_queries.rows(member=UUID(self.member), most=500)}
        assert states == {id: held.state for id, held in self.model.holds.items()}


ORDERS = st.sampled_from(["", "", "A", "B"])
STEPS = st.one_of(
    st.tuples(st.just("earn"), st.sampled_from(["visit", "checkin"])),
    st.tuples(st.just("hold"), st.integers(1, 1200), ORDERS),
    st.tuples(
        st.just("resolve"), st.integers(0, 9), st.sampled_from(["capture", "void", "ripen"]), st.integers(1, 900)
    ),
    st.tuples(st.just("sell"), st.integers(1, 1500), ORDERS),
    st.tuples(st.just("end")),
    st.tuples(st.just("book")),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_any_history_of_holds_is_counted_right(shop: Any, steps: list[tuple[Any, ...]]) -> None:
    with context.within(shop):
        told = Told(shop)
        told.earn("visit")
        told.earn("checkin")
        for name, *given_ in steps:
            getattr(told, name)(*given_)
            told.agrees()
        told.book()
        told.agrees()
        assert verify_books.verify().differences == ()
