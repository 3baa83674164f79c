"""What a till keeps for the time without a network: whom it knows, what they have, and whom it may give gifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.books.events import queries as events
from ganbo.engine import offline
from ganbo.engine.offline import Gift
from ganbo.engine.programme import Programme
from ganbo.features.offline import operations as leases
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings
from ganbo.kernel.period import midnight
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

MOST_KNOWN = 3_000  # members a till keeps: about 400 kB
RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Known:
    """A member as a till knows them: points by wallet, and what it may still give them today, minor units."""

    row: MemberRow
    balances: dict[str, int]
    may_give: int


@dataclass(frozen=True, slots=True)
class Kept:
    """All a till keeps; its leases are of `day`, which ends at `until`."""

    known: list[Known]
    day: date
    until: datetime


def keep(*, device: UUID, store: str | None, now: datetime) -> Kept:
    """Read whom this till knows, and lease it those who could take a gift and are no other till's today."""
    programme = programmes.in_force_at(context.current().schema, now).programme
    day = now.astimezone(programme.timezone).date()
    rows = members.by_ids(events.latest_buyers(store=store, since=now - RECENT, most=MOST_KNOWN))
    gifts = {tier: list(offline.gifts(programme, tier)) for tier in {row.tier for row in rows.values()}}
    wallets = _wallets(programme, [gift for found in gifts.values() for gift in found])
    held = {wallet: holdings.available(list(rows), wallet, at=now) for wallet in wallets}
    balances = {id: {wallet: held[wallet].get(id, 0) for wallet in wallets} for id in rows}
    able = [id for id, row in rows.items() if _able(balances[id], gifts[row.tier])]
    with transaction.atomic():
        may = leases.grant(able, device=device, day=day, worth=programme.offline_up_to, at=now) if able else {}
    known = [Known(row, balances[id], may.get(id, 0)) for id, row in rows.items()]
    return Kept(known, day, midnight(day + timedelta(days=1), programme.timezone))


def give_up(device: UUID, *, now: datetime) -> None:
    """Somebody signs out and nothing waits: another till may have today's leases that were not used."""
    programme = programmes.in_force_at(context.current().schema, now).programme
    with transaction.atomic():
        leases.give_up(device, day=now.astimezone(programme.timezone).date())


def _wallets(programme: Programme, gifts: Iterable[Gift]) -> list[str]:
    """The first kind of points, and those that pay for what may be given."""
    first = [wallet.id for wallet in programme.wallets.values() if not wallet.money][:1]
    return list(dict.fromkeys([*first, *(gift.wallet for gift in gifts)]))


def _able(balances: dict[str, int], gifts: list[Gift]) -> bool:
    return any(balances[gift.wallet] >= gift.price for gift in gifts)
