"""What is set aside for sales: holds are read with whoever has any, end when their time is over, and pay their order's sale.

Nothing is read for members who never had one: their balances say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import holds
from ganbo.books.ledger.holds import EXPIRED, Hold
from ganbo.books.ledger.posting import HELD, Cause, Posting
from ganbo.foundation import strict_json
from ganbo.foundation.outbox import operations as outbox
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys.inactivity import Lapse


def order_of(request: EventRequest) -> tuple[str, str]:
    """The order a sale is of: its id, "" when it names none, and its store."""
    return str(request.data.get("order_id") or ""), request.store or ""


def read(
    pipe: Pipeline,
    schema: str,
    balances: Mapping[tuple[UUID, str, str], int],
    requests: Sequence[EventRequest] = (),
) -> list[Hold]:
    """The holds of members who ever had one: those that are open, and those captured ahead of these sales."""
    members = {member for member, _, role in balances if role == HELD}
    if not members:
        return []
    orders = {order_of(request)[0] for request in requests if request.type == "purchase"}
    return holds.of_rows(pipe.run([holds.read(schema, members, orders)])[0])


def database_time(pipe: Pipeline) -> datetime:
    """This instant by the database's clock, by which all that is reserved ends."""
    return datetime.fromisoformat(str(pipe.query("SELECT clock_timestamp()")[0][0]))


def put(posting: Posting, found: Iterable[Hold], lapses: Iterable[Lapse], *, now: datetime) -> None:
    """Let the posting know the holds; those whose time is over end at once, before anything else happens.

    All lots that are to be known of their accounts are known already.
    """
    posting.holds = {hold.id: hold for hold in found}
    gone = {(one.standing.member_id, one.wallet) for one in lapses}
    for hold in [hold for hold in posting.holds.values() if hold.due]:
        why = Cause(holds.cause_of(hold.id), now, holds.RULE)
        posting.resolve(hold, EXPIRED, why, now=now, gone=(hold.member, hold.asset) in gone)


def facts(schema: str, posting: Posting, *, now: datetime) -> list[Statement]:
    """What the world is told of holds placed and resolved."""
    told = [("hold.placed", _body(hold)) for hold in posting.placed]
    told += [
        (f"hold.{end.outcome}", _body(end.hold) | {"captured": end.captured, "cause": end.cause})
        for end in posting.resolved
    ]
    return [outbox.statement(schema, [(topic, strict_json.dumps(body)) for topic, body in told], now)] if told else []


def _body(hold: Hold) -> dict[str, object]:
    named = {"hold_id": str(hold.id), "member_id": str(hold.member), "wallet": hold.asset}
    return named | {"amount": hold.amount, "order_id": hold.order_id or None}
