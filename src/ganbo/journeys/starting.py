"""Start from past sales: what comes in and goes is in the audit, and whoever has work to do is woken."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ganbo.features.programmes.fitted import Shop
from ganbo.features.starting import operations
from ganbo.features.starting.operations import Received
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import jobs
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context

TASK, LANE = "starting", "starting"
YEAR = 12  # months that are told of


def shop_of(
    sales: SalesRow, *, cap: int | None = None, store: str = "", organiser: str = "", starts: date | None = None
) -> Shop:
    """What programmes are fitted to: the mean bill, and what a month may cost at most under the cap that was chosen."""
    months = sales.found["months"][-YEAR:]
    a_month = sum(month["revenue"] for month in months) / max(len(months), 1)
    share = sales.cap if cap is None else cap
    return Shop(
        sales.currency, sales.zone, max(round(sales.found["bill"]), 1), max(round(a_month * share / 10_000), 1), store,
        organiser, starts,
    )  # fmt: skip


def wake() -> None:
    """Have the worker look for something to do."""
    jobs.wake(context.current().id, TASK, queue=LANE)


def receive(what: Received, *, by: str, at: datetime) -> None:
    """Keep a file that lies in its folder already, or three numbers. Raises operations.TooMany."""
    with transaction.atomic():
        operations.receive(what, by=by, at=at)
        audit.note(by, "sales.received", f"sales:{what.id}", bytes=what.size)
        wake()


def tell(sales: UUID, columns: Mapping[str, str], anonymous: Sequence[str]) -> None:
    """Which column is what. Raises operations.Gone."""
    with transaction.atomic():
        operations.tell(sales, columns, anonymous)
        wake()


def plan(sales: UUID, *, aim: str, cap: int, kinds: Sequence[tuple[str, int, int]]) -> None:
    """New proposals for an aim. Raises operations.Gone."""
    with transaction.atomic():
        operations.plan(sales, aim=aim, cap=cap, kinds=kinds)
        wake()


def turn(proposal: ProposalRow, *, gift: int, visits: int, months: int, source: str) -> None:
    """Other dials. Raises operations.Gone."""
    with transaction.atomic():
        operations.turn(proposal, gift=gift, visits=visits, months=months, source=source)
        wake()


def add(proposal: ProposalRow, *, gift: int, visits: int, months: int, source: str) -> UUID:
    """The same with other dials beside it. Raises operations.TooManyProposals, Gone."""
    with transaction.atomic():
        made = operations.add(proposal, gift=gift, visits=visits, months=months, source=source)
        wake()
    return made


def tick(sales: UUID, ticks: Mapping[str, Any]) -> None:
    """What the owner says is done. Raises operations.Gone."""
    with transaction.atomic():
        operations.tick(sales, ticks)


def remove(sales: UUID, *, by: str) -> bool:
    """Forget them; their folder is emptied by who asks, before."""
    with transaction.atomic():
        gone = operations.remove(sales)
        if gone:
            audit.note(by, "sales.removed", f"sales:{sales}")
    return gone


def claim_sales(*, at: datetime) -> SalesRow | None:
    """What is to be read next, by this job alone."""
    with transaction.atomic():
        return operations.claim_sales(at=at)


def claim_proposals(*, exact: bool, at: datetime) -> list[ProposalRow]:
    """What is to be tried next, by this job alone."""
    with transaction.atomic():
        return operations.claim_proposals(exact=exact, at=at)


def beat(sales: UUID, *, rows: int, share: float, at: datetime) -> bool:
    """How far the job is."""
    with transaction.atomic():
        return operations.beat(sales, rows=rows, share=share, at=at)


def beat_proposals(ids: Sequence[UUID], *, at: datetime) -> None:
    """The job still works on them."""
    with transaction.atomic():
        operations.beat_proposals(ids, at=at)


def read(sales: SalesRow, *, state: str, problem: str = "", found: Mapping[str, Any] | None = None) -> bool:
    """What the job read."""
    with transaction.atomic():
        return operations.read(sales, state=state, problem=problem, found=found)


def fit(proposal: ProposalRow, *, gift: int, source: str, estimate: Mapping[str, Any]) -> bool:
    """A fitted document with its estimate."""
    with transaction.atomic():
        return operations.fit(proposal, gift=gift, source=source, estimate=estimate)


def found(proposal: ProposalRow, *, exact: Mapping[str, Any]) -> bool:
    """The figures of all members."""
    with transaction.atomic():
        return operations.found(proposal, exact=exact)


def fail(proposal: ProposalRow, problem: str) -> None:
    """It could not be tried."""
    with transaction.atomic():
        operations.fail(proposal, problem)
