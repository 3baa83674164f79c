"""What the world is told: which facts of the outbox lead to which messages.

Facts are taken and the messages they lead to are queued in one transaction, so that a crash loses none and doubles none;
the message's cause is unique besides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import thank_buyer

SUBSCRIBERS = {
    "events.recorded": [thank_buyer.on_events],
}


def tell(business: BusinessRow, facts: Sequence[tuple[str, dict[str, Any]]], *, at: datetime) -> None:
    """Give facts (topic, body) to everybody who listens to their topic; runs in the transaction that removes them."""
    for topic, subscribers in SUBSCRIBERS.items():
        bodies = [body for found, body in facts if found == topic]
        for subscriber in subscribers if bodies else ():
            subscriber(business, bodies, at=at)
