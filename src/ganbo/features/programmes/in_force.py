"""Which published document judges an event: the one in force when it happened, before the first one the first."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from ganbo.engine import loading
from ganbo.engine.programme import Programme
from ganbo.kernel.refusal import Refusal


class NoProgramme(Refusal):
    """No programme has been published yet: publish one first."""

    code = "programme.missing"


@dataclass(frozen=True, slots=True)
class Published:
    """One version: its number, its first instant, and the compiled document."""

    version: int
    in_force_from: datetime
    programme: Programme


@dataclass(frozen=True, slots=True)
class Timeline:
    """All versions that judge or will, in order of their first instant; never empty. Withdrawn ones are left out."""

    versions: tuple[Published, ...]
    awaited: frozenset[str] = frozenset()  # types of events that pending points of any version wait for
    awaiting: Mapping[str, frozenset[str]] = field(default_factory=dict)  # type that gives them → types they wait for
    pools: bool = False  # whether any version lets people of a household spend together
    latest: int = 0  # the highest number given, withdrawals included

    def at(self, instant: datetime) -> Published:
        """The version in force at `instant`."""
        if len(self.versions) == 1:
            return self.versions[0]
        place = bisect_right(self.versions, instant, key=lambda v: v.in_force_from)
        return self.versions[max(place - 1, 0)]

    def has(self, version: int) -> bool:
        """Whether there is such a version; a withdrawn one is not there."""
        return any(v.version == version for v in self.versions)

    def before(self, since: datetime) -> Published | None:
        """The version that `since` ends: the last one that began earlier; None when there is none."""
        place = bisect_left(self.versions, since, key=lambda v: v.in_force_from)
        return self.versions[place - 1] if place else None

    def replaced_by(self, version: int) -> int | None:
        """The version that begins at the same instant instead of this one, which then never judges; None: it does."""
        since = next((v.in_force_from for v in self.versions if v.version == version), None)
        last = max((v.version for v in self.versions if v.in_force_from == since), default=version)
        return last if last > version else None


@lru_cache(maxsize=512)
def compiled(source: str) -> Programme:
    """The programme of a published source; published documents are valid."""
    return loading.load(source)


_timelines: dict[str, Timeline] = {}


def timeline(schema: str, latest: int | None) -> Timeline | None:
    """The remembered timeline of a business, when it is as new as version `latest`; else None: read the versions."""
    if latest is None:
        raise NoProgramme()
    known = _timelines.get(schema)
    return known if known is not None and known.latest == latest else None


def remembered(schema: str) -> Timeline | None:
    """What this process last read of a business; may be older than what is published."""
    return _timelines.get(schema)


def remember(schema: str, rows: Sequence[tuple[int, datetime, str, int | None]]) -> Timeline:
    """Compile and remember (version, in_force_from, source, withdraws) rows. Raises NoProgramme when there is none."""
    if not rows:
        raise NoProgramme()
    gone = {withdraws for *_, withdraws in rows}
    judging = [(n, since, source) for n, since, source, withdraws in rows if withdraws is None and n not in gone]
    versions = sorted((Published(n, since, compiled(source)) for n, since, source in judging), key=_order)
    awaiting = _awaiting([v.programme for v in versions])
    awaited = frozenset(type for types in awaiting.values() for type in types)
    pools = any(version.programme.accounts for version in versions)
    _timelines[schema] = Timeline(tuple(versions), awaited, awaiting, pools, max(n for n, *_ in rows))
    return _timelines[schema]


def alone(programme: Programme, *, since: datetime) -> Timeline:
    """The timeline of a programme that nothing came before."""
    awaiting = _awaiting([programme])
    awaited = frozenset(t for ts in awaiting.values() for t in ts)
    return Timeline((Published(1, since, programme),), awaited, awaiting, programme.accounts is not None)


def _awaiting(programmes: Iterable[Programme]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for programme in programmes:
        for rule in programme.rules:
            if rule.give is not None and rule.give.wallet is not None:
                pending = rule.pending or programme.wallets[rule.give.wallet].pending
                if pending.event:
                    found.setdefault(rule.on, set()).add(pending.event)
    return {on: frozenset(types) for on, types in found.items()}


def _order(version: Published) -> tuple[datetime, int]:
    return version.in_force_from, version.version
