"""Packages in the wallet: what is left, until when, who else may use them, and how they were used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ganbo.books.events import queries as events
from ganbo.doors.wallet import shown
from ganbo.doors.wallet.sign_in import members_only
from ganbo.engine.programme import Programme
from ganbo.features.packages import queries
from ganbo.features.packages.queries import PackageRow, UseRow
from ganbo.features.programmes import package_sentences
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import packages
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class UnitShown:
    """One kind of unit: so many left of so many."""

    name: str
    left: int
    sold: int


@dataclass(frozen=True, slots=True)
class PackShown:
    """A package as the wallet lists it; `note` says until when, or why it cannot be used."""

    id: UUID
    name: str
    units: tuple[UnitShown, ...]
    note: str
    usable: bool
    mine: bool

    @property
    def left(self) -> str:
        """9/11 lần rửa."""
        return ", ".join(f"{unit.left}/{unit.sold} {unit.name}" for unit in self.units)


@dataclass(frozen=True, slots=True)
class UseShown:
    """Units used: how many of what, when, where and by whom."""

    on: date
    said: str
    sub: str


def of_member(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[PackShown]:
    """What can be used, the first to end first."""
    found = [row for row in packages.of_member(member.id, now=now) if row.usable(now)]
    found = [row for row in found if any(unit.left for unit in row.units)]
    found.sort(key=lambda row: (row.ends_at is None, row.ends_at or row.sold_at))
    return [_shown(row, member, programme, locale=locale, now=now) for row in found]


def _shown(row: PackageRow, member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> PackShown:
    offered = programme.packages.get(row.package)
    return PackShown(
        id=row.id,
        name=(offered.name.text(locale) if offered else "") or row.package,
        units=tuple(UnitShown(_unit(row.package, u.unit, programme, locale), u.left, u.sold) for u in row.units),
        note=_note(row, programme, locale=locale, now=now),
        usable=row.usable(now),
        mine=row.member_id == member.id,
    )


def _unit(package: str, unit: str, programme: Programme, locale: str) -> str:
    offered = programme.packages.get(package)
    return offered.unit_name(unit, locale) if offered else unit


def _note(row: PackageRow, programme: Programme, *, locale: str, now: datetime) -> str:
    if row.state == "refunded":
        money = i18n.money(row.refunded, programme.currency, locale)
        return _("given back for %(money)s") % {"money": money}
    day = i18n.day(shown.last_day(row.ends_at, programme), locale) if row.ends_at else ""
    if not row.usable(now):
        return _("ended on %(day)s") % {"day": day}
    if row.paused:
        return _("paused; it cannot be used until the till lets it go on")
    return _("use it until %(when)s") % {"when": day} if day else _("without an end")


@require_safe
@members_only
def package(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """One package the member bought or shares."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    now, locale = clock.now(), i18n.known(translation.get_language())
    row = queries.get(package_id, at=now)
    people = packages.people(row, now=now) if row else []
    if row is None or member.id not in (row.member_id, *people):
        raise Http404
    programme = programmes.in_force_at(context.current().schema, now).programme
    used = queries.uses(row.id)
    known = members.by_ids(list({row.member_id, *people, *(use.member_id for use in used)}))
    offered = programme.packages.get(row.package)
    page = {
        "tab": "gifts",
        "pack": _shown(row, member, programme, locale=locale, now=now),
        "owner": "" if row.member_id == member.id else _name(row.member_id, known, locale),
        "people": [_name(id, known, locale) for id in people if id != member.id],
        "uses": [_use(use, member, known, programme, locale=locale) for use in used if not use.undone],
        "terms": package_sentences.package(offered, Speaker(programme, locale)).notes if offered else (),
        "pause_days": row.pause_left.days if row.usable(now) and row.ends_at else 0,
    }
    return render(request, "wallet/package.html", page)


def _name(id: UUID, known: Mapping[UUID, MemberRow], locale: str) -> str:
    found = known.get(id)
    return shown.called(found, locale) if found and found.name else _("a member")


def _use(
    use: UseRow, member: MemberRow, known: Mapping[UUID, MemberRow], programme: Programme, *, locale: str
) -> UseShown:
    stores = {store.id: store.name for store in events.stores()} if use.store else {}
    unit = _unit(use.package, use.unit, programme, locale)
    sub = [stores.get(use.store, ""), "" if use.member_id == member.id else _name(use.member_id, known, locale)]
    return UseShown(
        on=use.at.astimezone(programme.timezone).date(),
        said=f"{i18n.number(use.quantity, locale)} {unit}",
        sub=" · ".join(part for part in sub if part),
    )
