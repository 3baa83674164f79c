"""When a version has begun and the warehouse is filled: keep where its figures stood before it began."""

from datetime import datetime

from django.conf import settings

from ganbo.features.goals import queries as goals_queries
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.goals import served
from ganbo.insights.warehouse.reading import NotFilled
from ganbo.journeys import goals


def note_baselines(business: BusinessRow, *, at: datetime) -> bool:
    """Whether baselines of the version in force were noted now; once they are, nothing changes them."""
    try:
        version = programmes.in_force_at(business.schema, at)
    except NoProgramme:
        return False
    if version.in_force_from > at or goals_queries.baselines(version.version):
        return False
    try:
        month, measured = served.before(settings.WAREHOUSE, business.slug, version)
    except NotFilled:
        return False
    goals.note_baselines(version.version, measured, month=month, at=at)
    return bool(measured)
