"""Where figures stood when a version began."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ganbo.features.goals import models


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """`value` None: there was nothing to measure in that month."""

    kpi: str
    value: Decimal | None
    month: date


def baselines(version: int) -> dict[str, BaselineRow]:
    """By figure; empty while none was noted."""
    found = models.Baseline.objects.filter(version=version).order_by("kpi")
    return {b.kpi: BaselineRow(b.kpi, b.value, b.month) for b in found}
