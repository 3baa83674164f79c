"""Bills paid from the member's card: from which wallets and lots, and back into them when the sale is returned.

What was burnt stands in the sale's trace, so that a return needs nothing else: the share of the card in what is returned
goes back, the wallet that paid last first, each part into the lot it came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.posting import MEMBER, Cause, Insufficient, Posting, account_id
from ganbo.engine import pots
from ganbo.engine.programme import Programme, Wallet
from ganbo.journeys import reserving
from ganbo.journeys.gathering import Standing
from ganbo.kernel.period import midnight

CARD = "card_money"
RULE = "pots:used"  # what stands as the rule of the transfers


@dataclass(frozen=True, slots=True)
class Burnt:
    """What one lot paid of a bill."""

    wallet: str
    expires_at: datetime
    earned_month: date
    amount: int

    def to_json(self) -> list[Any]:
        return [self.wallet, self.expires_at.isoformat(), self.earned_month.isoformat(), self.amount]

    @classmethod
    def of_json(cls, row: Sequence[Any]) -> "Burnt":
        return cls(row[0], datetime.fromisoformat(row[1]), date.fromisoformat(row[2]), row[3])

    def lot(self, member: UUID) -> Lot:
        account = account_id(MEMBER, self.wallet, member)
        return Lot(
            lots_.lot_id(account, self.expires_at, self.earned_month), account, self.expires_at, self.earned_month, 0
        )


def wanted(request: EventRequest) -> int:
    """How much of a purchase its `paid` says the card pays, in minor units."""
    if request.type != "purchase":
        return 0
    return sum(part["amount"] for part in request.data.get("paid") or () if part["with"] == CARD)


def plan(
    request: EventRequest, standing: Standing | None, programme: Programme, posting: Posting, *, now: datetime
) -> list[tuple[str, int]]:
    """What each wallet will pay. Raises Insufficient, and FieldsRefused for a card of nobody; nothing is planned yet."""
    amount = wanted(request) if programme.pots else 0
    if not amount:
        return []
    if standing is None:
        place = next(n for n, part in enumerate(request.data["paid"]) if part["with"] == CARD)
        raise FieldsRefused([FieldProblem(f"data.paid.{place}", "card_of_nobody", {})])
    order, member = reserving.order_of(request), standing.member_id
    held = {wallet: _usable(posting, member, wallet, now) for wallet in programme.pots}
    if posting.holds:
        held = {wallet: amount + posting.kept_for(member, wallet, order) for wallet, amount in held.items()}
    parts = pots.shares(programme.pots, held, amount)
    if sum(part for _, part in parts) < amount:
        raise Insufficient(needed=amount, available=sum(held.values()), asset=programme.pots[0])
    return parts


def _usable(posting: Posting, member: UUID, wallet: str, now: datetime) -> int:
    lots = posting.lots.get(account_id(MEMBER, wallet, member), {}).values()
    return sum(lot.remaining for lot in lots if lot.expires_at > now)


def pay(
    posting: Posting, member: UUID, parts: Iterable[tuple[str, int]], request: EventRequest, *, now: datetime
) -> tuple[Burnt, ...]:
    """Burn what was planned."""
    why, burnt = Cause(request.id, request.occurred_at, RULE), []
    for wallet, amount in parts:
        for lot, took in posting.pay(member, wallet, amount, why, order=reserving.order_of(request), now=now):
            burnt.append(Burnt(wallet, lot.expires_at, lot.earned_month, took))
    return tuple(burnt)


def rows(parts: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """What the card paid, as effects of the event."""
    return [{"kind": "money_used", "wallet": wallet, "amount": amount} for wallet, amount in parts]


def back(
    posting: Posting,
    member: UUID,
    burnt: Sequence[Burnt],
    *,
    returned: dict[str, int],
    amount: int,
    wallets: Mapping[str, Wallet],
    why: Cause,
    now: datetime,
) -> list[dict[str, Any]]:
    """`amount` goes back onto the card; below zero, an undone return is paid from it again, and what is missing is owed.

    `returned`, kept with the sale, says by place in `burnt` what went back so far; it is changed.
    """
    moved: dict[str, int] = {}
    places = range(len(burnt)) if amount < 0 else reversed(range(len(burnt)))
    left = abs(amount)
    for place in places:
        one, so_far = burnt[place], returned.get(str(place), 0)
        part = min(left, so_far if amount < 0 else one.amount - so_far)
        if not part:
            continue
        left -= part
        sign = -1 if amount < 0 else 1
        returned[str(place)] = so_far + sign * part
        moved[one.wallet] = moved.get(one.wallet, 0) + sign * part
        if amount < 0:
            posting.spend_again(member, one.wallet, part, why, now=now)
        else:
            lot = one.lot(member)
            wallet = wallets.get(one.wallet)
            posting.give_back(member, one.wallet, part, why, lot=lot_of_return(lot, wallet, now=now) if wallet else lot)
    return [{"kind": "money_back", "wallet": wallet, "amount": n} for wallet, n in moved.items()]


def lot_of_return(lot: Lot, wallet: Wallet, *, now: datetime) -> Lot:
    """Where units that come back go: their own lot; when it has ended, one that lasts `returned` days, if the wallet says so.

    Without such days of grace they come back ended: the next midnight takes them.
    """
    if lot.expires_at > now or not wallet.returned_days or lot.expires_at == NEVER:
        return lot
    zone = wallet.expires.zone
    ends = midnight(now.astimezone(zone).date() + timedelta(days=wallet.returned_days + 1), zone).astimezone(UTC)
    return Lot(lots_.lot_id(lot.account, ends, lot.earned_month), lot.account, ends, lot.earned_month, 0)
