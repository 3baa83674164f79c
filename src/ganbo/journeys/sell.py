"""What a till or another page does one at a time, on Django's connection: record, quote, redeem."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db import transaction

from ganbo.books.events import queries as events
from ganbo.books.events import reading
from ganbo.books.events.reading import EventRequest
from ganbo.foundation import jobs
from ganbo.foundation.pipelines import Pipeline, StatementFailed
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import partner_sales, record_all, redeem_reward
from ganbo.journeys import quote as quoting
from ganbo.journeys.record_events import Asked
from ganbo.journeys.recording import Outcome
from ganbo.journeys.redeem_reward import Given
from ganbo.journeys.redemption_writing import Ask

T = TypeVar("T")


def record(business: BusinessRow, body: dict[str, Any], *, now: datetime) -> Outcome:
    """Record one event given as the API's plain JSON. Raises FieldsRefused when the body is wrong."""
    request = reading.read(body, region=business.country)
    asked = Asked(business, now)
    outcome = _twice(lambda: _record(asked, request))
    jobs.wake(business.id)
    return outcome


def _record(asked: Asked, request: EventRequest) -> Outcome:
    """With a return of a sale to a partner's member its bill in the partner's books is returned, too."""
    outcome = record_all.record_inside(Pipeline.inside_django(), asked, request)
    if request.type == "refund" and outcome.status == "applied":
        sale = next(iter(events.of_orders([request.order_key] if request.order_key else [])), None)
        money = orjson.loads(outcome.answer or "{}").get("refunded", {}).get("amount", 0)
        if sale is not None:
            partner_sales.returned(sale.event_id, request.id, money, by=request.staff or "", now=asked.now)
    return outcome


def quote(business: BusinessRow, body: dict[str, Any], *, now: datetime) -> Outcome:
    """What the event would earn and cost; changes nothing. Raises FieldsRefused when the body is wrong."""
    wish = quoting.read(body, region=business.country)
    return quoting.quote(Pipeline.inside_django(), Asked(business, now), [wish])[0]


def redeem(business: BusinessRow, ask: Ask, *, now: datetime) -> Given:
    """Redeem one reward."""
    return _twice(lambda: redeem_reward.redeem_inside(Pipeline.inside_django(), business, [ask], now=now)[0])


def _twice(work: Callable[[], T]) -> T:
    """In a transaction; once more when another transaction was in the way."""
    try:
        with transaction.atomic():
            return work()
    except StatementFailed as failure:
        if not failure.worth_repeating:
            raise
    with transaction.atomic():
        return work()
