"""`spend_proof` and `claims`: what a member shows before value is spent, and how a forgotten sale is claimed."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ganbo.engine.document.shapes import STRICT, Count

Proof = Literal["card_pin", "token", "otp", "manager"]


class ProofDoc(BaseModel):
    """One level: up to how much a member spends in a day, and what proves it. A card's number alone earns, it never spends."""

    model_config = STRICT
    up_to: Count | None = None
    """The most that is spent in a day with this proof, in minor units; the last level has none.

    {up_to: 50000, per: day, by: [card_pin]}
    """
    per: Literal["day"] | None = None
    """By the business's days.

    {up_to: 50000, per: day, by: [card_pin]}
    """
    by: Annotated[list[Proof], Field(min_length=1, max_length=4)]
    """Any one of these is enough: the PIN beside the card, the wallet's changing code, a one-time code, a manager's approval.

    {by: [token, otp, manager]}
    """


class ClaimsDoc(BaseModel):
    """Sales without a member are given to one afterwards, by the slip that the till prints."""

    model_config = STRICT
    within_days: Annotated[int, Field(ge=1, le=90)] = 7
    """How many days after the sale; the last day counts.

    {within_days: 7}
    """
    by: Annotated[list[Literal["receipt_qr"]], Field(min_length=1, max_length=1)] = ["receipt_qr"]
    """What is shown: the QR code of the slip.

    {by: [receipt_qr]}
    """
    max_per_day: Annotated[int, Field(ge=1, le=50)] = 2
    """How many a member claims in a day.

    {max_per_day: 2}
    """
