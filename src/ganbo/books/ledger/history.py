"""What moved on the accounts of one member, as a history tells it: usable points, waiting points, debts and stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from ganbo.books.ledger import models
from ganbo.books.ledger.posting import MEMBER, OWED, PENDING, STAMPS, account_id, stamp_asset

# another end, or an end undone; set aside and come back, for what is held is the member's still: nothing comes or goes
UNSEEN = ("redate", "unexpire", "reexpire", "hold", "unhold")


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer: `out_of` and `into` are the member's own accounts by role, "" for the business's side.

    `asset` is a wallet, or a stamp card when `stamps`.
    """

    id: UUID
    at: datetime  # when it counts
    recorded_at: datetime
    asset: str
    stamps: bool
    amount: int
    kind: str
    cause: str
    rule: str
    out_of: str
    into: str


def movements(member: UUID, wallets: Sequence[str], cards: Sequence[str], *, most: int) -> list[Movement]:
    """The newest movements, the latest first."""
    roles = {account_id(role, wallet, member): (role, wallet) for wallet in wallets for role in (MEMBER, PENDING, OWED)}
    assets = {stamp_asset(card): card for card in cards}
    roles |= {account_id(role, asset, member): (role, asset) for asset in assets for role in (STAMPS, OWED)}
    if not roles:
        return []
    found = models.Transfer.objects.filter(Q(debit_id__in=roles) | Q(credit_id__in=roles)).exclude(kind__in=UNSEEN)
    return [
        Movement(
            id=t.pk,
            at=t.at,
            recorded_at=t.recorded_at,
            asset=assets.get(t.asset, t.asset),
            stamps=t.asset in assets,
            amount=t.amount,
            kind=t.kind,
            cause=t.cause,
            rule=t.rule,
            out_of=roles.get(t.debit_id, ("", ""))[0],
            into=roles.get(t.credit_id, ("", ""))[0],
        )
        for t in found.order_by("-id")[:most]
    ]
