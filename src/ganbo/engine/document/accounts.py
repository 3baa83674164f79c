"""`accounts`: people of one household who spend their points together."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Id

Role = Literal["owner", "adult", "child"]


class AccountsDoc(BaseModel):
    """Whether people of a household spend together, what, and who of them."""

    model_config = STRICT
    pool: Literal["household"]
    """Who spends together: the people of a household.

    {pool: household, wallets: [points]}
    """
    wallets: Annotated[list[Id], Field(min_length=1, max_length=10)]
    """Which kinds of points are spent together; money on a card stays each one's own.

    {pool: household, wallets: [points]}
    """
    people: Annotated[int, Field(ge=2, le=20)] = 6
    """How many people a household has at most, its owner among them.

    {pool: household, wallets: [points], people: 4}
    """
    may_spend: Annotated[list[Role], Field(min_length=1, max_length=3)] = ["owner", "adult"]
    """Who spends what the household holds: the `owner`, and perhaps `adult` and `child`; the others earn for it.

    {pool: household, wallets: [points], may_spend: [owner, adult, child]}
    """
    join: Literal["both_confirm"] = "both_confirm"
    """How one joins: the owner invites, and who is invited accepts.

    {pool: household, wallets: [points], join: both_confirm}
    """
    invite_days: Annotated[int, Field(ge=1, le=90)] = 7
    """For how many days an invitation can be accepted.

    {pool: household, wallets: [points], invite_days: 14}
    """
    leave: Literal["own_lots"] = "own_lots"
    """What one leaves with: what one earned and nobody spent.

    {pool: household, wallets: [points], leave: own_lots}
    """
    tier: Literal["own"] = "own"
    """Whose level counts: each person keeps their own.

    {pool: household, wallets: [points], tier: own}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if "owner" not in self.may_spend:
            raise ValueError("owner_spends")
        return self
