"""What publishing a document would mean: what changes, whom it helps or hurts, what is advised, whose points move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from ganbo.doors.console.showing import Showing
from ganbo.engine import comparing
from ganbo.engine.loading import DocumentRefused
from ganbo.engine.programme import Level, Programme
from ganbo.features.programmes import advice_words, change_words, document_words
from ganbo.features.programmes.advice_words import Advised
from ganbo.features.programmes.change_words import Told
from ganbo.features.programmes.in_force import Published
from ganbo.journeys import preview_moves, preview_programme, publish_programme
from ganbo.journeys.publish_programme import ExamplesFail
from ganbo.people.members import queries as members

MOST_NAMED = 5  # members shown by name; the others are counted
MOST_COUNTED = (
    20_000  # members read one by one while somebody waits for the page; above, `ganbo programme moves` counts
)
HURTS, HELPS = ("worse", "mixed"), ("better",)


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a document from being published; line 0 has no place."""

    line: int
    column: int
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """How many members and how many points, with unit, and who most: (member id, name, points)."""

    members: int
    shown: str  # the same number as people write it
    points: str
    named: tuple[tuple[UUID, str, str], ...]
    others: str  # how many are not named; empty: none


@dataclass(frozen=True, slots=True)
class Step:
    """Members who go from one level to another: how many, and some of them."""

    up: bool
    way: str
    members: int
    shown: str
    named: tuple[tuple[UUID, str], ...]
    others: str


@dataclass(frozen=True, slots=True)
class Moves:
    """Who changes level: in the first night, and at later reviews. `counted` is False where that would take too long."""

    at_once: tuple[Step, ...] = ()
    later: tuple[Step, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """One change with its old and new sentence word by word: (text, whether it differs)."""

    told: Told
    old: tuple[tuple[str, bool], ...]
    new: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a changed expiry would do to the points of one wallet that are there; `ending` is empty when none end at once."""

    name: str
    earlier: Moved
    later: Moved
    ending: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from a version, by what it means for members; `none`: the two say the same."""

    worse: tuple[Difference, ...]
    better: tuple[Difference, ...]
    same: tuple[Difference, ...]

    @property
    def none(self) -> bool:
        return not (self.worse or self.better or self.same)


@dataclass(frozen=True, slots=True)
class Review:
    """A document that could be published. `against` is the version that would end; None before the first."""

    programme: Programme
    against: Published | None
    changes: Changes
    advice: tuple[Advised, ...]
    assumed: str
    wallets: tuple[Wallet, ...]
    moves: Moves | None
    overtaken_by: tuple[Published, ...]

    @property
    def examples(self) -> int:
        return sum("story" not in one for one in self.programme.examples)

    @property
    def stories(self) -> int:
        return len(self.programme.examples) - self.examples


def checked(source: str, shown: Showing) -> tuple[Programme | None, list[Problem]]:
    """The compiled document, or what is wrong with it."""
    try:
        return publish_programme.check(source), []
    except DocumentRefused as failure:
        return None, [
            Problem(e.line, e.column, e.path, document_words.message(e, locale=shown.locale)) for e in failure.errors
        ]
    except ExamplesFail as failure:
        told = document_words.example_problems(failure.failures, failure.programme, failure.code, locale=shown.locale)
        return None, [Problem(one["line"], one["column"], one["path"], one["message"]) for one in told]


def review(programme: Programme, shown: Showing, *, since: datetime) -> Review:
    """What would be so from `since` on."""
    times = shown.timeline
    against = times.at(since) if times else None
    return Review(
        programme=programme,
        against=against,
        changes=changes(against.programme, programme, shown.locale) if against else Changes((), (), ()),
        advice=tuple(advice_words.told(programme, locale=shown.locale)),
        assumed=advice_words.assumptions(programme, locale=shown.locale),
        wallets=_wallets(programme, shown, since) if times else (),
        moves=_moves(programme, against, shown, since),
        overtaken_by=tuple(
            v for v in (times.versions if times else ()) if v.in_force_from > since and not _replaced(shown, v)
        ),
    )


def _replaced(shown: Showing, version: Published) -> bool:
    return shown.timeline is not None and shown.timeline.replaced_by(version.version) is not None


def changes(old: Programme, new: Programme, locale: str) -> Changes:
    """What one programme changes against another, the worse first."""
    found = [_difference(one) for one in change_words.told(old, new, locale=locale)]
    return Changes(
        worse=tuple(one for one in found if one.told.verdict in HURTS),
        better=tuple(one for one in found if one.told.verdict in HELPS),
        same=tuple(one for one in found if one.told.verdict not in (*HURTS, *HELPS)),
    )


def _difference(told: Told) -> Difference:
    """Sentences that have nothing in common are shown without marks: all of them differs."""
    olds, news = told.old.split(" "), told.new.split(" ")
    steps = SequenceMatcher(None, olds, news, autojunk=False).get_opcodes()
    if not told.old or not told.new or not any(step[0] == "equal" for step in steps):
        return Difference(told, ((told.old, False),), ((told.new, False),))
    old = [(" ".join(olds[a:b]), kind != "equal") for kind, a, b, _, _ in steps if b > a]
    new = [(" ".join(news[a:b]), kind != "equal") for kind, _, _, a, b in steps if b > a]
    return Difference(told, tuple(old), tuple(new))


def _wallets(programme: Programme, shown: Showing, since: datetime) -> tuple[Wallet, ...]:
    found = preview_programme.of_programme(programme, at=since)["wallets"]
    sampled = [one["member_id"] for w in found.values() for side in ("earlier", "later") for one in w[side]["sample"]]
    names = {row.id: row.name for row in members.by_ids([UUID(id) for id in sampled]).values()}
    return tuple(
        Wallet(
            name=programme.wallets[wallet].name.text(shown.locale) or wallet,
            earlier=_moved(told["earlier"], wallet, names, shown),
            later=_moved(told["later"], wallet, names, shown),
            ending=shown.points(told["ending_now"], wallet) if told["ending_now"] else "",
        )
        for wallet, told in found.items()
    )


def _moved(told: dict[str, Any], wallet: str, names: dict[UUID, str], shown: Showing) -> Moved:
    named = tuple(
        (UUID(one["member_id"]), names.get(UUID(one["member_id"]), ""), shown.points(one["points"], wallet))
        for one in told["sample"][:MOST_NAMED]
    )
    others = told["members"] - len(named)
    return Moved(
        members=told["members"],
        shown=shown.number(told["members"]),
        points=shown.points(told["points"], wallet),
        named=named,
        others=shown.number(others) if others else "",
    )


def _moves(programme: Programme, against: Published | None, shown: Showing, since: datetime) -> Moves | None:
    """Who changes level; None when the document says of levels what is in force. Reads every member, so only of so many."""
    parts = {one.part for one in comparing.changes(against.programme, programme)} if against else set()
    if not parts & {"levels", "tiers"}:
        return None
    if members.count() > MOST_COUNTED:
        return Moves(counted=False)
    found = preview_moves.of_programme(programme, at=since)
    rows = [*found["at_once"], *found["later"]]
    names = {id: row.name for id, row in members.by_ids([UUID(id) for one in rows for id in one["sample"]]).items()}
    assert against is not None
    known = {**against.programme.by_level, **programme.by_level}

    def step(one: dict[str, Any]) -> Step:
        way = " → ".join(_level(known, one[end], shown.locale) for end in ("from", "to"))
        named = tuple((UUID(id), names.get(UUID(id), "")) for id in one["sample"])
        others = one["members"] - len(named)
        rest = shown.number(others) if others else ""
        return Step(one["up"], way, one["members"], shown.number(one["members"]), named, rest)

    return Moves(tuple(step(one) for one in found["at_once"]), tuple(step(one) for one in found["later"]))


def _level(known: Mapping[str, Level], id: str | None, locale: str) -> str:
    return "–" if id is None else (known[id].name.text(locale) or id) if id in known else id
