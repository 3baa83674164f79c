"""Who is held back from what nobody was promised. Pure: it follows from names alone, so it is the same everywhere and stays."""

from fractions import Fraction
from typing import Literal

from ganbo.kernel import sticky

SALT = "holdout"
HELD, REST = "held", "rest"
Thing = Literal["message", "surprise", "unpublished_offer"]
UNPROMISED: tuple[Thing, ...] = ("message", "surprise", "unpublished_offer")


def is_held(business: str, member_id: str, share: Fraction) -> bool:
    """Whether a member of a business is in the held-back `share`; a greater share only adds members."""
    return sticky.within(sticky.place(business, SALT, member_id), share)


def group_of(business: str, salt: str, member_id: str, shares: list[Fraction]) -> int | None:
    """Which of the groups, by their shares of all members, a member is in; None: in none of them."""
    return sticky.pick(sticky.place(business, f"experiment:{salt}", member_id), shares)
