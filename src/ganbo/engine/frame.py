"""What stands around a programme's rules: what is left out, how long it runs, who answers for it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ganbo.engine.basket import Order, OrderLine
from ganbo.engine.document import LegalDoc, NeverDoc, RunsDoc
from ganbo.kernel.local_text import LocalText


@dataclass(frozen=True, slots=True)
class Never:
    """Categories or labels whose lines never earn, are never paid with points, never lowered by a voucher; and why."""

    earn: frozenset[str] = frozenset()
    pay: frozenset[str] = frozenset()
    reward: frozenset[str] = frozenset()
    why: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """Local days from `since` to the last days to earn and to spend, all inclusive; None: without an end."""

    since: date | None = None
    earn_until: date | None = None
    spend_until: date | None = None

    def earns(self, day: date) -> bool:
        """Whether anything is earned on a day."""
        return not (self.before(day) or (self.earn_until is not None and day > self.earn_until))

    def spends(self, day: date) -> bool:
        """Whether anything is redeemed on a day."""
        return not (self.before(day) or (self.spend_until is not None and day > self.spend_until))

    def before(self, day: date) -> bool:
        """Whether it has not begun."""
        return self.since is not None and day < self.since


@dataclass(frozen=True, slots=True)
class Legal:
    """What is printed on terms and beside vouchers; empty where nothing was said."""

    organiser: str = ""
    tax_code: str = ""
    type: str = ""
    notice_no: str = ""
    areas: tuple[str, ...] = ()


NOTHING_LEFT_OUT, ALWAYS, NOBODY = Never(), Runs(), Legal()


def never_of(doc: NeverDoc | None) -> Never:
    if doc is None:
        return NOTHING_LEFT_OUT
    why = LocalText(doc.why) if doc.why else None
    return Never(frozenset(doc.earn), frozenset(doc.pay), frozenset(doc.reward), why)


def runs_of(doc: RunsDoc | None) -> Runs:
    if doc is None:
        return ALWAYS
    days = (doc.from_, doc.earn_until, doc.spend_until)
    return Runs(*(date.fromisoformat(day) if day else None for day in days))


def legal_of(doc: LegalDoc | None) -> Legal:
    if doc is None:
        return NOBODY
    return Legal(doc.organiser or "", doc.tax_code or "", doc.type or "", doc.notice_no or "", tuple(doc.areas))


def kinds_of(line: OrderLine, kinds: frozenset[str]) -> frozenset[str]:
    """Which of these categories or labels a line has."""
    return kinds & {line.category, *line.labels}


def barred(line: OrderLine, kinds: frozenset[str]) -> bool:
    """Whether a line is of one of these."""
    return bool(kinds) and (line.category in kinds or not kinds.isdisjoint(line.labels))


def only_barred(order: Order | None, kinds: frozenset[str]) -> bool:
    """Whether an order has nothing but lines of these."""
    return bool(kinds) and order is not None and all(barred(line, kinds) for line in order.lines)


def net(order: Order, kinds: frozenset[str]) -> int:
    """The order's net without the lines of these, minor units."""
    return order.net - sum(line.net for line in order.lines if barred(line, kinds)) if kinds else order.net


def payable(order: Order, never: Never) -> int:
    """How much of the bill may be paid with points: all of it but the lines that never are, minor units."""
    return order.total - sum(line.net + _tax(order, line) for line in order.lines if barred(line, never.pay))


def _tax(order: Order, line: OrderLine) -> int:
    return 0 if order.tax_included else line.tax


def named(order: Order | None, kinds: frozenset[str]) -> list[str]:
    """The categories or labels of an order's lines that are among these, in order."""
    lines: Iterable[OrderLine] = order.lines if order is not None and kinds else ()
    return sorted({kind for line in lines for kind in kinds_of(line, kinds)})
