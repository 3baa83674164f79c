"""Words, numbers, money and dates for people, in vi and en. Merchants' and members' texts are formatted only here."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency
from django.utils.translation import trans_real

from ganbo.kernel import money as money_

LOCALES = ("vi", "en")
_GROUP = {"vi": ".", "en": ","}
_POINT = {"vi": ",", "en": "."}


def known(locale: str | None) -> str:
    """`locale` when ganbo speaks it, else Vietnamese."""
    return locale if locale in LOCALES else "vi"


@lru_cache(maxsize=8)
def _catalogue(locale: str) -> Any:
    return trans_real.translation(locale)


def text(locale: str, msgid: str, **params: object) -> str:
    """The sentence for an English msgid, its %(name)s filled in."""
    found = _sentence(locale, msgid)
    return found % params if params else found


@lru_cache(maxsize=8192)
def _sentence(locale: str, msgid: str) -> str:
    return str(_catalogue(locale).gettext(msgid))


def number(n: int | str, locale: str) -> str:
    """A whole number grouped, or an exact decimal text with the locale's sign: 1234567 → 1.234.567, "1.2" → 1,2."""
    if isinstance(n, int):
        return f"{n:,}".replace(",", _GROUP[locale])
    whole, _, part = n.partition(".")
    grouped = f"{int(whole):,}".replace(",", _GROUP[locale]) if whole.lstrip("-").isdigit() else whole
    return grouped + (_POINT[locale] + part if part else "")


def percent(share: Fraction | float, locale: str, *, places: int = 2) -> str:
    """A share of one as people write it, half up, without idle zeros: 0.05 → 5 %, 0.0525 → 5,25 %."""
    exact = Decimal(share.numerator) / share.denominator if isinstance(share, Fraction) else Decimal(str(share))
    written = f"{(exact * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return number(written.rstrip("0").rstrip(".") if "." in written else written, locale) + " %"


def money(amount: int, currency: str, locale: str) -> str:
    """Minor units as people write them: 110.000 ₫ in Vietnamese, 110,000 ₫ in English."""
    if currency == "VND":
        return number(amount, locale) + " ₫"
    value = Decimal(amount).scaleb(-money_.digits(currency))
    return str(format_currency(value, currency, locale=locale))


def day(on: date, locale: str) -> str:
    """23/11/2026 in Vietnamese, 23 November 2026 in English."""
    if locale == "vi":
        return f"{on:%d/%m/%Y}"
    return str(format_date(on, "d MMMM y", locale="en"))


def moment(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Day and time in the business's zone."""
    local = at.astimezone(zone)
    return f"{local:%H:%M} " + day(local.date(), locale)
