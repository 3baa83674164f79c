"""Record whatever comes, in order: sales, visits and the like in batches, each return by itself between them."""

from collections.abc import Sequence
from itertools import groupby

from ganbo.books.events.reading import EventRequest
from ganbo.foundation.pipelines import Pipeline
from ganbo.journeys import record_events, refunding
from ganbo.journeys.record_events import Asked
from ganbo.journeys.recording import Outcome


def record(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> list[Outcome]:
    """Answer every request in order, in transactions of their own. Raises ConnectionLost: ask again, the ids make it safe."""
    outcomes: list[Outcome] = []
    for returns, group in groupby(requests, lambda request: request.type == "refund"):
        together = list(group)
        if returns:
            outcomes += [refunding.record(pipe, asked, request) for request in together]
        else:
            outcomes += record_events.record(pipe, asked, together)
    return outcomes


def record_inside(pipe: Pipeline, asked: Asked, request: EventRequest) -> Outcome:
    """Record one event inside a transaction that another journey has begun on `pipe`."""
    if request.type == "refund":
        return refunding.record_inside(pipe, asked, request)
    return record_events.record_inside(pipe, asked, [request])[0]
