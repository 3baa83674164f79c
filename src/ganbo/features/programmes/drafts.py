"""The one draft of a business: read it, save it when nobody else has meanwhile, take the last save back, drop it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from ganbo.features.programmes import models
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class DraftChanged(Refusal):
    """Somebody saved the draft meanwhile: look at what they wrote, then save again."""

    code = "programme.draft_changed"


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`revision` grows with each save and is 0 when nothing was saved; `based_on` is the version it was begun from."""

    source: str
    revision: int
    based_on: int
    updated_at: datetime | None
    updated_by: str
    undoable: bool


def current(latest: int) -> DraftRow:
    """The draft; without one, the latest version's text (empty before the first), unsaved."""
    found = models.Draft.objects.first()
    if found is None:
        source = models.Version.objects.filter(pk=latest).values_list("source", flat=True).first() or ""
        return DraftRow(source, 0, latest, None, "", undoable=False)
    return DraftRow(
        found.source, found.revision, found.based_on, found.updated_at, found.updated_by, found.before != found.source
    )


@needs_transaction
def save(source: str, *, revision: int, based_on: int, at: datetime, by: str) -> int:
    """Keep `source` over the draft that had `revision`; returns the new revision. Raises DraftChanged."""
    if revision == 0:
        before = models.Version.objects.filter(pk=based_on).values_list("source", flat=True).first() or ""
        try:
            models.Draft.objects.create(
                id=1, source=source, before=before, revision=1, based_on=based_on, updated_at=at, updated_by=by
            )
        except IntegrityError as failure:
            raise DraftChanged() from failure
        return 1
    kept = models.Draft.objects.filter(pk=1, revision=revision).select_for_update().first()
    if kept is None:
        raise DraftChanged()
    _replace(kept, source, at=at, by=by)
    return kept.revision


@needs_transaction
def take_back(*, revision: int, at: datetime, by: str) -> int:
    """Exchange the draft and what it was before its last save; twice changes nothing. Raises DraftChanged."""
    kept = models.Draft.objects.filter(pk=1, revision=revision).select_for_update().first()
    if kept is None:
        raise DraftChanged()
    _replace(kept, kept.before, at=at, by=by)
    return kept.revision


def _replace(kept: models.Draft, source: str, *, at: datetime, by: str) -> None:
    kept.before, kept.source = kept.source, source
    kept.revision += 1
    kept.updated_at, kept.updated_by = at, by
    kept.save()


@needs_transaction
def drop(*, revision: int) -> None:
    """Forget the draft. Raises DraftChanged; none is fine when `revision` is 0."""
    gone, _ = models.Draft.objects.filter(pk=1, revision=revision).delete()
    if not gone and (revision or models.Draft.objects.exists()):
        raise DraftChanged()
