"""Drafts for a back-test, made in every process: the rules of the books, living through a file's pasts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from ganbo.books.events.bills import Bill
from ganbo.doors.cli import environment
from ganbo.insights.simulation import totals
from ganbo.insights.simulation.assuming import Assumed
from ganbo.insights.simulation.running import Bills
from ganbo.insights.simulation.totals import Ended

if TYPE_CHECKING:
    from ganbo.journeys.replaying import Member


@dataclass(frozen=True)
class Drafts:
    """What a process needs to make them: the documents' sources, what is supposed, and when it ends."""

    sources: tuple[str, ...]
    assumed: Assumed
    until: datetime


def make(of: Drafts) -> list["Lived"]:
    """The drafts, compiled."""
    environment.start_without_database()
    return [Lived(source, of.assumed, of.until) for source in of.sources]


class Lived:
    """A draft that members live under, by `journeys.replaying`."""

    def __init__(self, source: str, assumed: Assumed, until: datetime) -> None:
        from ganbo.engine import loading
        from ganbo.journeys import replaying

        self._replaying, self._assumed = replaying, assumed
        self._until = until + timedelta(days=1) if assumed.uplift else until
        self.programme = loading.load(source)
        self._timeline = replaying.timeline_of(self.programme)
        self.fair = totals.fair_values(self.programme)
        self.shared = replaying.needs_order(self.programme)

    def live(self, member: str, bills: Sequence[Bill]) -> Ended:
        """One member's past, alone."""
        return self._replaying.live(self._timeline, self._of(member, bills), until=self._until)

    def live_together(self, members: Iterator[Bills]) -> Iterator[Ended]:
        """All members' pasts in the order of time."""
        everybody = (self._of(member, bills) for member, bills in members)
        yield from self._replaying.live_together(self._timeline, everybody, until=self._until)

    def live_all(self, members: Sequence["Member"]) -> Iterator[Ended]:
        """Members with their pasts as they are."""
        if self.shared:
            yield from self._replaying.live_together(self._timeline, members, until=self._until)
        else:
            for one in members:
                yield self._replaying.live(self._timeline, one, until=self._until)

    def _of(self, member: str, bills: Sequence[Bill]) -> "Member":
        assumed = self._assumed
        again = [_a_day_later(bill) for bill in bills if assumed.comes_again(bill.order_id)] if assumed.uplift else []
        return self._replaying.of_bills(
            member,
            [*bills, *again],
            currency=self.programme.currency,
            redeems=assumed.redeems(member),
            signs_up=assumed.signs_up,
        )


def _a_day_later(bill: Bill) -> Bill:
    lines = [line._replace(at=line.at + timedelta(days=1)) for line in bill.lines]
    return Bill(f"{bill.order_id}+", bill.store, lines)


def recorded() -> Iterator["Member"]:
    """The members of the current business with what was recorded of them: their events, and the rewards they took."""
    from ganbo.books.events import queries as events
    from ganbo.features.rewards import queries as rewards
    from ganbo.journeys.replaying import Happening, Member, Redeemed, Undone, of_row

    taken = rewards.redeemed()
    for member, rows in groupby(events.past(), lambda row: row.member_id):
        happened: list[tuple[datetime, Happening]] = []
        for row in rows:
            happened.append((row.occurred_at, of_row(row)))
            if row.reversed_at is not None:
                happened.append((row.reversed_at, Undone(row.reversed_at, row.event_id)))
        for at, reward, quantity in taken.get(member, ()):
            happened += [(at, Redeemed(at, reward))] * quantity
        happened.sort(key=lambda one: one[0])
        yield Member(str(member), [one for _, one in happened], redeems=False)


def live_recorded(draft: "Lived", members: Sequence["Member"], *, step: Callable[[int], None]) -> totals.Totals:
    """What became of them under a draft, in this process; `step` is told of members done."""
    total = totals.Totals()
    for ended in draft.live_all(members):
        total.add(ended, draft.fair)
        step(1)
    return total
