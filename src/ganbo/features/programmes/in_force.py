"""Which published document judges an event: the one in force when it happened, before the first one the first."""

from bisect import bisect_right
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
    """All versions in order of their first instant; never empty."""

    versions: tuple[Published, ...]
    awaited: frozenset[str] = frozenset()  # types of events that pending points of any version wait for
    awaiting: Mapping[str, frozenset[str]] = field(default_factory=dict)  # type that gives them → types they wait for

    def at(self, instant: datetime) -> Published:
        """The version in force at `instant`."""
        place = bisect_right(self.versions, instant, key=lambda v: v.in_force_from)
        return self.versions[max(place - 1, 0)]

    @property
    def latest(self) -> int:
        return max(v.version for v in self.versions)


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


def remember(schema: str, rows: Sequence[tuple[int, datetime, str]]) -> Timeline:
    """Compile and remember (version, in_force_from, source) rows. Raises NoProgramme when there is none."""
    if not rows:
        raise NoProgramme()
    versions = sorted((Published(n, since, compiled(source)) for n, since, source in rows), key=_order)
    awaiting = _awaiting([v.programme for v in versions])
    awaited = frozenset(type for types in awaiting.values() for type in types)
    _timelines[schema] = Timeline(tuple(versions), awaited, awaiting)
    return _timelines[schema]


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
