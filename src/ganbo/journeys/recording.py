"""What recording answers and refuses: shared by every journey that records events."""

from datetime import timedelta
from typing import NamedTuple

from ganbo.kernel.refusal import Refusal

FUTURE = timedelta(minutes=10)  # clocks of tills run this far ahead
NEWS = timedelta(hours=24)  # older events are recorded without messages


class MemberUnknown(Refusal):
    """Nobody has this phone, e-mail, card or id here; enrol them first."""

    code = "members.unknown"


class KeyReused(Refusal):
    """This event id was already used for another body; use a new id for a new event."""

    code = "idempotency.key_reused"


class OrderRecorded(Refusal):
    """This store's order was already recorded under another event id."""

    code = "events.order_already_recorded"


class TooLate(Refusal):
    """The event happened longer ago than the programme's `late_days`; import it instead."""

    code = "events.too_late"


class InFuture(Refusal):
    """The event's time is more than ten minutes ahead; check the clock of the till."""

    code = "events.in_future"


class NotYet(Refusal):
    """This version of ganbo cannot do this yet."""

    code = "events.not_yet"


class NotRecorded(Refusal):
    """The database refused this event; nothing of it was kept. It is safe to send it again."""

    code = "events.not_recorded"


class Outcome(NamedTuple):
    """The answer to one event: applied or replayed with its stored JSON, or refused with why."""

    event_id: str
    status: str
    answer: str | None = None
    refusal: Refusal | None = None
