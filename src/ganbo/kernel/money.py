"""Money: integer minor units of an ISO 4217 currency; never a float."""

import re
from dataclasses import dataclass
from fractions import Fraction

from ganbo.kernel.points import Rounding, rounded

# Digits after the decimal sign where they are not two (ISO 4217).
_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: 0 for VND, 2 for EUR."""
    return _DIGITS.get(currency, 2)


_GROUPED = re.compile(r"\d{1,3}([.,\s\u00a0]\d{3})+|\d+")


def written(text: str, currency: str) -> int | None:
    """Minor units of an amount written in digits: "110.000" of VND, "12,5" of EUR; None when it is none."""
    plain, decimals = text.strip(), digits(currency)
    if len(plain) > 20 or not all(c.isascii() or c == "\u00a0" for c in plain):
        return None
    if not decimals:
        return int("".join(c for c in plain if c.isdigit())) if _GROUPED.fullmatch(plain) else None
    found = re.fullmatch(rf"(\d{{1,12}})(?:[.,](\d{{1,{decimals}}}))?", plain)
    return int(found[1] + (found[2] or "").ljust(decimals, "0")) if found else None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency: Money(1_050, "EUR") is €10.50."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError(f"money is a whole number of minor units, not {self.amount!r}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"not an ISO currency code: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def share(self, *, of: int, rounding: Rounding) -> "Money":
        """One of `of` equal parts."""
        return Money(rounded(Fraction(self.amount, of), rounding), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.amount
