"""Start from past sales: what waits in a business, one thing after the other, the quickest first."""

import logging
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from uuid import UUID

from ganbo.doors.worker import apart
from ganbo.features.starting.queries import ProposalRow
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context, queries
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import starting

logger = logging.getLogger(__name__)


def work(business: BusinessRow) -> None:
    """Until nothing waits. Estimates come first: somebody looks at the page while they are made."""
    while some(business):
        pass


def some(business: BusinessRow) -> bool:
    """Estimates of proposals, else past sales to read, else proposals to try on everybody; False: nothing waits."""
    from ganbo.doors.worker import trying

    waiting = starting.claim_proposals(exact=False, at=clock.now())
    if waiting:
        try:
            trying.estimate(business, waiting)
        except Exception:
            _failed(waiting, "fault")
            raise
        return True
    sales = starting.claim_sales(at=clock.now())
    if sales is not None:
        try:
            apart.run(_read, business.id, sales.id)
        except BrokenProcessPool:
            logger.exception("%s: reading sales was ended", business.slug)
            starting.read(sales, state="failed", problem="ended")
        return True
    waiting = starting.claim_proposals(exact=True, at=clock.now())
    if waiting:
        try:
            apart.run(_try, business.id, waiting[0].sales)
        except BrokenProcessPool:
            logger.exception("%s: trying programmes was ended", business.slug)
            _failed(waiting, "ended")
        except Exception:
            _failed(waiting, "fault")
            raise
        return True
    return False


def _failed(waiting: Sequence[ProposalRow], problem: str) -> None:
    """Said on the page, so that nobody waits for it and no job takes it up for ever."""
    for one in waiting:
        starting.fail(one, problem)


def _read(business_id: int, sales: UUID) -> None:
    from ganbo.doors.worker import reading_sales

    business = queries.by_id(business_id)
    if business is not None:
        with context.within(business):
            reading_sales.read(business, sales)


def _try(business_id: int, sales: UUID) -> None:
    from ganbo.doors.worker import trying

    business = queries.by_id(business_id)
    if business is not None:
        with context.within(business):
            trying.exact(business, sales)
