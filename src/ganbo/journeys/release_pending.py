"""Pending points whose wait is over become usable; those whose event never came are let go.

Idempotent and resumable: what was released or cancelled has nothing left to release.
"""

from datetime import datetime

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Posting
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering

MOST_PARTS = 200  # a transaction's worth: their members wait for it


def release_some(*, at: datetime) -> int:
    """Settle up to MOST_PARTS due points of the current business; returns how many members had some."""
    schema = context.current().schema
    members = ledger.members_with_pending_due(at, most=MOST_PARTS)
    if not members:
        return 0
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        gathering.lock(pipe, schema, members)
        due = ledger.pending_due(members, at=at)
        posting = Posting(chance.new_id, ledger.held(*members), pending={part.id: part for part in due})
        for part in due:
            if part.awaits:
                posting.cancel(part, at=part.usable_at)
            else:
                posting.release(part, at=part.usable_at)
        statements = posting.statements(schema, now=at)
        if statements:
            pipe.run(statements)
    return len(members)
