"""What a member holds, as people see it: also points that end by inactivity are shown with their end, or as gone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson

from ganbo.books.ledger import queries as ledger
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.tenancy import context
from ganbo.journeys import inactivity
from ganbo.people.members import queries as members


def balances(member_id: UUID, assets: Iterable[str], *, at: datetime) -> dict[str, ledger.Balance]:
    """The member's balance in each asset at `at`."""
    return ledger.balances(
        member_id, list(assets), at=at, ends=ends(member_id, at=at), floors=_floors(member_id, at=at)
    )


def _floors(member_id: UUID, *, at: datetime) -> dict[str, int]:
    """wallet → how far below zero it may be shown; read only when the programme has such a wallet."""
    try:
        programme = programmes.in_force_at(context.current().schema, at).programme
    except NoProgramme:
        return {}
    if not any(wallet.floors for wallet in programme.wallets.values()):
        return {}
    row = members.get(member_id)
    return programme.floors(row.tier if row else None)


def lot_rows(member_id: UUID, assets: Iterable[str], *, at: datetime) -> list[ledger.LotRow]:
    """All lots of a member, the first to expire first."""
    return ledger.lot_rows(member_id, list(assets), ends=ends(member_id, at=at))


def ends(member_id: UUID, *, at: datetime) -> dict[str, datetime]:
    """asset → when all of it ends unless the member does something; only wallets that end by inactivity."""
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return {}
    if not inactivity.wallets(timeline.at(at).programme):
        return {}
    found = members.state_of(member_id)
    return inactivity.ends_at(timeline, orjson.loads(found[0]), found[1], now=at) if found else {}
