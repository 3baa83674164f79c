"""Whose level a document would change, before anybody publishes it: in the first night, and at later reviews. Reads only."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from ganbo.engine import recounting, tiers
from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Holder
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import publish_programme, recount_tiers, tiering

MOST_SHOWN = 5  # members named of each move
_FIRST = UUID(int=0)


@dataclass(slots=True)
class Moves:
    """How many go from one level to another, and who some of them are."""

    up: bool
    members: int = 0
    sample: list[str] = field(default_factory=list)

    def add(self, member: UUID) -> None:
        self.members += 1
        if len(self.sample) < MOST_SHOWN:
            self.sample.append(str(member))


@dataclass(slots=True)
class Preview:
    """By (from, to): `at_once`, who moves in the night after publishing; `later`, who of the others ends elsewhere.

    `later` compares where the next review leaves a member, when nothing more is counted: by the rules in force (from) and by
    the document (to).
    """

    members: int = 0
    compared: bool = True  # whether `later` is looked at: with the same rules it is empty
    at_once: dict[tuple[str | None, str | None], Moves] = field(default_factory=dict)
    later: dict[tuple[str | None, str | None], Moves] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"members": self.members, "at_once": _rows(self.at_once), "later": _rows(self.later)}


def _rows(moves: dict[tuple[str | None, str | None], Moves]) -> list[dict[str, Any]]:
    """The most members first."""
    ordered = sorted(moves.items(), key=lambda item: -item[1].members)
    return [
        {"from": from_, "to": to, "up": one.up, "members": one.members, "sample": one.sample}
        for (from_, to), one in ordered
    ]


def preview(source: str, *, at: datetime) -> dict[str, Any]:
    """What publishing a document now would do to levels. Raises what `publish_programme.check` raises, and NoProgramme."""
    return of_programme(publish_programme.check(source), at=at)


def of_programme(draft: Programme, *, at: datetime) -> dict[str, Any]:
    """The same for a compiled document. Raises NoProgramme."""
    timeline = programmes.timeline(context.current().schema)
    found, present, day = Preview(), timeline.at(at).programme, tiering.local_day(at, draft)
    found.compared = present.document.get("tiers") != draft.document.get("tiers")
    for page in _pages():
        found.members += len(page)
        for who, after in zip(page, _recounted(timeline, draft, page, day), strict=True):
            _look(found, present, draft, _Both(who, after), day)
    return found.to_json()


@dataclass(frozen=True, slots=True)
class _Member:
    id: UUID
    tier: str | None
    state: dict[str, Any]
    joined_at: datetime

    def holder(self, programme: Programme) -> Holder:
        return Holder(self.tier, self.state, tiering.local_day(self.joined_at, programme))


@dataclass(frozen=True, slots=True)
class _Both:
    """A member with the counters of the rules in force, and with those of the document."""

    now: _Member
    after: _Member


def _pages() -> Iterator[list[_Member]]:
    after = _FIRST
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.member_id, s.tier, s.state, m.created_at FROM members_standing s"
                " JOIN members_member m ON m.id = s.member_id WHERE s.member_id > %s ORDER BY s.member_id LIMIT %s",
                [after, recount_tiers.MOST_READ],
            )
            page = [_Member(id, tier, orjson.loads(state), at) for id, tier, state, at in cursor.fetchall()]
        if not page:
            return
        yield page
        after = page[-1].id


def _recounted(timeline: Timeline, draft: Programme, page: Sequence[_Member], day: date) -> list[_Member]:
    """The same members with counters of the document's rules."""
    rules, fingerprint = draft.tiers, tiering.named_by(draft)
    if rules is None or not rules.used:
        return list(page)
    by = recount_tiers.rules_of_draft(timeline, draft)
    others = {one.id: one for one in page if one.state.get("counted") != fingerprint}
    if not others:
        return list(page)
    bases = {id: recounting.base(rules, one.state, day) for id, one in others.items()}
    states = {id: {**deepcopy(one.state), "base": bases[id]} for id, one in others.items()}
    found = recount_tiers.counters(Pipeline.inside_django(), states, by)
    for id, state in states.items():
        recounting.put(state, rules, found[id], bases[id])
    return [_Member(m.id, m.tier, states.get(m.id, m.state), m.joined_at) for m in page]


def _look(found: Preview, present: Programme, draft: Programme, both: _Both, day: date) -> None:
    """Note where a member goes, if anywhere."""
    tier = both.now.tier or present.first_tier or draft.first_tier
    to = _first_night(draft, both.after, tier, day)
    if to != tier:
        _note(found.at_once, _Way(present, draft, tier, to), both.now.id)
        return
    if not found.compared:
        return
    by_now = tiers.projected(present, both.now.holder(present), day) or tier
    to = tiers.projected(draft, both.after.holder(draft), day)
    if to != by_now:
        _note(found.later, _Way(present, draft, by_now, to), both.now.id)


def _first_night(draft: Programme, member: _Member, tier: str | None, day: date) -> str | None:
    """The level after the first review by the document; None when it has no levels."""
    if not draft.levels:
        return None
    review = tiers.review(draft, member.holder(draft), day)
    return review.move.to if review and review.move else tier


@dataclass(frozen=True, slots=True)
class _Way:
    present: Programme
    draft: Programme
    from_: str | None
    to: str | None

    def up(self) -> bool:
        """By the order of the document's levels; by that of today's for a level that is not in it any more."""
        order = self.draft if self.from_ in self.draft.by_level else self.present
        return self.to is not None and tiers.place(order, self.to) > tiers.place(order, self.from_)


def _note(moves: dict[tuple[str | None, str | None], Moves], way: _Way, member: UUID) -> None:
    key = (way.from_, way.to)
    if key not in moves:
        moves[key] = Moves(up=way.up())
    moves[key].add(member)
