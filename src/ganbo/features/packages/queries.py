"""Packages of members, with what is left of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from ganbo.engine.packages import refund_of
from ganbo.features.packages import models

MOST_OF_MEMBER = 50
MOST_USES = 200  # of one package shown; who has more looks at the newest


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of a package: sold = used + left + refunded + expired."""

    unit: str
    sold: int
    used: int
    left: int
    refunded: int
    expired: int


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package; `ends_at` is the first unusable instant as things stand, a running pause counted. None: it never ends."""

    id: UUID
    member_id: UUID
    package: str
    price: int
    state: str
    refunded: int
    shared: bool
    refundable: bool
    sold_at: datetime
    ends_at: datetime | None
    paused: bool
    pause_left: timedelta
    units: tuple[UnitRow, ...]
    refunded_at: datetime | None = None
    store: str = ""
    sold_by: str = ""

    @property
    def worth(self) -> int:
        """What would be handed back for what is left, minor units; 0 when nothing is."""
        if not self.refundable:
            return 0
        return refund_of(self.price, sold=sum(u.sold for u in self.units), left=sum(u.left for u in self.units))

    def usable(self, at: datetime) -> bool:
        """Neither given back nor over."""
        return self.state == "active" and (self.ends_at is None or self.ends_at > at)

    @property
    def untouched(self) -> bool:
        """Nothing of it was used, given back or ended."""
        return all(u.left == u.sold for u in self.units)


@dataclass(frozen=True, slots=True)
class UseRow:
    """Units used at once, by whom and where; `undone`: they are there again."""

    id: UUID
    package_id: UUID
    package: str
    unit: str
    quantity: int
    member_id: UUID
    at: datetime
    undone: bool
    store: str
    by: str


@dataclass(frozen=True, slots=True)
class Day:
    """What was sold, used and given back; sold and given back as (how many, minor units)."""

    sold: tuple[int, int]
    used: dict[tuple[str, str], int]  # (package, unit): how many
    refunded: tuple[int, int]


def effective_end(row: models.Package, at: datetime) -> datetime | None:
    """The end with the pause that runs, as far as it is allowed."""
    if row.expires_at is None or row.paused_at is None:
        return row.expires_at
    return row.expires_at + min(max(at - row.paused_at, timedelta()), row.pause_left)


def rows(found: Sequence[models.Package], *, at: datetime) -> list[PackageRow]:
    """Packages as plain rows, two queries for any number."""
    units: dict[UUID, list[UnitRow]] = {}
    for u in models.Unit.objects.filter(package_id__in=[p.id for p in found]).order_by("unit"):
        units.setdefault(u.package_id, []).append(UnitRow(u.unit, u.sold, u.used, u.left, u.refunded, u.expired))
    return [
        PackageRow(
            id=p.id,
            member_id=p.member_id,
            package=p.package,
            price=p.price,
            state=p.state,
            refunded=p.refunded,
            shared=p.shared,
            refundable=p.refundable,
            sold_at=p.sold_at,
            ends_at=effective_end(p, at),
            paused=p.paused_at is not None,
            pause_left=p.pause_left,
            units=tuple(units.get(p.id, ())),
            refunded_at=p.refunded_at,
            store=p.store,
            sold_by=p.sold_by,
        )
        for p in found
    ]


def of_member(member_id: UUID, *, at: datetime, household: Iterable[UUID] | None = None) -> list[PackageRow]:
    """What a member bought and what others share with them, the newest first; `household`: who shares by being of it."""
    if household is not None:
        shared = Q(member_id__in=list(household), shared=True)
    else:
        shared = Q(id__in=models.Person.objects.filter(member_id=member_id).values("package_id"))
    found = models.Package.objects.filter(Q(member_id=member_id) | shared).order_by("-sold_at", "-id")
    return rows(list(found[:MOST_OF_MEMBER]), at=at)


def buyer(package_id: UUID) -> UUID | None:
    """Who bought it; that never changes."""
    return models.Package.objects.filter(pk=package_id).values_list("member_id", flat=True).first()


def get(package_id: UUID, *, at: datetime) -> PackageRow | None:
    """One package."""
    found = models.Package.objects.filter(pk=package_id)
    return next(iter(rows(list(found), at=at)), None)


def people(package_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Who besides the buyer may use each package."""
    found: dict[UUID, list[UUID]] = {}
    for row in models.Person.objects.filter(package_id__in=package_ids).order_by("at", "member_id"):
        found.setdefault(row.package_id, []).append(row.member_id)
    return found


def uses(package_id: UUID) -> list[UseRow]:
    """How a package was used, the newest first."""
    found = models.Use.objects.filter(package_id=package_id).order_by("-at", "-id")[:MOST_USES]
    return _uses(list(found))


def use(use_id: UUID) -> UseRow | None:
    """One use."""
    return next(iter(_uses(list(models.Use.objects.filter(pk=use_id)))), None)


def _uses(found: Sequence[models.Use]) -> list[UseRow]:
    names = dict(models.Package.objects.filter(pk__in={u.package_id for u in found}).values_list("id", "package"))
    return [
        UseRow(
            id=u.id,
            package_id=u.package_id,
            package=names[u.package_id],
            unit=u.unit,
            quantity=u.quantity,
            member_id=u.member_id,
            at=u.at,
            undone=u.undone_at is not None,
            store=u.store,
            by=u.by,
        )
        for u in found
    ]


def day(since: datetime, *, store: str | None = None, by: str | None = None) -> Day:
    """What was sold, used and given back since then; of one store, or by one person, or both."""
    here = Q() if store is None else Q(store=store)
    there = Q() if store is None else Q(refunded_in=store)
    sellers = Q() if by is None else Q(sold_by=by)
    returners = Q() if by is None else Q(refunded_by=by)
    users = Q() if by is None else Q(by=by)
    used = models.Use.objects.filter(here, users, at__gte=since, undone_at=None)
    counts = list(used.values_list("package_id", "unit").annotate(n=Sum("quantity")).order_by("package_id", "unit"))
    names = dict(models.Package.objects.filter(pk__in={id for id, _, _ in counts}).values_list("id", "package"))
    units: dict[tuple[str, str], int] = {}
    for id, unit, n in counts:
        units[names[id], unit] = units.get((names[id], unit), 0) + n
    return Day(
        sold=_sum(models.Package.objects.filter(here, sellers, sold_at__gte=since), "price"),
        used=units,
        refunded=_sum(models.Package.objects.filter(there, returners, refunded_at__gte=since), "refunded"),
    )


def _sum(found: QuerySet[models.Package], column: str) -> tuple[int, int]:
    told = found.aggregate(n=Count("pk"), money=Sum(column))
    return told["n"], told["money"] or 0


def ended(*, at: datetime, most: int) -> list[UUID]:
    """Packages whose end has come; a pause that runs puts it off by all that is left of it, since it began before."""
    put_off = Q(paused_at=None) | Q(expires_at__lte=at - F("pause_left"))
    found = models.Package.objects.filter(put_off, state="active", expires_at__lte=at).order_by("expires_at", "id")
    return list(found.values_list("id", flat=True)[:most])
