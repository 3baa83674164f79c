"""Plan and stop experiments, and note who belongs to which group from when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ganbo.features.experiments import models
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class Exists(Refusal):
    """There is an experiment of this name already."""

    code = "experiments.exists"


class Unknown(Refusal):
    """No experiment has this name."""

    code = "experiments.unknown"


class Over(Refusal):
    """It has ended or was stopped."""

    code = "experiments.over"


@dataclass(frozen=True, slots=True)
class Planned:
    """What an experiment is when it is planned; see models.Experiment."""

    slug: str
    name: str
    question: str
    metric: str
    unit: str
    groups: list[dict[str, Any]]
    settings: dict[str, Any]
    plan: dict[str, Any]
    starts_on: date
    ends_on: date


@needs_transaction
def plan(what: Planned, *, by: str, at: datetime) -> UUID:
    """A new experiment. Raises Exists."""
    if models.Experiment.objects.filter(slug=what.slug).exists():
        raise Exists(slug=what.slug)
    made = models.Experiment.objects.create(
        id=chance.new_id(),
        slug=what.slug,
        name=what.name,
        question=what.question,
        metric=what.metric,
        unit=what.unit,
        groups=what.groups,
        settings=what.settings,
        plan=what.plan,
        starts_on=what.starts_on,
        ends_on=what.ends_on,
        created_at=at,
        created_by=by,
    )
    return made.pk


@needs_transaction
def stop(slug: str, *, on: date) -> None:
    """From this day nothing counts any more. Raises Unknown, Over."""
    found = models.Experiment.objects.select_for_update().filter(slug=slug).first()
    if found is None:
        raise Unknown(slug=slug)
    if found.stopped_on is not None or on >= found.ends_on:
        raise Over(slug=slug)
    models.Experiment.objects.filter(slug=slug).update(stopped_on=on)


@needs_transaction
def expose(experiment: str, rows: Iterable[tuple[UUID, str, datetime]]) -> None:
    """Note (member, group, from when); who is noted already stays as noted."""
    made = [
        models.Exposure(id=chance.new_id(), experiment=experiment, member_id=member, group=group, at=at)
        for member, group, at in rows
    ]
    models.Exposure.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)


@needs_transaction
def swept(slug: str, *, at: datetime) -> None:
    """Everybody who entered before `at` is noted."""
    models.Experiment.objects.filter(slug=slug).update(swept_at=at)
