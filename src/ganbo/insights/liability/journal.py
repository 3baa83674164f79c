"""The entries of a roll-forward for the accounts: what is deferred, what becomes revenue; each entry balances."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO

DEFERRED, REVENUE, CASH, BEFORE = "deferred", "revenue", "cash", "before"
# Vietnam's chart of accounts: 3387 doanh thu chưa thực hiện, 511 doanh thu bán hàng, 111 tiền mặt,
# 4211 lợi nhuận chưa phân phối năm trước: what was promised before is no cost of this period
ACCOUNTS: Mapping[str, str] = {DEFERRED: "3387", REVENUE: "511", CASH: "111", BEFORE: "4211"}
HEADING = ("date", "entry", "account", "debit", "credit", "text")
# what moved → (debited, credited) when it is above zero; below zero the two change places
SIDES: Mapping[str, tuple[str, str]] = {
    "earned": (REVENUE, DEFERRED),
    "paid_in": (CASH, DEFERRED),
    "brought_over": (BEFORE, DEFERRED),
    "redeemed": (DEFERRED, REVENUE),
    "expired": (DEFERRED, REVENUE),
    "adjusted": (REVENUE, DEFERRED),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that one column of the roll-forward moved on a day, minor units; below zero when it was undone."""

    day: date
    wallet: str
    what: str  # a key of SIDES
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry: exactly one of debit and credit is above zero, minor units."""

    day: date
    entry: str
    account: str
    debit: int
    credit: int
    text: str


def lines(moves: Iterable[Moved], *, accounts: Mapping[str, str] = ACCOUNTS) -> list[Line]:
    """Two lines for every move that is not zero, the debit first. Raises KeyError for an account nobody named."""
    found = []
    for move in moves:
        if not move.amount:
            continue
        debit, credit = SIDES[move.what] if move.amount > 0 else SIDES[move.what][::-1]
        entry = f"{move.day:%Y%m%d}-{move.wallet}-{move.what}"
        amount = abs(move.amount)
        found.append(Line(move.day, entry, accounts[debit], amount, 0, move.text))
        found.append(Line(move.day, entry, accounts[credit], 0, amount, move.text))
    return found


def text(found: Iterable[Line], *, decimals: int) -> Iterator[str]:
    """CSV lines with heading, for UTF-8 with a byte order mark first (spreadsheets need it); đồng have no decimals."""
    yield "\ufeff" + _row(HEADING)
    for line in found:
        debit, credit = (written(n, decimals) if n else "" for n in (line.debit, line.credit))
        yield _row((line.day.isoformat(), line.entry, line.account, debit, credit, _plain(line.text)))


def written(amount: int, decimals: int) -> str:
    """Minor units as a number with a point: 4175, or 41.75."""
    if not decimals:
        return str(amount)
    whole, part = divmod(abs(amount), 10**decimals)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{decimals}d}"


def _plain(said: str) -> str:
    """A spreadsheet must not take a wallet's name for a formula."""
    return f"'{said}" if said[:1] in "=+-@\t\r" else said


def _row(cells: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
