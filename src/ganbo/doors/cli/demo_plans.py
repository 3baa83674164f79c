"""What the demo's owner has set herself: goals for half a year on, and two experiments, one over and one to come."""

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow

_WRITTEN = "2027-06-30"  # the goals' day as the file has it


def dated(source: str, base: date) -> str:
    """The programme with its goals half a year from the day the demo is made."""
    return source.replace(_WRITTEN, (base + timedelta(days=182)).isoformat())


def experiments(business: "BusinessRow", base: date) -> None:
    """Weeks before and after the tea hour was told of; and a message that half of the members will get."""
    from ganbo.features.experiments.planning import GroupPlan, Plan
    from ganbo.features.programmes import queries
    from ganbo.foundation import clock
    from ganbo.journeys import experiments

    at = clock.now()
    programme = queries.in_force_at(business.schema, at).programme
    over = Plan(
        slug="gio-tra", name="Giờ trà thứ Ba", question="Từ khi treo biển giờ trà, mỗi tuần bán được nhiều hơn không?",
        metric="revenue", unit="start_date", groups=(), starts_on=base - timedelta(days=84), ends_on=base - timedelta(days=14),
    )  # fmt: skip
    half = Fraction(1, 2)
    groups = [GroupPlan("control", "Nhóm đối chứng", half), GroupPlan("tried", "Nhận tin mời", half)]
    first = at.astimezone(programme.timezone).date() + timedelta(days=1)
    coming = Plan(
        slug="moi-quay-lai", name="Tin mời quay lại", question="Gửi tin mời có làm khách quay lại nhiều hơn không?",
        metric="repeat_rate", unit="member", groups=groups, starts_on=first, ends_on=first + timedelta(days=28),
    )  # fmt: skip
    for plan in (over, coming):
        experiments.plan(plan, programme=programme, by="demo", at=at)
