"""Packages from the counter to the last unit: each step is one transaction that locks its package."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.features.households import queries as households
from ganbo.features.packages import operations, queries
from ganbo.features.packages.operations import PackageUnknown, Used, UseUnknown, Where
from ganbo.features.packages.queries import PackageRow
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.journeys.reverse import UndoTooLate
from ganbo.kernel.refusal import Refusal

MOST_AT_ONCE = 500


class NotOffered(Refusal):
    """The programme sells no such package."""

    code = "packages.not_offered"


class WorthChanged(Refusal):
    """What is left is worth another amount than was said."""

    code = "packages.worth_changed"


@dataclass(frozen=True, slots=True)
class Wish:
    """Units asked for of a package: by whom (None: its buyer), how many, for which order."""

    unit: str
    quantity: int = 1
    member_id: UUID | None = None
    order_id: str = ""


def sell(package: str, *, member_id: UUID, by: str, now: datetime, store: str = "") -> PackageRow:
    """A new package for a member. Raises NotOffered."""
    published = programmes.in_force_at(context.current().schema, now)
    offered = published.programme.packages.get(package)
    if offered is None:
        raise NotOffered(package=package)
    ends_at = offered.ends_at(now, published.programme.timezone)
    with transaction.atomic():
        where = Where(now, by, store)
        id = operations.sell(offered, member_id=member_id, version=published.version, ends_at=ends_at, where=where)
        audit.note(by, "package.sold", str(id))
        return _row(id, now)


def use(package_id: UUID, wish: Wish, *, by: str, now: datetime, store: str = "") -> Used:
    """Use units. Raises what operations.use raises; then nothing is used."""
    with transaction.atomic():
        used = operations.use(
            package_id,
            member_id=wish.member_id,
            unit=wish.unit,
            quantity=wish.quantity,
            order_id=wish.order_id,
            where=Where(now, by, store),
            household=_household(queries.buyer(package_id), now),
        )
        audit.note(by, "package.used", str(used.id))
        return used


def undo_use(use_id: UUID, *, by: str, now: datetime, within: timedelta | None = None) -> Used:
    """The units are there again; by cashiers only `within` so long. Raises UseUnknown, UndoTooLate or NotActive."""
    with transaction.atomic():
        found = queries.use(use_id)
        if found is None:
            raise UseUnknown()
        if within is not None and now - found.at > within:
            raise UndoTooLate()
        audit.note(by, "package.use_undone", str(use_id))
        return operations.undo_use(use_id, at=now)


def pause(package_id: UUID, *, by: str, now: datetime) -> PackageRow:
    """Its time stands still."""
    with transaction.atomic():
        operations.pause(package_id, at=now)
        audit.note(by, "package.paused", str(package_id))
        return _row(package_id, now)


def resume(package_id: UUID, *, by: str, now: datetime) -> PackageRow:
    """Its time goes on."""
    with transaction.atomic():
        operations.resume(package_id, at=now)
        audit.note(by, "package.resumed", str(package_id))
        return _row(package_id, now)


def share(package_id: UUID, *, member_id: UUID, by: str, now: datetime) -> PackageRow:
    """Somebody else may use it, too; where the programme knows households, somebody of the buyer's."""
    with transaction.atomic():
        household = _household(queries.buyer(package_id), now)
        operations.share(package_id, member_id=member_id, at=now, household=household)
        audit.note(by, "package.shared", str(package_id))
        return _row(package_id, now)


def refund(package_id: UUID, *, by: str, now: datetime, store: str = "", told: int | None = None) -> PackageRow:
    """What is left is given back for its part of the price; with `told` only for just that much. Raises WorthChanged."""
    with transaction.atomic():
        money = operations.refund(package_id, where=Where(now, by, store))
        if told is not None and told != money:
            raise WorthChanged(amount=money)
        audit.note(by, "package.refunded", str(package_id))
        return _row(package_id, now)


def undo_sale(
    package_id: UUID, *, by: str, now: datetime, store: str = "", within: timedelta | None = None
) -> PackageRow:
    """The sale was a mistake and nothing was used: the whole price is handed back; by cashiers only `within` so long.

    Raises UndoTooLate, UsedAlready or NotActive.
    """
    with transaction.atomic():
        operations.unsell(package_id, where=Where(now, by, store))
        row = _row(package_id, now)
        if within is not None and now - row.sold_at > within:
            raise UndoTooLate()
        audit.note(by, "package.sale_undone", str(package_id))
        return row


def of_member(member_id: UUID, *, now: datetime) -> list[PackageRow]:
    """What a member bought and what they may use with others, the newest first."""
    return queries.of_member(member_id, at=now, household=_household(member_id, now))


def people(row: PackageRow, *, now: datetime) -> list[UUID]:
    """Who may use it besides its buyer, in a fixed order."""
    household = _household(row.member_id, now)
    if household is None:
        return queries.people([row.id]).get(row.id, [])
    return sorted(household - {row.member_id}) if row.shared else []


def _household(member_id: UUID | None, now: datetime) -> set[UUID] | None:
    """Who is in a household with a member; None where the programme knows none."""
    try:
        accounts = programmes.in_force_at(context.current().schema, now).programme.accounts
    except NoProgramme:
        return None
    return households.with_members([member_id] if member_id else []) if accounts else None


def expire(*, now: datetime) -> int:
    """End packages whose time has come; how many."""
    gone = 0
    while ids := queries.ended(at=now, most=MOST_AT_ONCE):
        for id in ids:
            with transaction.atomic():
                gone += operations.end(id, at=now)
    return gone


def _row(package_id: UUID, now: datetime) -> PackageRow:
    found = queries.get(package_id, at=now)
    if found is None:
        raise PackageUnknown()
    return found
