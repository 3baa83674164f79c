"""`stamp_cards`: so many stamps, then a reward."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Id, LocalWords, On, Source

MOST_SIZE = 100


class StampCardDoc(BaseModel):
    """One card. `count` says what a stamp stands for: every unit of the lines that hold, an order, or a day's visit."""

    model_config = STRICT
    id: Id
    name: LocalWords | None = None
    on: On = "purchase"
    when: Source | None = None
    lines: Source | None = None
    count: Literal["unit", "order", "visit"] = "unit"
    paid_only: bool = True
    min_order: Count | None = None
    max_per_day: Annotated[int, Field(ge=1, le=1000)] | None = None
    size: Annotated[int, Field(ge=2, le=MOST_SIZE)]
    head_start: Annotated[int, Field(ge=0, le=MOST_SIZE)] = 0
    head_start_on: Literal["first", "every"] = "first"
    reward: Id
    repeat: bool = True
    say: LocalWords | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.head_start >= self.size:
            raise ValueError("head_start_below_size")
        if self.on != "purchase" and (self.lines or self.min_order or self.count == "unit"):
            raise ValueError("stamps_need_purchase")
        return self
