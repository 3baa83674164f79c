"""Empty a business's outbox: each fact becomes the work of its subscribers, in one transaction some facts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from ganbo.foundation.outbox import operations
from ganbo.foundation.tenancy.queries import BusinessRow

MOST_FACTS = 100  # a transaction's worth; a fact tells of up to 200 events
Tell = Callable[..., None]


def publish_some(business: BusinessRow, tell: Tell, *, at: datetime) -> int:
    """Take and tell at most MOST_FACTS facts; returns how many there were."""
    with transaction.atomic():
        facts = operations.take(MOST_FACTS)
        bodies: list[tuple[str, dict[str, Any]]] = [(fact.topic, orjson.loads(fact.body)) for fact in facts]
        if bodies:
            tell(business, bodies, at=at)
    return len(facts)
