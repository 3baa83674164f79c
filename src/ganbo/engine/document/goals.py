"""`goals`: what the programme is for, in figures."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from ganbo.engine.document.shapes import STRICT, Day, form, number

# What a goal can be about: ratios as fractions, money in minor units. Each is a figure of ganbo.insights.kpis (a test compares).
KPIS = (
    "repeat_purchase_rate", "crr", "churn", "aov", "purchase_frequency", "active_members", "new_members", "revenue",
    "receipts_with_member", "engagement_share", "nps", "csat", "ces",
)  # fmt: skip

Figure = Annotated[Decimal, BeforeValidator(number), Field(ge=-100, le=10**15, decimal_places=4), form("number")]


class GoalDoc(BaseModel):
    """One figure that is to be another one by a day; whoever owns it answers for it."""

    model_config = STRICT
    kpi: Annotated[str, StringConstraints(pattern=f"^({'|'.join(KPIS)})$"), form("name of a figure")]
    """The figure; each once.

    {kpi: repeat_purchase_rate, to: 0.45, by: 2027-06-30}
    """
    from_: Annotated[Figure | None, Field(alias="from")] = None
    """Where it stands; left out, what is measured on the day the version begins.

    {kpi: repeat_purchase_rate, from: 0.38, to: 0.45, by: 2027-06-30}
    """
    to: Figure
    """Where it is to be: shares from 0 to 1, money in minor units.

    {kpi: aov, to: 65000, by: 2027-06-30}
    """
    by: Day
    """The day by which, inclusive.

    {kpi: new_members, to: 500, by: 2027-06-30}
    """
    owner: Annotated[str, StringConstraints(min_length=1, max_length=254)] | None = None
    """Who answers for it: an e-mail address, as people sign in with.

    {kpi: nps, to: 40, by: 2027-06-30, owner: hanh@example.com}
    """
