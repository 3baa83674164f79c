"""Sell, use, pause, share, give back and end packages. Every change locks its package first; demands a transaction."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from ganbo.engine.packages import Package as Offered
from ganbo.features.packages import holding, models
from ganbo.features.packages.holding import CannotPause as CannotPause
from ganbo.features.packages.holding import Count, Holding
from ganbo.features.packages.holding import NotActive as NotActive
from ganbo.features.packages.holding import NothingLeft as NothingLeft
from ganbo.features.packages.holding import NotPaused as NotPaused
from ganbo.features.packages.holding import NotRefundable as NotRefundable
from ganbo.features.packages.holding import Paused as Paused
from ganbo.features.packages.holding import UsedAlready as UsedAlready
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal

MOST_PEOPLE = 5  # besides the buyer


class PackageUnknown(Refusal):
    """There is no such package, or it is not this member's."""

    code = "packages.unknown"


class NotShared(Refusal):
    """It is for its buyer alone, or as many people as may share it do already."""

    code = "packages.not_shared"


class NotInHousehold(Refusal):
    """The package is for the buyer's household, and this member is not of it."""

    code = "packages.not_in_household"


class UseUnknown(Refusal):
    """There is no such use of a package."""

    code = "packages.use_unknown"


@dataclass(frozen=True, slots=True)
class Where:
    """Who did it, in which store (empty: none), and when."""

    at: datetime
    by: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """One use, and the units of its kind left afterwards."""

    id: UUID
    left: int


@needs_transaction
def sell(offered: Offered, *, member_id: UUID, version: int, ends_at: datetime | None, where: Where) -> UUID:
    """A new package with all its units."""
    new = holding.sold(offered, ends_at=ends_at)
    package = models.Package.objects.create(
        id=chance.new_id(),
        member_id=member_id,
        package=offered.id,
        price=new.price,
        shared=offered.shared,
        refundable=new.refundable,
        sold_at=where.at,
        sold_by=where.by,
        store=where.store,
        expires_at=new.expires_at,
        pause_left=new.pause_left,
        programme_version=version,
    )
    models.Unit.objects.bulk_create(
        models.Unit(package_id=package.id, unit=unit, sold=count.sold, left=count.left)
        for unit, count in new.units.items()
    )
    return package.id


@needs_transaction
def use(
    package_id: UUID,
    *,
    member_id: UUID | None,
    unit: str,
    quantity: int,
    where: Where,
    order_id: str = "",
    household: Collection[UUID] | None = None,
) -> Used:
    """Use units. Raises PackageUnknown, NotActive, Paused or NothingLeft; `member_id` None: the buyer.

    `household`: whose it is to use when it is shared; None: those whom the buyer named.
    """
    package, held = _locked(package_id)
    who = member_id or package.member_id
    if who != package.member_id and not _shares(package, who, household):
        raise PackageUnknown()
    after = held.use(unit, quantity, at=where.at)
    _write(package.id, held, after)
    made = models.Use.objects.create(
        id=chance.new_id(),
        package_id=package.id,
        unit=unit,
        quantity=quantity,
        member_id=who,
        order_id=order_id,
        at=where.at,
        by=where.by,
        store=where.store,
    )
    return Used(made.id, after.units[unit].left)


@needs_transaction
def undo_use(use_id: UUID, *, at: datetime) -> Used:
    """The units are there again, once. Raises UseUnknown or NotActive."""
    found = models.Use.objects.filter(pk=use_id).first()
    if found is None:
        raise UseUnknown()
    package, held = _locked(found.package_id)
    found = models.Use.objects.get(pk=use_id)  # as it is under the package's lock
    if found.undone_at is not None:
        if not held.active(at):
            raise NotActive()
        return Used(use_id, held.units[found.unit].left)
    after = held.unuse(found.unit, found.quantity, at=at)
    models.Use.objects.filter(pk=use_id).update(undone_at=at)
    _write(package.id, held, after)
    return Used(use_id, after.units[found.unit].left)


@needs_transaction
def pause(package_id: UUID, *, at: datetime) -> None:
    """Its time stands still. Raises CannotPause or NotActive."""
    package, held = _locked(package_id)
    _write(package.id, held, held.pause(at=at))


@needs_transaction
def resume(package_id: UUID, *, at: datetime) -> None:
    """Its time goes on; its end is later by the pause, as far as pauses are allowed. Raises NotPaused or NotActive."""
    package, held = _locked(package_id)
    _write(package.id, held, held.resume(at=at))


@needs_transaction
def share(package_id: UUID, *, member_id: UUID, at: datetime, household: Collection[UUID] | None = None) -> None:
    """Somebody else may use it, too; again changes nothing. Raises NotShared or NotActive.

    With a `household` nobody needs to be named: who is of it uses it, and who is not cannot. Raises NotInHousehold.
    """
    package, held = _locked(package_id)
    if not held.active(at):
        raise NotActive()
    if household is not None:
        if not package.shared:
            raise NotShared()
        if member_id not in household:
            raise NotInHousehold()
        return
    people = {p.member_id for p in models.Person.objects.filter(package_id=package.id)}
    if member_id in people or member_id == package.member_id:
        return
    if not package.shared or len(people) >= MOST_PEOPLE:
        raise NotShared()
    models.Person.objects.create(package_id=package.id, member_id=member_id, at=at)


@needs_transaction
def refund(package_id: UUID, *, where: Where) -> int:
    """What is left is given back; the money to hand back, minor units. Raises NotRefundable or NotActive."""
    package, held = _locked(package_id)
    return _give_back(package.id, held, held.refund(at=where.at), where)


@needs_transaction
def unsell(package_id: UUID, *, where: Where) -> int:
    """The sale was a mistake; the money to hand back, minor units. Raises UsedAlready or NotActive."""
    package, held = _locked(package_id)
    return _give_back(package.id, held, held.unsell(at=where.at), where)


@needs_transaction
def end(package_id: UUID, *, at: datetime) -> bool:
    """What is left of a package whose end has come ends, once."""
    package, held = _locked(package_id)
    after = held.end(at=at)
    if after is None:
        return False
    _write(package.id, held, after)
    return True


def _shares(package: models.Package, member_id: UUID, household: Collection[UUID] | None) -> bool:
    if household is not None:
        return package.shared and member_id in household
    return models.Person.objects.filter(package_id=package.id, member_id=member_id).exists()


def _locked(package_id: UUID) -> tuple[models.Package, Holding]:
    """The package and its units under lock. Raises PackageUnknown."""
    found = models.Package.objects.select_for_update().filter(pk=package_id).first()
    if found is None:
        raise PackageUnknown()
    units = models.Unit.objects.filter(package_id=package_id).order_by("unit")
    return found, Holding(
        price=found.price,
        refundable=found.refundable,
        expires_at=found.expires_at,
        pause_left=found.pause_left,
        units={u.unit: Count(u.sold, u.left, u.used, u.refunded, u.expired) for u in units},
        paused_at=found.paused_at,
        state=found.state,
        refunded=found.refunded,
    )


def _give_back(package_id: UUID, before: Holding, after: Holding, where: Where) -> int:
    _write(package_id, before, after)
    models.Package.objects.filter(pk=package_id).update(
        refunded_at=where.at, refunded_by=where.by, refunded_in=where.store
    )
    return after.refunded


def _write(package_id: UUID, before: Holding, after: Holding) -> None:
    """Write what differs; the package is locked."""
    names = ("expires_at", "pause_left", "paused_at", "state", "refunded")
    changed = {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}
    if changed:
        models.Package.objects.filter(pk=package_id).update(**changed)
    for unit, count in after.units.items():
        if count != before.units[unit]:
            models.Unit.objects.filter(package_id=package_id, unit=unit).update(**asdict(count))
