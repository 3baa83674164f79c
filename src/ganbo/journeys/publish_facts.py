"""Empty a business's outbox: each fact becomes the work of its subscribers, in one transaction a hundred facts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from ganbo.foundation.outbox import operations
from ganbo.foundation.tenancy.queries import BusinessRow

MOST_FACTS = 200  # a transaction's worth
Tell = Callable[..., None]


def publish_some(business: BusinessRow, tell: Tell, *, at: datetime) -> int:
    """Take and tell at most MOST_FACTS facts; returns how many there were."""
    with transaction.atomic():
        facts = operations.take(MOST_FACTS)
        for fact in facts:
            body: dict[str, Any] = orjson.loads(fact.body)
            tell(business, fact.topic, body, at=at)
    return len(facts)
