"""`offers`: what lowers prices in the basket before vouchers do."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.earn import DuringDoc
from ganbo.engine.document.shapes import STRICT, Cost, Count, Id, LocalWords, Source, Words

MOST_IN_BUNDLE = 20  # pieces


class BundlePartDoc(BaseModel):
    """So many pieces of the goods of one category, one item, or one label."""

    model_config = STRICT
    category: Words | None = None
    """Goods of this category; either this, `sku` or `label`.

    {category: popcorn, n: 1}
    """
    sku: Words | None = None
    """This item.

    {sku: latte, n: 2}
    """
    label: Words | None = None
    """Goods with this label.

    {label: combo, n: 1}
    """
    n: Annotated[int, Field(ge=1, le=MOST_IN_BUNDLE)] = 1
    """How many pieces.

    {category: drink, n: 2}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(one is not None for one in (self.category, self.sku, self.label)) != 1:
            raise ValueError("category_sku_or_label")
        return self


class NthDoc(BaseModel):
    """Every so many purchases of a member, or every so many pieces on one bill."""

    model_config = STRICT
    every: Annotated[int, Field(ge=2, le=100)]
    """Which one it is: every fifth.

    {every: 5, of: purchases}
    """
    of: Literal["purchases", "units"]
    """`purchases`: the member's every fifth purchase is lowered as a whole. `units`: of every five pieces the cheapest is.

    {every: 3, of: units}
    """


class OfferDoc(BaseModel):
    """One offer: a price, a percentage off, or several goods together for one price.

    Every piece is in one offer at most, and the best of all combinations for the customer is taken.
    """

    model_config = STRICT
    id: Id
    """The offer's name in the books; used once.

    {id: wed, lines: 'line.category == "ticket"', price: 50000}
    """
    name: LocalWords | None = None
    """Shown on the bill; left out, the id is.

    {name: {vi: Thứ tư vui vẻ, en: Happy Wednesday}, lines: 'line.category == "ticket"', price: 50000}
    """
    during: DuringDoc | None = None
    """In which time it holds; left out, always.

    {during: {days: [wed]}, lines: 'line.category == "ticket"', price: 50000}
    """
    when: Source | None = None
    """Who has it: a condition about member, day and place.

    {when: tier_at_least("silver"), percent: 5}
    """
    for_: Annotated[Literal["everybody", "members"] | None, Field(alias="for")] = None
    """Whether a sale without a member has it, too. Left out: members only for `price_list` and `nth` of purchases, else everybody.

    {for: members, percent: 5}
    """
    lines: Source | None = None
    """Which lines it is for; left out, all. A `price` needs it.

    {lines: 'line.category == "cake"', percent: 20}
    """
    price: Cost | None = None
    """What one piece costs, or the whole `bundle`, in minor units; a dearer price only, a cheaper one stays.

    {lines: 'line.sku == "latte"', price: 45000}
    """
    price_list: Id | None = None
    """Each item costs what this list of the products says, unless it is cheaper anyway. For members, unless `for` says else.

    {price_list: members}
    """
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """How much per cent come off, of each piece, rounded down.

    {lines: 'line.category == "cake"', percent: 20}
    """
    max: Count | None = None
    """The most that `percent` takes off one bill, in minor units.

    {percent: 10, max: 50000}
    """
    bundle: Annotated[list[BundlePartDoc], Field(min_length=1, max_length=5)] | None = None
    """Pieces that cost `price` together.

    {bundle: [{category: popcorn, n: 1}, {category: drink, n: 2}], price: 99000}
    """
    nth: NthDoc | None = None
    """`percent` is only for every so many purchases or pieces.

    {nth: {every: 5, of: purchases}, percent: 10, max: 50000}
    """
    say: LocalWords | None = None
    """Its condition in your own words, needed when it has no standard sentence.

    {when: member.visits % 2 == 0, percent: 5, say: {vi: Cứ hai lần ghé, en: Every second visit}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(one is not None for one in (self.price, self.percent, self.price_list)) != 1:
            raise ValueError("offer_price_or_percent")
        if self.max is not None and self.percent is None:
            raise ValueError("offer_max_needs_percent")
        if self.bundle is not None:
            if self.price is None or self.lines is not None or self.nth is not None:
                raise ValueError("bundle_needs_price")
            if sum(part.n for part in self.bundle) > MOST_IN_BUNDLE:
                raise ValueError("bundle_too_large")
        elif self.price is not None and self.lines is None:
            raise ValueError("offer_price_needs_lines")
        if self.nth is not None and self.percent is None:
            raise ValueError("nth_needs_percent")
        if self.nth is not None and self.nth.of == "purchases" and self.for_ == "everybody":
            raise ValueError("nth_needs_member")
        return self


class ProductsDoc(BaseModel):
    """The list of products is used: a line that names only its `sku` gets category and labels when its price is asked."""

    model_config = STRICT
    source: Literal["file"] = "file"
    """Where the list comes from: `file` is what was told with `POST /products`.

    {source: file}
    """
