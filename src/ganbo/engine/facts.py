"""What a decision may look at, frozen before it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ganbo.engine.basket import Order
from ganbo.kernel.swift import swift


@swift
@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit was used in one period."""

    count: int
    points: int
    money: int


@swift
@dataclass(frozen=True, slots=True)
class StampState:
    """One member's card before an event: stamps on it, cards filled ever, whether begun, stamps of its last day."""

    count: int = 0
    filled: int = 0
    begun: bool = False
    day: date | None = None
    today: int = 0


@swift
@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member: counters include this event, everything else is as before it."""

    id: str
    tier: str | None
    age_days: int
    purchases: int
    spend: int
    visits: int
    days_since_purchase: int  # −1: never
    segments: tuple[str, ...] = ()
    traits: Mapping[str, object] | None = None
    stamps: Mapping[str, StampState] = field(default_factory=dict)


@swift
@dataclass(frozen=True, slots=True)
class Facts:
    """One event, its member and order, what rules carried over, and what limits have used."""

    type: str
    occurred_at: datetime
    member: MemberFacts | None
    store: str | None
    channel: str | None
    staff: str | None
    data: Mapping[str, Any]
    order: Order | None
    carried: Mapping[str, int]
    used: Mapping[tuple[str, str, str], Used]
    codes: Sequence[str] = ()  # the vouchers of the order, by their ids
    budget: Mapping[str, int] = field(default_factory=dict)  # what hard lines have left, by their key in the books
