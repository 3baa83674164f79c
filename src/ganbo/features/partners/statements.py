"""A month with a partner as both sides read it: what was open, every line, what is open after it, and who pays."""

from collections.abc import Iterator
from dataclasses import dataclass

from ganbo.features.partners import queries
from ganbo.features.partners.queries import LineRow

KINDS = ("earn", "earn_back", "points", "points_back", "gift_card", "gift_card_back", "settle")


@dataclass(frozen=True, slots=True)
class Total:
    """All lines of one kind about the points and cards of one side."""

    ours: bool
    kind: str
    lines: int
    units: int
    amount: int


@dataclass(frozen=True, slots=True)
class Statement:
    """`state`: running, closed (over and not yet paid) or settled. Above zero the partner owes us; minor units.

    `closing` is the one amount that one side pays.
    """

    partner: str
    month: str
    opening: int
    lines: tuple[LineRow, ...]
    totals: tuple[Total, ...]
    closing: int
    state: str


def of(partner: str, month: str, *, running: str) -> Statement:
    """The statement of a month; `running` is the month that runs now."""
    lines = tuple(queries.lines(partner, month))
    settled = queries.settled_through(partner)
    state = "settled" if settled and month <= settled else "closed" if month < running else "running"
    return Statement(
        partner=partner,
        month=month,
        opening=queries.balance(partner, before=month),
        lines=lines,
        totals=tuple(_totals(lines)),
        closing=queries.balance(partner, through=month),
        state=state,
    )


def _totals(lines: tuple[LineRow, ...]) -> Iterator[Total]:
    for ours in (True, False):
        for kind in KINDS:
            found = [line for line in lines if line.kind == kind and (line.ours is ours or kind == "settle")]
            if found and (ours or kind != "settle"):
                yield Total(ours, kind, len(found), sum(x.units for x in found), sum(x.amount for x in found))
