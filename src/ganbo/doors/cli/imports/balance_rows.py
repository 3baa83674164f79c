"""From a file's rows to opening balances: whose, in which wallet, how many, until when; or the reason why a row is not taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl

from ganbo.doors.cli.imports import member_rows
from ganbo.doors.cli.imports.times import Times, When
from ganbo.engine.programme import Programme, Wallet
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.look import dates, numbers
from ganbo.insights.look.sheets import Fields, Row
from ganbo.journeys.import_balances import Opening
from ganbo.journeys.import_members import Refused
from ganbo.kernel import money
from ganbo.kernel.fold import fold
from ganbo.kernel.period import midnight
from ganbo.people.members import contacts
from ganbo.people.members.bringing import Key

EMPTY = "empty"  # a balance of nothing: counted, not told
LONGEST = 64
_NEVER = {"never", "none", "no", "khong", "khong het han", "vinh vien", "khong thoi han"}
KNOWN: dict[str, tuple[str, ...]] = {
    **{name: member_rows.KNOWN[name] for name in ("phone", "email", "card", "external_id")},
    "wallet": ("wallet", "currency", "kind", "loai diem", "loai", "vi"),
    "amount": (
        *("amount", "balance", "points", "points balance", "so du", "so diem", "diem", "diem hien co", "diem tich luy"),
        *("so diem hien co", "so tien", "tong diem"),
    ),
    "expires": (
        *("expires", "expires at", "expires on", "expiry", "expiry date", "valid until", "het han", "ngay het han"),
        *("han dung", "han su dung", "han"),
    ),
    "earned": (
        "earned",
        "earned at",
        "earned on",
        "issued at",
        "ngay tich",
        "ngay cong",
        "ngay tich diem",
        "ngay cong diem",
    ),
    "reference": ("reference", "ref", "lot", "lot id", "ma lo", "ma tham chieu"),
}
_WHO = ("external_id", "card", "phone", "email")


def _lacking(found: Mapping[str, int]) -> list[str]:
    who = [] if found.keys() & set(_WHO) else ["phone or external_id"]
    return who if "amount" in found else [*who, "amount"]


FIELDS = Fields(KNOWN, _lacking)


class _Wrong(Exception):
    """A cell stands in the way; reason and value."""


@dataclass
class Reading:
    """How a business reads a file of balances. `wallet`: of rows that name none; `until`: the last day of rows that say none."""

    business: BusinessRow
    programme: Programme
    now: datetime
    wallet: str | None = None
    until: date | None = None
    _way: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._times = Times(self.programme.timezone)
        self._today = self.now.astimezone(self.programme.timezone).date()
        self._wallets = {fold(one.id): one for one in self.programme.wallets.values()}
        for one in self.programme.wallets.values():
            for language in ("vi", "en"):
                self._wallets.setdefault(fold(one.name.text(language)), one)
        points = [one for one in self.programme.wallets.values() if not one.money]
        self._usual = self.programme.wallets.get(self.wallet or "") or (points[0] if len(points) == 1 else None)

    def read(self, rows: Sequence[Row]) -> Iterator[Opening | Refused]:
        """Each row as a balance, or why it is none."""
        amounts = pl.Series([row.cells.get("amount") for row in rows], dtype=pl.String)
        self._way = self._way or numbers.style(amounts)
        sums = numbers.read(amounts, self._way).to_list()
        never = [fold(row.cells.get("expires", "")) in _NEVER for row in rows]
        dated = [
            Row(row.line, {name: cell for name, cell in row.cells.items() if name != "expires" or not endless})
            for row, endless in zip(rows, never, strict=True)
        ]
        days = {name: self._times.read(dated, name) for name in ("expires", "earned")}
        for place, row in enumerate(rows):
            try:
                yield self._opening(row, sums[place], days["expires"][place], days["earned"][place], never=never[place])
            except _Wrong as wrong:
                yield Refused(row.line, *wrong.args)

    def _opening(self, row: Row, value: int | None, end: When | None, since: When | None, *, never: bool) -> Opening:
        cells = row.cells
        wallet = self._wallet_of(cells.get("wallet", ""))
        amount = self._units(wallet, value, cells.get("amount", ""))
        if "earned" in cells and (since is None or not dates.EARLIEST <= since.day <= self._today):
            raise _Wrong("bad_earned", cells["earned"])
        if "expires" in cells and end is None and not never:
            raise _Wrong("bad_expires", cells["expires"])
        earned = since.day if since else self._today
        reference = cells.get("reference", "")
        if len(reference) > LONGEST or not reference.isprintable():
            raise _Wrong("too_long", reference[:40])
        expires = None if never else self._end(wallet, end.day if end else self.until, earned)
        if expires is not None and expires <= self.now:
            raise _Wrong("over", f"{(expires - timedelta(seconds=1)).astimezone(self.programme.timezone):%Y-%m-%d}")
        ends = "never" if never else end.day.isoformat() if end else ""
        since_day = since.day.isoformat() if since else ""
        return Opening(
            row.line, self._who(cells), wallet.id, amount, expires, earned, reference, ends=ends, since=since_day
        )

    def _wallet_of(self, cell: str) -> Wallet:
        found = self._wallets.get(fold(cell)) if cell else self._usual
        if found is None:
            raise _Wrong("unknown_wallet" if cell else "no_wallet", cell)
        return found

    def _units(self, wallet: Wallet, value: int | None, cell: str) -> int:
        if value is None:
            raise _Wrong("bad_amount", cell)
        if value < 0:
            raise _Wrong("below_zero", cell)
        if value == 0:
            raise _Wrong(EMPTY)
        units, rest = divmod(
            value * 10 ** (money.digits(self.programme.currency) if wallet.money else 0), numbers.SCALE
        )
        if rest:
            raise _Wrong("fraction", cell)
        return int(units)

    def _end(self, wallet: Wallet, last: date | None, earned: date) -> datetime | None:
        """The first unusable instant: after the day told, else as the wallet's own points of that day end."""
        if last is not None:
            return midnight(last + timedelta(days=1), self.programme.timezone)
        return wallet.expires.expires_on(earned)

    def _who(self, cells: dict[str, str]) -> Key:
        """The first contact the row has; an external id before a phone that may have changed hands."""
        for kind in _WHO:
            if value := cells.get(kind):
                try:
                    return kind, value if kind == "external_id" else member_rows.contact(
                        kind, value, self.business.country
                    )
                except (contacts.BadPhone, contacts.BadEmail, contacts.BadCard) as bad:
                    raise _Wrong(f"bad_{kind}", value) from bad
        raise _Wrong("no_contact")
