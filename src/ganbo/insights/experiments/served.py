"""Results and sizes for doors: of the newest warehouse, remembered until it is filled again."""

from fractions import Fraction
from pathlib import Path

from ganbo.features.experiments.queries import ExperimentRow
from ganbo.insights.experiments import result, sizing
from ganbo.insights.experiments.result import Result
from ganbo.insights.experiments.sizing import Size
from ganbo.insights.kpis import served


def size(folder: Path, slug: str, *, metric: str, days: int, least: Fraction) -> Size:
    """How many members it takes. Raises NotFilled."""
    name = ("experiments.size", metric, days, least)
    return served.computed(
        folder, slug, name, lambda facts: sizing.of_members(facts, metric=metric, days=days, least=least)
    )


def told(folder: Path, slug: str, row: ExperimentRow) -> Result:
    """The result of one experiment. Raises NotFilled."""
    name = ("experiments.result", row.slug, row.until, row.swept_at)
    return served.computed(folder, slug, name, lambda facts: result.of(row, facts))
