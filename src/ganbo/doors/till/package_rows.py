"""Packages as the till shows them: what can be sold, and what the member at the counter has left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ganbo.doors.till import outcome, saying
from ganbo.doors.till.counter import Counter
from ganbo.engine.packages import Package
from ganbo.engine.programme import Programme
from ganbo.features.packages.queries import PackageRow
from ganbo.features.programmes import package_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import chance
from ganbo.journeys import packages
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class Chip:
    """A package that can be sold; `key` makes that pressing twice sells one."""

    id: str
    name: str
    price: int
    sentence: str
    terms: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One kind of unit in a package; `key` makes that pressing twice uses once."""

    id: str
    name: str
    left: int
    sold: int
    key: str


@dataclass(frozen=True, slots=True)
class PackageLine:
    """A package that can be used or waits; `worth` is what would be handed back now, minor units."""

    id: UUID
    name: str
    units: list[UnitLine]
    last_day: str
    paused: bool
    mine: bool
    can_pause: bool
    pause_days: int
    can_refund: bool
    worth: int
    key: str


def name_of(package: str, programme: Programme) -> str:
    """What people call it; of one that is no longer sold its id."""
    offered = programme.packages.get(package)
    return (offered.name.text(saying.locale()) if offered else "") or package


def unit_name(package: str, unit: str, programme: Programme) -> str:
    """What people call its units."""
    offered = programme.packages.get(package)
    return offered.unit_name(unit, saying.locale()) if offered else unit


def chips(at: Counter) -> list[Chip]:
    """What the programme sells, the cheapest first."""
    return [_chip(one, at) for one in sorted(at.programme.packages.values(), key=lambda one: one.price)]


def _chip(one: Package, at: Counter) -> Chip:
    said = package_sentences.package(one, Speaker(at.programme, saying.locale()))
    return Chip(one.id, name_of(one.id, at.programme), one.price, said.text, said.notes, str(chance.new_id()))


def of_member(member: MemberRow, at: Counter) -> list[PackageLine]:
    """What can be used, the first to end first; used up ones are left out."""
    found = [row for row in packages.of_member(member.id, now=at.now) if row.usable(at.now)]
    found = [row for row in found if any(unit.left for unit in row.units)]
    return [_line(row, member, at) for row in sorted(found, key=_ends)]


def _ends(row: PackageRow) -> tuple[bool, datetime]:
    return row.ends_at is None, row.ends_at or row.sold_at


def _line(row: PackageRow, member: MemberRow, at: Counter) -> PackageLine:
    mine = row.member_id == member.id
    return PackageLine(
        id=row.id,
        name=name_of(row.package, at.programme),
        units=[
            UnitLine(u.unit, unit_name(row.package, u.unit, at.programme), u.left, u.sold, str(chance.new_id()))
            for u in row.units
        ],
        last_day=outcome.last_day(row.ends_at, at.programme) if row.ends_at else "",
        paused=row.paused,
        mine=mine,
        can_pause=mine and not row.paused and row.ends_at is not None and bool(row.pause_left),
        pause_days=row.pause_left.days,
        can_refund=mine and row.refundable,
        worth=row.worth,
        key=str(chance.new_id()),
    )
