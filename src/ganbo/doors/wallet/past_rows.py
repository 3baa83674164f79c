"""The lines of a member's history before they have words: movements gathered into what happened."""

from dataclasses import dataclass, field
from datetime import date, datetime

from ganbo.books.ledger.history import Movement
from ganbo.books.ledger.posting import MEMBER, OWED, PENDING, STAMPS
from ganbo.doors.ui.units import Unit
from ganbo.journeys import card_paying, import_balances, paying

# What a movement is to its member, by the kind of its transfer. Undoing anything is `back`; from the waiting: `released`.
GROUPS = {
    "earn": "got",
    "opening": "opened",
    "owed": "got",
    "pending": "got",
    "cancel": "cancelled",
    "reverse": "back",
    "shortfall": "back",
    "restore": "back",
    "return": "back",
    "spend": "spent",
    "expire": "ended",
}


@dataclass(slots=True)
class HistoryRow:
    """One thing that happened: what, when, where, how many of what, and why. `at` stands in the shop's zone.

    `amounts` are usable, `waiting` are not yet; `vouchers` came (above zero) or went.
    """

    at: datetime
    title: str
    where: str
    why: str
    amounts: list[tuple[int, Unit]] = field(default_factory=list)
    event_id: str = ""
    vouchers: int = 0
    waiting: list[tuple[int, Unit]] = field(default_factory=list)

    @property
    def on(self) -> date:
        """The shop's day of it."""
        return self.at.date()


@dataclass(slots=True)
class Happening:
    """The movements that stand as one line."""

    group: str
    cause: str
    movements: list[Movement] = field(default_factory=list)

    @property
    def first(self) -> Movement:
        """The one that was posted first."""
        return self.movements[-1]

    def usable(self) -> dict[tuple[str, bool], int]:
        """(wallet or card, whether it is a card) → what came to or went from what can be used."""
        return self._sums((MEMBER, STAMPS))

    def waiting(self) -> dict[tuple[str, bool], int]:
        """The same for what waits."""
        return {} if self.group == "released" else self._sums((PENDING,))

    def netted(self) -> dict[tuple[str, bool], int]:
        """What made good a debt; below zero: what became owed."""
        return self._sums((OWED,))

    def _sums(self, roles: tuple[str, ...]) -> dict[tuple[str, bool], int]:
        found: dict[tuple[str, bool], int] = {}
        for m in self.movements:
            change = m.amount * ((m.into in roles) - (m.out_of in roles))
            if change:
                found[m.asset, m.stamps] = found.get((m.asset, m.stamps), 0) + change
        return found


def happenings(movements: list[Movement]) -> dict[str, Happening]:
    """Movements, the newest first, gathered into lines: of one event or redemption, of one release, of one end."""
    first: dict[str, datetime] = {}
    released = set()
    for m in movements:
        if m.kind == "pending":
            first[m.cause] = min(first.get(m.cause, m.recorded_at), m.recorded_at)
        if m.out_of == PENDING and m.into:
            released.add((m.cause, m.recorded_at))
    found: dict[str, Happening] = {}
    for m in movements:
        again = m.kind == "pending" and m.recorded_at > first[m.cause]
        if again and (m.cause, m.recorded_at) in released:
            continue  # let go before and usable now: the release says so
        group = "again" if again else _group(m)
        key = f"{m.cause}|{group}"
        if group == "filled":
            key += f"|{m.asset}"
        elif group not in ("got", "back", "spent", "paid"):
            key += f"|{m.recorded_at if again else m.at}"
        found.setdefault(key, Happening(group, m.cause)).movements.append(m)
    for key in [key for key, one in found.items() if one.group == "spent"]:
        money = found.pop(key.removesuffix("spent") + "got", None)
        if money is not None:  # points that became money in a wallet
            found[key].movements = money.movements + found[key].movements
    return found


def _group(m: Movement) -> str:
    if m.cause.endswith("/reverse"):
        return "back"
    if m.rule == import_balances.OPENING:
        return "opened"
    if m.out_of == PENDING and m.into:
        return "released"
    if m.rule == paying.RULE and m.kind == "spend":
        return "paid"
    if m.stamps and m.kind == "spend":
        return "filled"
    if m.kind == "spend" and m.rule == card_paying.RULE:
        return "got"  # what a bill took from the card stands with what the bill brought
    return GROUPS.get(m.kind, "got")
