"""What `ganbo liability` was asked: months, days, worths and accounts; wrong ones name their option and show a right one."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme

MONTHS = 12  # shown when nothing is asked for


def span(month: str | None, from_: str | None, to: str | None, *, today: date) -> tuple[date, date]:
    """First and last day asked for; whole months."""
    if month is not None and (from_ is not None or to is not None):
        raise typer.BadParameter("--month | --from --to", param_hint="--month")
    last = _month(month or to, "--to" if month is None else "--month") or today.replace(day=1)
    back = last.year * 12 + last.month - MONTHS
    first = _month(from_ if month is None else month, "--from" if month is None else "--month") or date(
        back // 12, back % 12 + 1, 1
    )
    if not first <= last <= today:
        raise typer.BadParameter(f"{first:%Y-%m} … {last:%Y-%m}; {today:%Y-%m}", param_hint="--from / --to")
    return first, (last + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _month(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if text is not None else None
    except ValueError as failure:
        raise typer.BadParameter("2026-11", param_hint=option) from failure


def day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as failure:
        raise typer.BadParameter("2027-02-05", param_hint="--stress") from failure


def values(pairs: list[str], programme: "Programme") -> dict[str, Fraction]:
    """By wallet, in minor units."""
    from ganbo.kernel.money import digits

    found = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            number = Decimal(text)
        except InvalidOperation as failure:
            raise typer.BadParameter("points=95", param_hint="--value") from failure
        known = [
            *(w.id for w in programme.wallets.values() if not w.money),
            *(f"stamp:{c.id}" for c in programme.cards),
        ]
        if name not in known:
            raise typer.BadParameter(f"{name}: {', '.join(known)}", param_hint="--value")
        if not number.is_finite() or not 0 <= number < 10**9:
            raise typer.BadParameter("points=95", param_hint="--value")
        found[name] = Fraction(number) * 10 ** digits(programme.currency)
    return found


def accounts(pairs: list[str]) -> dict[str, str]:
    from ganbo.insights.liability.journal import ACCOUNTS

    told = dict(pair.partition("=")[::2] for pair in pairs)
    if not set(told) <= set(ACCOUNTS) or not all(name.strip() for name in told.values()):
        raise typer.BadParameter(", ".join(f"{k}={v}" for k, v in ACCOUNTS.items()), param_hint="--account")
    return {**ACCOUNTS, **told}
