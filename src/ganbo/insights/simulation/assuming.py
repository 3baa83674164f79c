"""What a back-test supposes beyond the sales: said before its figures, and kept beside them."""

from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b

NONE, AFFORDABLE, RECORDED = "none", "when-affordable", "recorded"


class NoBehaviour(ValueError):
    """Not `none`, `when-affordable` or `rate=` with a share from 0 to 1."""


@dataclass(frozen=True)
class Assumed:
    """`rate`: the share of members who take the cheapest open reward as soon as they can; the others never redeem.

    `uplift`: the share of sales that are made once more, a day later; 0: loyalty changes nothing, which is the safe guess.
    `signs_up`: every member joins with the first bill. The same `seed` gives the same figures.
    """

    redeem: str = AFFORDABLE
    rate: Fraction = Fraction(1)
    uplift: Fraction = Fraction(0)
    seed: int = 1
    signs_up: bool = True

    def redeems(self, member: str) -> bool:
        """Whether a member redeems: by a hash, so that drafts are compared over the same members."""
        return drawn(self.seed, "redeem", member) < self.rate

    def comes_again(self, order: str) -> bool:
        """Whether an order is made once more."""
        return bool(self.uplift) and drawn(self.seed, "uplift", order) < self.uplift


def behaviour(text: str) -> tuple[str, Fraction]:
    """`none`, `when-affordable` or `rate=0.6` as what is shown and the share of members. Raises NoBehaviour."""
    if text in (NONE, AFFORDABLE):
        return text, Fraction(int(text == AFFORDABLE))
    name, _, share = text.partition("=")
    try:
        rate = Fraction(share)
    except (ValueError, ZeroDivisionError) as failure:
        raise NoBehaviour(text) from failure
    if name != "rate" or not 0 <= rate <= 1:
        raise NoBehaviour(text)
    return text, rate


def drawn(seed: int, what: str, key: str) -> Fraction:
    """A number in [0, 1) that is the same whenever it is asked for."""
    digest = blake2b(f"{seed}|{what}|{key}".encode(), digest_size=8).digest()
    return Fraction(int.from_bytes(digest, "big"), 1 << 64)
