"""Give points that were there before a version the end its expiry gives them: batch by batch, through the books.

Idempotent and resumable: a lot that already has that end stays, and how far it came is kept with the version.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.lots import NEVER
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine.expiry import Expiry
from ganbo.engine.redating import new_end
from ganbo.features.programmes import operations
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering

MOST_MEMBERS = 200  # a transaction's worth: they wait for it
Policies = Mapping[str, tuple[tuple[Expiry, ...], Expiry]]  # wallet → former policies, new one


def redate_some(*, at: datetime) -> bool:
    """One batch of the oldest version that has some left; False when nothing is left to do."""
    schema = context.current().schema
    with transaction.atomic():
        job = operations.next_redating(at=at)
        if job is None:
            return False
        changed = policies(programmes.timeline(schema), job.version)
        members = ledger.holders(list(changed), after=job.after, most=MOST_MEMBERS) if changed else []
        if members:
            _redate(schema, members, changed, version=job.version, mode=job.mode, at=at)
        done = len(members) < MOST_MEMBERS
        operations.note_redating(job.version, after=members[-1] if members else job.after, done_at=at if done else None)
    return True


def policies(timeline: Timeline, version: int) -> dict[str, tuple[tuple[Expiry, ...], Expiry]]:
    """The wallets whose expiry a version changes, with the policies they had before and the new one."""
    numbered = sorted(timeline.versions, key=lambda v: v.version)
    before = [v.programme for v in numbered if v.version < version and not timeline.replaced_by(v.version)]
    new = next(v.programme for v in numbered if v.version == version)
    found = {}
    for name, wallet in new.wallets.items():
        olds = tuple(dict.fromkeys(p.wallets[name].expires for p in before if name in p.wallets))
        if olds and (olds != (wallet.expires,)):
            found[name] = (olds, wallet.expires)
    return found


def end_of(policy: tuple[tuple[Expiry, ...], Expiry], *, month: date, end: datetime, mode: str) -> datetime:
    """The end of a lot under a changed policy, lots.NEVER for never."""
    olds, new = policy
    fresh = new_end(olds, new, month=month, end=None if end == NEVER else end, mode=mode)
    return fresh or NEVER


def _redate(schema: str, members: list[UUID], changed: Policies, *, version: int, mode: str, at: datetime) -> None:
    pipe = Pipeline.inside_django()
    gathering.lock(pipe, schema, members)
    waiting = ledger.pending_of_members(members, list(changed))
    posting = Posting(chance.new_id, ledger.held(*members), pending={part.id: part for part in waiting})
    why = Cause(f"version:{version}", at)
    for member, asset, lot in ledger.lots_of_members(members, list(changed)):
        if lot.expires_at > at:
            end = end_of(changed[asset], month=lot.earned_month, end=lot.expires_at, mode=mode)
            posting.redate(member, asset, lot, expires_at=end, why=why)
    for part in waiting:
        end = end_of(changed[part.asset], month=part.earned_month, end=part.expires_at, mode=mode)
        posting.redate_pending(part, expires_at=end)
    statements = posting.statements(schema, now=at)
    if statements:
        pipe.run(statements)
