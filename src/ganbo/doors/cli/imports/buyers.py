"""Whom the cells of a sales file mean; and what becomes of those whom nobody knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.doors.cli.imports import member_rows
from ganbo.doors.cli.imports.times import local
from ganbo.foundation import chance
from ganbo.journeys import import_sales
from ganbo.journeys.import_members import Newcomer, Told
from ganbo.people.members import bringing, contacts
from ganbo.people.members.bringing import Key
from ganbo.people.members.operations import Person

_AT_ONCE = 5_000


@dataclass
class Buyers:
    """Who is meant by a cell, members to be enrolled included; `new`: those, when nothing was written yet."""

    of: dict[str, UUID] = field(default_factory=dict)
    new: dict[UUID, Newcomer] = field(default_factory=dict)
    enrolled: int = 0


def found(lines: pl.DataFrame, region: str) -> Buyers:
    """Those buyers of a file's lines who are known."""
    return Buyers(members(lines["member"].drop_nulls().unique().to_list(), region))


def enrolled(lines: pl.DataFrame, *, region: str, zone: ZoneInfo, write: bool, now: datetime) -> Buyers:
    """All buyers: those nobody knows are enrolled (`write`), or would be."""
    buyers = found(lines, region)
    strange = _strangers(lines, buyers.of, region, zone)
    fresh, _ = Told().once(strange.values())
    if write:
        buyers.enrolled = import_sales.enrol(fresh, now=now)
        buyers.of |= members(strange, region)
        return buyers
    buyers.new = {chance.new_id(): one for one in fresh}
    buyers.enrolled = len(buyers.new)
    holder = {key: member for member, one in buyers.new.items() for key in one.keys}
    buyers.of |= {cell: holder[one.keys[0]] for cell, one in strange.items()}
    return buyers


def members(cells: Iterable[str], region: str) -> dict[str, UUID]:
    """Whom each cell means: by external id, else card, phone or e-mail; nobody knows the others."""
    found: dict[str, UUID] = {}
    waiting = list(cells)
    for start in range(0, len(waiting), _AT_ONCE):
        keys = {cell: _keys(cell, region) for cell in waiting[start : start + _AT_ONCE]}
        known = bringing.holders(key for some in keys.values() for key in some)
        for cell, some in keys.items():
            who = next((known[key] for key in some if key in known), None)
            if who is not None:
                found[cell] = who
    return found


def _keys(cell: str, region: str) -> list[Key]:
    """What a cell may be, the likeliest first."""
    found: list[Key] = [("external_id", cell)]
    for kind in ("card", "phone", "email"):
        try:
            found.append((kind, member_rows.contact(kind, cell, region)))
        except (contacts.BadPhone, contacts.BadEmail, contacts.BadCard):
            continue
    return found


def _strangers(lines: pl.DataFrame, known: Mapping[str, UUID], region: str, zone: ZoneInfo) -> dict[str, Newcomer]:
    """Whom the cells nobody knows become: somebody with that phone, e-mail or external id, since their first order."""
    first = lines.drop_nulls("member").group_by("member").agg(pl.col("at").min()).sort("at", "member")
    found: dict[str, Newcomer] = {}
    for cell, at in first.iter_rows():
        if cell not in known and (person := _person(cell, region)) is not None:
            found[cell] = Newcomer(0, person, local(at, zone))
    return found


def _person(cell: str, region: str) -> Person | None:
    for kind in ("phone", "email"):
        try:
            return Person(**{kind: member_rows.contact(kind, cell, region)})
        except (contacts.BadPhone, contacts.BadEmail):
            continue
    return Person(external_id=cell) if len(cell) <= member_rows.LONGEST["external_id"] and cell.isprintable() else None
