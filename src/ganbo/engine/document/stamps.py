"""`stamp_cards`: so many stamps, then a reward."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Id, LocalWords, On, Source

MOST_SIZE = 100


class StampCardDoc(BaseModel):
    """One card. `count` says what a stamp stands for: every unit of the lines that hold, an order, or a day's visit."""

    model_config = STRICT
    id: Id
    """The card's name in the books; used once.

    {id: wash}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: Thẻ cà phê, en: Coffee card}}
    """
    on: On = "purchase"
    """Which type of event stamps it.

    {on: visit, count: visit}
    """
    when: Source | None = None
    """A condition about the event; left out, always.

    {when: store == "hoan-kiem"}
    """
    lines: Source | None = None
    """Which lines are stamped; left out, all.

    {lines: 'line.category == "coffee"'}
    """
    count: Literal["unit", "order", "visit"] = "unit"
    """What one stamp stands for: a unit of goods, an order, or a day's visit.

    {count: order}
    """
    paid_only: bool = True
    """Whether free lines are left out.

    {paid_only: true}
    """
    min_order: Count | None = None
    """The least bill that is stamped, in minor units.

    {min_order: 50000}
    """
    max_per_day: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The most stamps on one day.

    {max_per_day: 3}
    """
    size: Annotated[int, Field(ge=2, le=MOST_SIZE)]
    """How many stamps fill it.

    {size: 8}
    """
    head_start: Annotated[int, Field(ge=0, le=MOST_SIZE)] = 0
    """Stamps that stand on it from the beginning.

    {head_start: 2}
    """
    head_start_on: Literal["first", "every"] = "first"
    """Whether every new card has the head start or only the first.

    {head_start: 2, head_start_on: every}
    """
    reward: Id
    """What a full card gives.

    {reward: free-coffee}
    """
    repeat: bool = True
    """Whether a new card begins when one is full; extra stamps go along.

    {repeat: false}
    """
    experiment: Id | None = None
    """Of the cards that name the same experiment each member has one, by lot, for good; each fills with equally many purchases.

    {id: coffee, experiment: head-start}
    """
    say: LocalWords | None = None
    """Its condition in your own words, needed when it has no standard sentence.

    {when: order.net % 1000 == 0, say: {vi: Hóa đơn tròn nghìn, en: Bills of round thousands}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.head_start >= self.size:
            raise ValueError("head_start_below_size")
        if self.on != "purchase" and (self.lines or self.min_order or self.count == "unit"):
            raise ValueError("stamps_need_purchase")
        return self
