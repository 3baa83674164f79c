"""Shapes of versions: what changed between two, and one that was withdrawn."""

from typing import Literal

from pydantic import BaseModel


class ChangeTold(BaseModel):
    """One part that differs, with old → new in words; `head`, `old` and `new` are the same apart, or empty."""

    part: str
    id: str
    kind: Literal["added", "removed", "changed"]
    verdict: Literal["better", "worse", "mixed", "neutral"]
    mark: str
    text: str
    head: str = ""
    old: str = ""
    new: str = ""


class VersionChanges(BaseModel):
    version: int
    against: int
    changes: list[ChangeTold]


class Withdrawn(BaseModel):
    version: int
    state: Literal["withdrawn"]
