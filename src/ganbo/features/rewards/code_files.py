"""A partner's file of codes, read: one code a line, perhaps with its last day. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ganbo.kernel.period import midnight

MOST_LINES = 1_000_000
MOST_BYTES = 64 * 1024 * 1024
LONGEST = 200  # signs of a code
_LAST_YEAR = 2999
_HEADINGS = frozenset({"code", "codes", "mã", "ma", "mã số"})
_DAYS = (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"))
_MANGLED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A good line; `expires_at` is the midnight after the code's last day."""

    number: int
    code: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be taken; `reason` is codes.line_… (problems.py has the sentences)."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    lines: list[Line] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def read(text: str, *, zone: ZoneInfo, now: datetime) -> Read:
    """The lines of a TXT or CSV file (comma, semicolon or tab; columns code and last day, a heading may stand above)."""
    found = Read()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        cells = _cells(line)
        if not cells or (number == 1 and cells[0].lower() in _HEADINGS):
            continue
        one = line_of(number, cells[0], cells[1] if len(cells) > 1 else "", zone=zone, now=now)
        if isinstance(one, Bad):
            found.bad.append(one)
        else:
            found.lines.append(one)
    return found


def line_of(number: int, code: str, last_on: str, *, zone: ZoneInfo, now: datetime) -> Line | Bad:
    """One line; `last_on` as 2027-06-30 or 30/06/2027, or nothing."""
    if not code or len(code) > LONGEST or not code.isprintable():
        return Bad(number, "codes.line_code")
    if _MANGLED.fullmatch(code):
        return Bad(number, "codes.line_mangled")
    if not last_on:
        return Line(number, code, None)
    day = _day(last_on)
    if day is None or day.year > _LAST_YEAR:
        return Bad(number, "codes.line_day")
    expires_at = midnight(day + timedelta(days=1), zone)
    return Line(number, code, expires_at) if expires_at > now else Bad(number, "codes.line_over")


def once(lines: Iterable[Line]) -> tuple[list[Line], int]:
    """Each code once, where it stands first; and how many stood again."""
    seen: dict[str, Line] = {}
    again = 0
    for line in lines:
        again += line.code in seen
        seen.setdefault(line.code, line)
    return list(seen.values()), again


def _cells(line: str) -> list[str]:
    """The cells of a line without spaces and quotes around them; nothing for an empty line."""
    separator = next((sign for sign in "\t;," if sign in line), None)
    cells = [cell.strip() for cell in (line.split(separator, 2) if separator else [line])]
    cells = [cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]
    return cells if any(cells) else []


def _day(text: str) -> date | None:
    iso, local = (pattern.fullmatch(text) for pattern in _DAYS)
    try:
        if iso:
            return date(*(int(part) for part in iso.groups()))
        return date(*(int(part) for part in reversed(local.groups()))) if local else None
    except ValueError:
        return None
