"""`budget`: what is planned for rewards, by purpose, and what happens when it is used up."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ganbo.engine.document.shapes import STRICT, Cost, Id, Words


class BudgetLineDoc(BaseModel):
    """What is planned for one purpose, in minor units."""

    model_config = STRICT
    planned: Cost
    """What is planned, in minor units; for one month when `period` is `month`.

    {planned: 120000000}
    """
    stop: Literal["soft", "hard"] = "soft"
    """What happens when it is used up: `soft` only tells you; with `hard` no reward of the line is given any more.

    {planned: 120000000, stop: hard}
    """


class BudgetDoc(BaseModel):
    """The plan in all and by line. A reward with `budget` and `cost` commits its cost when it is issued.

    It is spent when the voucher is used or the gift handed over, and free again when the voucher ends unused or is void.
    """

    model_config = STRICT
    total: Cost | None = None
    """The plan in all, in minor units; only told, never a stop.

    {total: 200000000, lines: {rewards: {planned: 120000000}}}
    """
    lines: Annotated[dict[Id, BudgetLineDoc], Field(min_length=1, max_length=20)]
    """The plan by purpose; rewards name their line.

    {lines: {rewards: {planned: 120000000}}}
    """
    by_store: Annotated[dict[Words, Annotated[dict[Id, Cost], Field(min_length=1)]], Field(max_length=1000)] = {}
    """Plans that a store has for itself, by store and line; the line's own is for the other stores, the wallet and the night.

    {lines: {rewards: {planned: 90000000}}, by_store: {hoan-kiem: {rewards: 30000000}}}
    """
    message_cost: dict[Literal["sms", "zns", "email"], Cost] = {}
    """What one message costs you by its channel, in minor units; the messages sent this month are counted beside the lines.

    {message_cost: {sms: 800, zns: 300, email: 0}, lines: {rewards: {planned: 120000000}}}
    """
    period: Literal["month"] | None = None
    """`month`: the plan is for each calendar month and starts anew; left out, it is for ever.

    {period: month, lines: {rewards: {planned: 10000000}}}
    """
