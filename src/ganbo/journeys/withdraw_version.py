"""Call off a version that has not begun: the one before it goes on. What was published stays readable."""

from django.db import transaction

from ganbo.features.programmes import operations, queries
from ganbo.foundation import clock
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.kernel.refusal import Refusal


class NotScheduled(Refusal):
    """Only a version that begins later can be withdrawn; publish another one instead."""

    code = "programme.not_scheduled"


def withdraw(version: int, *, by: str) -> None:
    """Twice is once. What its expiry would have done to points that are there is not done.

    Raises NotScheduled and NoProgramme; then nothing changes.
    """
    with transaction.atomic():
        operations.lock_versions()
        if queries.withdrawn(version):
            return
        at, timeline = clock.now(), queries.timeline(context.current().schema)
        scheduled = next((v for v in timeline.versions if v.version == version and v.in_force_from > at), None)
        goes_on = timeline.before(scheduled.in_force_from) if scheduled is not None else None
        if goes_on is None:
            raise NotScheduled(version=version)
        programme = goes_on.programme
        operations.withdraw(version, source=programme.source, digest=programme.digest, at=at, by=by)
        audit.note(by, "programme.withdrawn", f"version:{version}")
