"""`perks`: small favours of a level, such as a free upsize, counted so that none is given too often."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Id, LocalWords


class PerkDoc(BaseModel):
    """One favour; levels that bring it name it under `benefits: {perks: […]}`."""

    model_config = STRICT
    id: Id
    """The perk's name in the books; used once.

    {id: upsize, text: {vi: Nâng size miễn phí, en: Free upsize}}
    """
    text: LocalWords
    """What members and tills read.

    {text: {vi: Nâng size miễn phí, en: Free upsize}}
    """
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How often in each period; left out, as often as one likes, and counted all the same.

    {count: 1, per: month}
    """
    per: Literal["day", "week", "month", "quarter", "year", "ever"] | None = None
    """The period, by the programme's timezone; goes with `count`.

    {count: 2, per: week}
    """
    show: Literal["till", "wallet"] = "till"
    """`till`: staff see it and tap it when it is used. `wallet`: it is only told, such as a lounge to sit in.

    {show: wallet}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.count is None) != (self.per is None) or (self.count is not None and self.show == "wallet"):
            raise ValueError("perk_count")
        return self
