"""What the world is told: which facts of the outbox lead to which messages.

Facts are taken and the messages they lead to are queued in one transaction, so that a crash loses none and doubles none;
the message's cause is unique besides.
"""

from datetime import datetime
from typing import Any

from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import thank_buyer

SUBSCRIBERS = {
    "event.recorded": [thank_buyer.on_event],
}


def tell(business: BusinessRow, topic: str, body: dict[str, Any], *, at: datetime) -> None:
    """Give one fact to everybody who listens to its topic; runs inside the transaction that removes the fact."""
    for subscriber in SUBSCRIBERS.get(topic, []):
        subscriber(business, body, at=at)
