"""Keep the baseline of a version's goals, and begin the next version from what came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from ganbo.features.goals import operations
from ganbo.features.programmes.document_tree import Tree
from ganbo.journeys import edit_draft


@dataclass(frozen=True, slots=True)
class NextGoal:
    """A goal of the version to come."""

    kpi: str
    start: Decimal | None
    target: Decimal
    by: date
    owner: str


def note_baselines(version: int, measured: Mapping[str, Decimal | None], *, month: date, at: datetime) -> None:
    """Keep what was measured in the last whole month before a version began; what is kept already stays."""
    with transaction.atomic():
        operations.note(version, measured, month=month, at=at)


def begin_next(source: str, goals: list[NextGoal], *, revision: int, based_on: int, by: str) -> int:
    """The draft of the next version: the text of the last with other goals, nothing else touched. Raises drafts.DraftChanged."""
    tree = Tree(source)
    written = [_written(goal) for goal in goals]
    if "goals" in tree.value:
        tree.merge((), {"goals": tree.value["goals"]}, {"goals": written})
    elif written:
        tree.add(("goals",), written)
    return edit_draft.save(str(tree), revision=revision, based_on=based_on, by=by)


def _written(goal: NextGoal) -> dict[str, Any]:
    told: dict[str, Any] = {"kpi": goal.kpi}
    if goal.start is not None:
        told["from"] = _plain(goal.start)
    told |= {"to": _plain(goal.target), "by": goal.by.isoformat()}
    return told | ({"owner": goal.owner} if goal.owner else {})


def _plain(figure: Decimal) -> int | Decimal:
    return int(figure) if figure == figure.to_integral_value() else figure.normalize()
