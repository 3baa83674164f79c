"""Bills of a story's member at partners', kept in memory; what they move is partner_points."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import partners
from ganbo.engine.partners import NOTHING, Partner, Shares
from ganbo.engine.programme import Programme
from ganbo.journeys import partner_points
from ganbo.journeys.gathering import Standing
from ganbo.journeys.partner_bills import BillUnknown, NotTaken, TooMuch
from ganbo.journeys.partner_points import Held


@dataclass
class _Bill:
    partner: Partner
    held: Held
    cause: str
    at: datetime
    amount: int
    moved: Shares
    returned: int = 0
    brought: Shares = field(default=NOTHING)


class Partners:
    """What was bought where, the last one last, and what it makes owe."""

    def __init__(self, programme: Programme, posting: Posting, people: tuple[UUID, ...]) -> None:
        self._programme, self._posting, self._people = programme, posting, people
        self._bills: list[_Bill] = []
        self._owed: Counter[str] = Counter()

    def live(self, step: Mapping[str, Any], standing: Standing, *, at: datetime) -> None:
        """One step of a story at a partner's, of one of its people. Raises NotTaken, TooMuch, BillUnknown or Insufficient."""
        partner = self._programme.partners[step["at"]]
        if "bill" in step:
            self._sell(partner, (step["bill"], step.get("points", 0)), self._held(standing), at)
        else:
            self._give_back(partner, step["returned"], at)

    @property
    def owed(self) -> dict[str, int]:
        """By partner what it owes us; below zero we owe it."""
        return dict(self._owed)

    def _held(self, standing: Standing) -> Held:
        return Held(
            standing, self._posting, (standing.member_id, *(p for p in self._people if p != standing.member_id))
        )

    def _sell(self, partner: Partner, told: tuple[int, int], held: Held, at: datetime) -> None:
        amount, points = told
        if points and not partner.takes_points:
            raise NotTaken(partner=partner.id)
        if points * partner.rate > amount:
            raise TooMuch(most=amount)
        why = Cause(f"story:partner:{len(self._bills)}", at, f"partner:{partner.id}")
        partner_points.check(held, self._programme, partner, points, at=at)
        earned = partner_points.move(held, self._programme, partner, (points, amount), why)
        moved = Shares(earned, points, points * partner.rate, 0)
        self._bills.append(_Bill(partner, held, why.cause, at, amount, moved))
        self._owed[partner.id] += sum(debt.amount for debt in partners.debts(partner, moved))

    def _give_back(self, partner: Partner, amount: int, at: datetime) -> None:
        bill = next((one for one in reversed(self._bills) if one.partner.id == partner.id), None)
        if bill is None:
            raise BillUnknown(reference="")
        left = bill.amount - bill.returned
        if amount > left:
            raise TooMuch(most=left)
        posting, wallet = self._posting, self._programme.wallets[partner.wallet]
        waiting = {id: part for id, part in posting.pending.items() if part.cause == bill.cause}
        stands = partners.kept(bill.moved, bill=bill.amount, left=left - amount)
        moved = bill.moved.less(stands).less(bill.brought)
        moved = moved._replace(earned=partner_points.returnable(wallet, moved.earned, waiting.values()))
        spent = [
            (posting.lots[t.debit][t.lot], t.amount)
            for t in posting.transfers
            if t.cause == bill.cause and t.kind == "spend" and t.lot is not None
        ]
        why = Cause(f"{bill.cause}:back", at, f"partner:{partner.id}")
        whole, posting.pending = posting.pending, waiting  # only what waits of this bill is taken back
        partner_points.bring_back(bill.held, wallet, (moved, bill.brought), why, spent=spent, sold_at=bill.at)
        posting.pending = whole | posting.pending
        bill.returned += amount
        bill.brought = Shares(*(a + b for a, b in zip(bill.brought, moved, strict=True)))
        self._owed[partner.id] -= sum(debt.amount for debt in partners.debts(partner, moved))
