"""Experiments, and who was in which group from when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count

from ganbo.features.experiments import models

MOST = 200  # experiments that are ever listed
CHUNK = 10_000  # exposures read at a time


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group: its `share` of members, or its `stores`; before or after the start date it has neither."""

    id: str
    name: str
    share: Fraction
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """One experiment; the first group is the one the others are compared with. `ends_on`: the first day after it."""

    id: UUID
    slug: str
    name: str
    question: str
    metric: str
    unit: str
    groups: tuple[GroupRow, ...]
    settings: Mapping[str, Any]
    plan: Mapping[str, Any]
    starts_on: date
    ends_on: date
    stopped_on: date | None
    created_by: str
    swept_at: datetime | None

    @property
    def until(self) -> date:
        """The first day that does not count."""
        return min(self.ends_on, self.stopped_on or self.ends_on)

    @property
    def weights(self) -> list[float]:
        return [float(group.share) for group in self.groups]

    def state(self, today: date) -> str:
        """planned, running, ended or stopped."""
        if today < self.starts_on and self.stopped_on is None:
            return "planned"
        if self.stopped_on is not None and self.stopped_on < self.ends_on:
            return "stopped"
        return "running" if today < self.ends_on else "ended"


def _row(e: models.Experiment) -> ExperimentRow:
    groups = tuple(
        GroupRow(g["id"], g.get("name", ""), Fraction(g.get("share", "0")), tuple(g.get("stores", ())))
        for g in e.groups
    )
    return ExperimentRow(
        e.pk, e.slug, e.name, e.question, e.metric, e.unit, groups, e.settings, e.plan,
        e.starts_on, e.ends_on, e.stopped_on, e.created_by, e.swept_at,
    )  # fmt: skip


def every() -> list[ExperimentRow]:
    """The experiments, the latest first."""
    return [_row(e) for e in models.Experiment.objects.order_by("-starts_on", "-id")[:MOST]]


def by_slug(slug: str) -> ExperimentRow | None:
    """One experiment."""
    found = models.Experiment.objects.filter(slug=slug).first()
    return _row(found) if found else None


def count() -> int:
    """How many there are."""
    return models.Experiment.objects.count()


def exposed(experiment: str) -> Iterator[tuple[UUID, str, datetime]]:
    """(member, group, from when) of everybody in an experiment or, of "holdout", held back or not."""
    found = models.Exposure.objects.filter(experiment=experiment).order_by("at", "id")
    return found.values_list("member_id", "group", "at").iterator(chunk_size=CHUNK)


def sizes(experiment: str) -> dict[str, int]:
    """Group → how many members."""
    found = models.Exposure.objects.filter(experiment=experiment).values_list("group")
    return dict(found.annotate(n=Count("pk")))


def page(experiment: str, group: str, *, after: UUID | None, most: int) -> list[tuple[UUID, datetime]]:
    """(member, from when) of one group in order of members."""
    found = models.Exposure.objects.filter(experiment=experiment, group=group).order_by("member_id")
    rows = found.filter(member_id__gt=after) if after else found
    return list(rows.values_list("member_id", "at")[:most])


def of_member(member_id: UUID) -> list[tuple[str, str, datetime]]:
    """(experiment, group, from when) of one member, the earliest first."""
    found = models.Exposure.objects.filter(member_id=member_id).order_by("at", "experiment", "group")
    return list(found.values_list("experiment", "group", "at"))


def known(experiment: str, members: Sequence[UUID], group: str | None = None) -> set[UUID]:
    """Those of these members who are in the experiment; with `group` in this group."""
    found = models.Exposure.objects.filter(experiment=experiment, member_id__in=members)
    return set((found.filter(group=group) if group else found).values_list("member_id", flat=True))
