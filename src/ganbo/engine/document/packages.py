"""`packages`: units paid in advance, such as eleven washes for the price of ten."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Id, LocalWords


class PackageDoc(BaseModel):
    """One package. What is used from it is paid already: it earns no points and no stamps."""

    model_config = STRICT
    id: Id
    """The package's name in the books; used once.

    {id: wash-10, price: 800000, units: {wash: 11}}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: 10 lần rửa tặng 1, en: 10 washes and 1 free}}
    """
    price: Count
    """What it costs, in minor units.

    {price: 800000}
    """
    units: Annotated[dict[Id, Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=5)]
    """How many of what.

    {units: {wash: 11, wax: 1}}
    """
    unit_names: dict[Id, LocalWords] = {}
    """What people call the units; left out, by their ids.

    {units: {wash: 11}, unit_names: {wash: {vi: lần rửa, en: washes}}}
    """
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    """For how many months; left out, for ever.

    {months: 12}
    """
    pause_days: Annotated[int, Field(ge=0, le=366)] = 0
    """For how many days in all it may be paused; its end is later by as many.

    {months: 12, pause_days: 60}
    """
    share: Literal["household"] | None = None
    """Whether the buyer's household may use it, too (without `accounts`: up to five others, named by the buyer); left out, the buyer alone.

    {share: household}
    """
    refund: Literal["pro_rata", "none"] = "pro_rata"
    """What is handed back for unused units: their part of the price, or nothing.

    {refund: none}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if not self.unit_names.keys() <= self.units.keys():
            raise ValueError("unit_names_of_units")
        return self
