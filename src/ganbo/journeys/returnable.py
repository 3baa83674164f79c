"""What of a sale can still be returned: its lines with the pieces that are left, and the money. Changes nothing."""

from dataclasses import dataclass

from django.db import transaction

from ganbo.engine.basket import MILLI, Order
from ganbo.engine.programme import Programme
from ganbo.engine.refunds import Left
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import refund_reading
from ganbo.journeys.refund_reading import SaleRow


@dataclass(frozen=True, slots=True)
class LineLeft:
    """One line: `quantity` and `left` in thousandths; `net` of the whole line in minor units; `open`: something is left."""

    place: int
    name: str
    quantity: int
    left: int
    net: int
    open: bool

    @property
    def pieces(self) -> int:
        """Whole pieces left; 0 when it is not counted in pieces."""
        return self.left // MILLI if self.quantity % MILLI == 0 and self.left % MILLI == 0 else 0

    @property
    def untouched(self) -> bool:
        return self.left == self.quantity


@dataclass(frozen=True, slots=True)
class Returnable:
    """A sale: `net` and what is `left` of it in minor units. `lines` is empty for a bare amount."""

    programme: Programme
    lines: tuple[LineLeft, ...]
    net: int
    left: int
    nothing: bool
    undone: bool


def look(sale_id: str) -> Returnable | None:
    """The purchase as its returns have left it; None when there is none of this id."""
    schema = context.current().schema
    timeline = programmes.timeline(schema)
    with transaction.atomic():
        found = refund_reading.sale_row(Pipeline.inside_django(), schema, sale_id, lock=False)
    sale = found.sale(timeline) if found is not None and found.type == "purchase" else None
    if found is None or sale is None or sale.order is None:
        return None
    order = sale.order
    left = found.returns().left(order)
    return Returnable(
        programme=sale.programme,
        lines=_lines(found, order, left),
        net=order.net,
        left=left.net if left else order.net,
        nothing=left is not None and left.nothing,
        undone=found.undone,
    )


def _lines(found: SaleRow, order: Order, left: Left | None) -> tuple[LineLeft, ...]:
    written = found.body.get("lines")
    if not written:
        return ()
    rows = []
    for place, line in enumerate(order.lines):
        share = left.pieces[place] if left else 1
        rows.append(
            LineLeft(
                place=place,
                name=written[place].get("name") or line.sku,
                quantity=line.quantity,
                left=int(line.quantity * share),
                net=line.net,
                open=share > 0,
            )
        )
    return tuple(rows)
