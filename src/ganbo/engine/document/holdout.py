"""`holdout`: members who are left out of what nobody was promised, so that its effect can be told."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from ganbo.engine.document.shapes import STRICT, form, number

MOST_HELD = Decimal("0.5")
Held = Annotated[
    Decimal, BeforeValidator(number), Field(gt=0, le=MOST_HELD, decimal_places=4), form("above 0, at most 0.5")
]


class HoldoutDoc(BaseModel):
    """A share of the members gets no messages, surprises or unpublished offers. What the terms promise is never held back."""

    model_config = STRICT
    share: Held = Decimal("0.05")
    """The share of members, drawn once by their id; a greater share later only adds members.

    {share: 0.1}
    """
    only: Literal["unpromised"] = "unpromised"
    """What is held back: only what was not promised to everybody.

    {share: 0.05, only: unpromised}
    """
