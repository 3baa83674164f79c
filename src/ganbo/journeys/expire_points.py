"""Points whose time has come leave the books. Idempotent and resumable: an expired lot has nothing left to expire."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import reverse

MOST_MEMBERS = 200  # a round's worth; each member is a transaction of their own


def expire_some(*, at: datetime) -> int:
    """End the lots of up to MOST_MEMBERS members of the current business; returns how many members had one."""
    due = ledger.members_with_expired(at, most=MOST_MEMBERS)
    for member_id, asset in due:
        _expire(member_id, asset, at=at)
    return len(due)


def _expire(member_id: UUID, asset: str, *, at: datetime) -> None:
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        reverse.lock(pipe, member_id)
        posting = Posting(new_id=chance.new_id, balances=ledger.held(member_id))
        for lot in ledger.expired_lots(member_id, asset, at=at):
            posting.expire(member_id, asset, lot, Cause("expiry", lot.expires_at))
        statements = posting.statements(schema, now=at)
        if statements:
            pipe.run(statements)
