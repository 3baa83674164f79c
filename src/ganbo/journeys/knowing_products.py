"""What the list of products adds to a bill: category and labels of a line that names only its SKU, and price lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ganbo.books.events.reading import EventRequest
from ganbo.features.products import queries
from ganbo.features.products.queries import ProductRow
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Pipeline

Known = Mapping[str, ProductRow]


def gather(pipe: Pipeline, schema: str, timeline: Timeline, requests: Sequence[EventRequest]) -> Known:
    """The products on these bills; nothing, without a trip, unless their programmes have `products`."""
    skus = {line["sku"] for r in requests if _wanted(timeline, r.type, r.occurred_at) for line in _lines(r)}
    return queries.known(pipe.run([queries.of_skus(schema, skus)])[0]) if skus else {}


def filled(request: EventRequest, known: Known) -> EventRequest:
    """The purchase with what the list knows of its lines; what a line says itself stays."""
    if not known or not _lines(request):
        return request
    lines = [_filled(line, known.get(line.get("sku") or "")) for line in request.data["lines"]]
    return request._replace(data=request.data | {"lines": lines})


def prices(known: Known) -> dict[str, dict[str, int]]:
    """List → SKU → price."""
    found: dict[str, dict[str, int]] = {}
    for sku, row in known.items():
        for name, price in row.prices.items():
            found.setdefault(name, {})[sku] = price
    return found


def _wanted(timeline: Timeline, type: str, at: datetime) -> bool:
    return type == "purchase" and timeline.at(at).programme.products


def _lines(request: EventRequest) -> list[dict[str, Any]]:
    return [line for line in request.data.get("lines") or () if line.get("sku")]


def _filled(line: dict[str, Any], row: ProductRow | None) -> dict[str, Any]:
    if row is None:
        return line
    more: dict[str, Any] = {} if line.get("category") or not row.category else {"category": row.category}
    return line | more | ({} if line.get("labels") or not row.labels else {"labels": list(row.labels)})
