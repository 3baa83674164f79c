"""Shapes of milestones and challenges."""

from pydantic import BaseModel


class Aim(BaseModel):
    """`have` of `of`; of spend in minor units. `reward`: the voucher's reward, null when the gift is points."""

    id: str
    kind: str
    name: str
    have: int
    of: int
    done: bool
    last_on: str | None
    gift: str
    reward: str | None


class Aims(BaseModel):
    items: list[Aim]
