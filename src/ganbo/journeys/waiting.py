"""Refunds that waited for their sale settle with it: in its transaction, right after it was judged. No database.

A sale without a member settles nothing: its refunds wait on, until it is claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import refunds
from ganbo.engine.facts import Used
from ganbo.engine.programme import Programme
from ganbo.foundation.pipelines import Statement
from ganbo.journeys import refund_answers, refund_writing, returned_points
from ganbo.journeys.gathering import Standing, UsageKey
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.refund_reading import RefundRow
from ganbo.journeys.refund_writing import SettledLater
from ganbo.journeys.settling import Books, Held, Returns, State, sale_of, settle


@dataclass(frozen=True, slots=True)
class Told:
    """A sale as it was just judged."""

    event_id: str
    type: str
    occurred_at: datetime
    data: dict[str, object]
    answer: str
    trace: str
    store: str | None = None


@dataclass
class Waiting:
    """What waited, by order key, and what came of it."""

    rows: dict[str, list[RefundRow]]
    vouchers: dict[UUID, list[Held]]  # by member: those of stamp cards
    settled: list[SettledLater] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    changed: dict[UUID, str] = field(default_factory=dict)
    used: dict[UsageKey, tuple[int, int, int]] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)  # sales of which nothing is left: their vouchers come back

    def settle(
        self,
        told: Told,
        standing: Standing,
        posting: Posting,
        *,
        order_key: str,
        programme: Programme,
        counting: Programme,
        given: Sequence[GivenVoucher],
        now: datetime,
        locale: str,
    ) -> None:
        """Settle the refunds of one order, one after the other, each with an answer of its own.

        `programme` judged the sale, `counting` keeps the member's counters.
        """
        sale = sale_of(
            told.event_id,
            told.type,
            occurred_at=told.occurred_at,
            body=told.data,
            answer=told.answer,
            trace=told.trace,
            programme=programme,
            counting=counting,
            store=told.store,
        )
        vouchers = self.vouchers.setdefault(standing.member_id, [])
        vouchers += [_held(v, told.event_id) for v in given]
        spent = returned_points.just_burnt(posting, sale)
        returns, state = Returns(), self.states.setdefault(told.event_id, {})
        for row in self.rows[order_key]:
            if not row.counts:
                continue
            books = Books(posting, standing, now, vouchers, state, self.used, self.changed)
            after = returns.plus(refunds.read(row.data))
            why = Cause(row.event_id, row.occurred_at)
            done = settle(books, sale, returns, after, why)
            back = returned_points.give(posting, sale, (returns, after), spent=spent, why=why, now=now)
            done = replace(done, rows=(*done.rows, *back))
            said = refund_answers.answered(
                row.event_id,
                done,
                status="applied",
                standing=standing,
                posting=posting,
                programme=programme,
                locale=locale,
            )
            self.settled.append(SettledLater(row.event_id, standing.member_id, said.answer, said.trace))
            returns = after
            if done.nothing_left:
                self.emptied.add(told.event_id)

    def live_again(self, member: UUID, rule: str) -> bool:
        """A voucher of a milestone or challenge that a return had taken lives again, if it was read; whether it was."""
        for voucher in self.vouchers.get(member, ()):
            if voucher.aim == rule and voucher.state == "void":
                voucher.state = self.changed[voucher.id] = "issued"
                return True
        return False

    def statements(self, schema: str, *, now: datetime) -> list[Statement]:
        """What settling wrote, beside the books and the standing."""
        return [
            *refund_writing.voucher_states(schema, self.changed),
            *refund_writing.settlements(schema, self.states),
            *refund_writing.settled_later(schema, self.settled, now=now),
        ]

    def used_after(self, used: dict[UsageKey, Used]) -> dict[UsageKey, tuple[int, int, int]]:
        """What events used of limits, less what returns gave back."""
        found = {key: (u.count, u.points, u.money) for key, u in used.items()}
        for key, back in self.used.items():
            before = found.get(key, (0, 0, 0))
            found[key] = (before[0] + back[0], before[1] + back[1], before[2] + back[2])
        return found


NOTHING_WAITS = Waiting({}, {})


def _held(voucher: GivenVoucher, sale: str) -> Held:
    """A voucher of this very batch."""
    card = voucher.rule.removeprefix("card:") if voucher.source == "card" else ""
    aim = voucher.rule if voucher.source in ("milestone", "challenge") else ""
    return Held(voucher.id, voucher.reward, card, voucher.cause == sale, "issued", True, voucher.expires_at, aim)
