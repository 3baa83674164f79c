"""Write the programme's draft: each save is whole, and none overwrites what somebody else saved meanwhile."""

from datetime import datetime

from django.db import transaction

from ganbo.features.programmes import drafts
from ganbo.foundation import clock
from ganbo.journeys import publish_programme
from ganbo.journeys.publish_programme import PublishedNow


def save(source: str, *, revision: int, based_on: int, by: str) -> int:
    """The draft's new revision. Raises drafts.DraftChanged; then nothing changes."""
    with transaction.atomic():
        return drafts.save(source, revision=revision, based_on=based_on, at=clock.now(), by=by)


def take_back(*, revision: int, by: str) -> int:
    """Undo the last save. Raises drafts.DraftChanged."""
    with transaction.atomic():
        return drafts.take_back(revision=revision, at=clock.now(), by=by)


def drop(*, revision: int) -> None:
    """Forget the draft. Raises drafts.DraftChanged."""
    with transaction.atomic():
        drafts.drop(revision=revision)


def publish(
    source: str,
    *,
    revision: int,
    by: str,
    in_force_from: datetime | None = None,
    existing: str = "new",
    expecting: int | None = None,
    note: str = "",
) -> PublishedNow:
    """Publish the draft and drop it, both or neither. Raises drafts.DraftChanged and what publishing raises."""
    with transaction.atomic():
        drafts.drop(revision=revision)
        return publish_programme.publish(
            source, by=by, in_force_from=in_force_from, existing=existing, expecting=expecting, note=note
        )
