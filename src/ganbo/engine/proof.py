"""What must be shown before a member's value is spent: levels by what is spent in a day; and claims of forgotten sales."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ganbo.engine.document import ClaimsDoc, ProofDoc

CARD_PIN, TOKEN, OTP, MANAGER = "card_pin", "token", "otp", "manager"
WAYS = (CARD_PIN, TOKEN, OTP, MANAGER)  # in the order in which they are offered


@dataclass(frozen=True, slots=True)
class ProofLevel:
    """`by` proves spending while all that is spent in the day is at most `up_to` minor units (None: any amount)."""

    up_to: int | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """A sale is claimed at most `within_days` days after its own, and at most `max_per_day` a day by one member."""

    within_days: int
    max_per_day: int

    def last_day(self, sold_on: date) -> date:
        """The last day on which a sale of a day can be claimed."""
        return sold_on + timedelta(days=self.within_days)


def level_at(levels: Sequence[ProofLevel], spent: int) -> int:
    """The place of the level that holds when `spent` minor units are spent in the day; both are what it comes to in all."""
    for place, one in enumerate(levels):
        if one.up_to is None or spent <= one.up_to:
            return place
    return len(levels) - 1  # the last has no bound: the document is refused otherwise


def accepted(levels: Sequence[ProofLevel], spent: int) -> tuple[str, ...]:
    """What proves a spend after which `spent` is spent in the day: what its level names, and whatever is good for more.

    Empty when the programme asks for nothing.
    """
    if not levels:
        return ()
    named = {way for one in levels[level_at(levels, spent) :] for way in one.by}
    return tuple(way for way in WAYS if way in named)


def levels_of(docs: Sequence[ProofDoc], error: Callable[..., None]) -> tuple[ProofLevel, ...]:
    """The compiled ones, the lowest limit first; what does not fit goes to `error`."""
    limits: set[int | None] = set()
    for place, one in enumerate(docs):
        if one.up_to in limits:
            error("proof_once" if one.up_to else "proof_last", ("spend_proof", place))
        if (one.up_to is None) != (one.per is None):
            error("proof_per", ("spend_proof", place))
        limits.add(one.up_to)
    if docs and None not in limits:
        error("proof_last", ("spend_proof", len(docs) - 1))
    found = [ProofLevel(one.up_to, tuple(way for way in WAYS if way in one.by)) for one in docs]
    return tuple(sorted(found, key=lambda one: (one.up_to is None, one.up_to or 0)))


def of(levels: tuple[ProofLevel, ...], claims: ClaimsDoc | None) -> dict[str, Any]:
    """What a programme keeps of both; no claims where the document has none."""
    return {
        "spend_proof": levels,
        "claims": Claims(claims.within_days, claims.max_per_day) if claims else None,
    }
