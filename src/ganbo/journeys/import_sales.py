"""Sales of another system come in as events of the past, through the very path of every sale, each order once.

An event's id is made of its store, order, kind and place among the order's returns: the file told again, or an import that was
broken off, writes nothing twice. Unless asked to, such sales count (visits, spend, levels) and give nothing: what they brought
stands in the balances that come over, too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from ganbo.books.events import bills, queries, reading
from ganbo.books.events.bills import Bill
from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import ISSUED, account_id
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.journeys import import_members, record_all, record_events
from ganbo.journeys.import_members import Newcomer
from ganbo.journeys.record_events import Asked
from ganbo.journeys.recording import KeyReused, MemberUnknown, OrderRecorded
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import operations

CHUNK = 250  # events a transaction
CHANNEL = "import"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An order that is not taken, or not whole; `what` is the field or event it stumbled over."""

    order_id: str
    reason: str
    what: str = ""


@dataclass(slots=True)
class Outlook:
    """How many sales and returns are new, were in already, or are not taken; what the new sales come to, in minor units."""

    counts: Counter[str] = field(default_factory=lambda: Counter(sales=0, returns=0, known=0, without_member=0))
    amount: int = 0
    units: Counter[str] = field(default_factory=Counter)  # by wallet, what new sales give before returns; foreseen only
    refused: list[NotTaken] = field(default_factory=list)


def events(bill: Bill, member: UUID | None, *, currency: str, region: str) -> list[EventRequest]:
    """The sale of a bill and its returns, as events to be recorded. Raises FieldsRefused for what no event can hold."""
    made, seen = list[EventRequest](), Counter[datetime]()
    for told in bills.requests(bill, ("id", str(member or "")), currency):
        name = f"{bill.store or ''}\x1f{bill.order_id}"  # an order is sold once: when is no part of its name
        if told.type == "refund":  # by the clocks of the file, wherever they stand
            seen[told.occurred_at] += 1
            when = told.occurred_at.replace(tzinfo=None).isoformat()
            name += f"\x1f{told.type}\x1f{when}\x1f{seen[told.occurred_at]}"
        value: dict[str, Any] = {
            "id": f"import:{blake2b(name.encode(), digest_size=16).hexdigest()}",
            "type": told.type,
            "occurred_at": told.occurred_at.isoformat(),
            "channel": CHANNEL,
            "data": _plain(told.data),
        }
        if bill.store:
            value["store"] = bill.store
        if member is not None:
            value["member"] = {"id": str(member)}
        made.append(reading.read(value, region=region))
    return made


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Quantities in parts as text, which is held exactly."""
    lines = data.get("lines")
    if lines is None:
        return dict(data)
    kept = [{n: v if isinstance(v, int | str) else str(v) for n, v in line.items()} for line in lines]
    return {**data, "lines": kept}


def look(requests: Sequence[EventRequest], outlook: Outlook) -> None:
    """Add what a chunk would bring; changes nothing."""
    known = queries.hashes(request.id for request in requests)
    keys = [r.order_key for r in requests if r.order_key and r.type == "purchase" and r.id not in known]
    taken = queries.sold(keys)
    for request in requests:
        other = taken.get(request.order_key or "") if request.type == "purchase" else None
        if other is not None and request.id not in known:
            outlook.refused.append(NotTaken(_order(request), "order_recorded", other))
        elif request.id not in known:
            _note(outlook, request)
        elif known[request.id] == request.body_hash:
            outlook.counts["known"] += 1
        else:
            outlook.refused.append(NotTaken(_order(request), "other_sale"))


def bring_in(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest], outlook: Outlook) -> None:
    """Record a chunk, in transactions of its own, and add what was done. Raises ConnectionLost: run again."""
    for request, told in zip(requests, record_all.record(pipe, asked, requests), strict=True):
        if told.status == "replayed":
            outlook.counts["known"] += 1
        elif told.refusal is None:
            _note(outlook, request)
        else:
            outlook.refused.append(NotTaken(_order(request), *_reason(told.refusal)))


def foresee(
    asked: Asked, requests: Sequence[EventRequest], newcomers: Mapping[UUID, Newcomer], outlook: Outlook
) -> None:
    """Add what the sales of a chunk would give, by wallet: judged as they will be recorded, and undone.

    Exact for members all of whose sales stand in the chunk; `newcomers`: those of them who would be enrolled first.
    """
    sales = [request for request in requests if request.type == "purchase" and request.member is not None]
    if not sales:
        return
    with transaction.atomic():
        operations.enrol_many([(member, one.person, one.joined_at, None) for member, one in newcomers.items()])
        batch = record_events.foresee(Pipeline.inside_django(), asked, sales)
        transaction.set_rollback(True)
    counters = {account_id(ISSUED, move.asset): move.asset for move in batch.posting.transfers}
    for move in batch.posting.transfers:
        if move.debit in counters and not move.asset.startswith("stamp:"):
            outlook.units[move.asset] += move.amount


def enrol(newcomers: Sequence[Newcomer], *, now: datetime) -> int:
    """Enrol the buyers nobody knows yet, a chunk a transaction; how many. Raises NoProgramme."""
    return sum(
        len(import_members.bring_in(newcomers[begun : begun + import_members.CHUNK], now=now).new)
        for begun in range(0, len(newcomers), import_members.CHUNK)
    )


def _note(outlook: Outlook, request: EventRequest) -> None:
    if request.type == "refund":
        outlook.counts["returns"] += 1
        return
    outlook.counts["sales"] += 1
    outlook.counts["without_member"] += request.member is None
    lines = request.data["lines"]
    outlook.amount += sum(_net(line) for line in lines)


def _net(line: Mapping[str, Any]) -> int:
    """Minor units of a line, rounded as the basket does."""
    gross = (Decimal(str(line["quantity"])) * line["unit_price"]).quantize(Decimal(1), ROUND_HALF_UP)
    return int(gross) - int(line.get("discount", 0))


def _order(request: EventRequest) -> str:
    return str(request.data["order_id"])


def _reason(refusal: Refusal) -> tuple[str, str]:
    if isinstance(refusal, OrderRecorded):
        return "order_recorded", str(refusal.params["event_id"])
    if isinstance(refusal, KeyReused):
        return "other_sale", ""
    if isinstance(refusal, MemberUnknown):
        return "unknown_member", ""
    return "refused_sale", refusal.code


def chunks(made: Iterable[list[EventRequest]]) -> Iterator[list[EventRequest]]:
    """Events of whole orders, about CHUNK at a time."""
    waiting = list[EventRequest]()
    for one in made:
        waiting += one
        if len(waiting) >= CHUNK:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def whole_members(made: Iterable[list[EventRequest]]) -> Iterator[list[EventRequest]]:
    """As `chunks`, of orders sorted by member: nobody's orders stand in two."""
    people = groupby(made, key=lambda one: one[0].member if one else None)
    return chunks([request for one in some for request in one] for _, some in people)


def note(counts: Mapping[str, int], *, by: str) -> None:
    """Write in the audit what an import did, in numbers."""
    with transaction.atomic():
        audit.note(by, "sales.imported", "", **counts)
