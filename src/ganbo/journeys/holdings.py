"""What a member holds, as people see it: also points that end by inactivity are shown with their end, or as gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import orjson

from ganbo.books.ledger import queries as ledger
from ganbo.features.households import queries as households
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.tenancy import context
from ganbo.journeys import inactivity
from ganbo.kernel.points import shown_balance
from ganbo.people.members import queries as members


def balances(member_id: UUID, assets: Iterable[str], *, at: datetime) -> dict[str, ledger.Balance]:
    """The member's balance in each asset at `at`, and with whom they spend what the programme pools."""
    found = ledger.balances(
        member_id, list(assets), at=at, ends=ends(member_id, at=at), floors=_floors(member_id, at=at)
    )
    return found | _together(member_id, found, at=at)


def _together(member_id: UUID, own: Mapping[str, ledger.Balance], *, at: datetime) -> dict[str, ledger.Balance]:
    """The balances of assets that the member's household spends together; two queries for each such asset."""
    try:
        accounts = programmes.in_force_at(context.current().schema, at).programme.accounts
    except NoProgramme:
        return {}
    household = households.of_member(member_id, at=at) if accounts else None
    if accounts is None or household is None:
        return {}
    people, may = [one.member_id for one in household.people], household.role(member_id) in accounts.may_spend
    return {
        asset: replace(own[asset], together=sum(available(people, asset, at=at).values()), may_spend=may)
        for asset in sorted(accounts.wallets & own.keys())
    }


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


def available(member_ids: Sequence[UUID], asset: str, *, at: datetime) -> dict[UUID, int]:
    """What each of these members can spend of an asset at `at`, as `balances` shows it; few queries for any number."""
    held = ledger.available(list(member_ids), asset, at=at)
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return held
    programme = timeline.at(at).programme
    wallet = programme.wallets.get(asset)
    if wallet is None or not (wallet.floors or wallet in inactivity.wallets(programme)):
        return held
    owed = ledger.owed(list(member_ids), asset) if wallet.floors else {}
    for member, (tier, state, created_at) in members.states_of(list(member_ids)).items():
        ends = inactivity.ends_at(timeline, orjson.loads(state), created_at, now=at)
        there = 0 if asset in ends and ends[asset] <= at else held[member]
        held[member] = shown_balance(there, owed.get(member, 0), programme.floors(tier)[asset])[0]
    return held


def points_ending(since: datetime, until: datetime) -> dict[str, int]:
    """How many points of each asset end in [since, until): by their date, or by inactivity."""
    found = ledger.points_expiring(since, until)
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return found
    for asset, amount in inactivity.amounts_ending(timeline, since, until).items():
        found[asset] = found.get(asset, 0) + amount
    return {asset: amount for asset, amount in found.items() if amount}


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
