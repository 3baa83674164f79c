"""Keep where figures stood when a version began."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from ganbo.features.goals import models
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def note(version: int, measured: Mapping[str, Decimal | None], *, month: date, at: datetime) -> None:
    """Each figure once; what is noted already stays. `month`: the first day of the month that was measured."""
    made = [
        models.Baseline(id=chance.new_id(), version=version, kpi=kpi, value=value, month=month, at=at)
        for kpi, value in measured.items()
    ]
    models.Baseline.objects.bulk_create(made, ignore_conflicts=True)
