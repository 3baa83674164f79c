"""What a member's level is, what it brings, what is missing to the next and what keeps it: for API, wallet, till, console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ganbo.engine import tiers
from ganbo.engine.programme import Level, Programme, Threshold
from ganbo.engine.tiers import Holder, Keeping
from ganbo.features.programmes.sentences import own_level
from ganbo.foundation import i18n

NO_LEVELS: dict[str, Any] = {
    "id": None, "name": None, "next": None, "missing": {}, "keep": None, "projected": None, "since": None,
    "benefits": [], "sentences": [],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TierView:
    """One member's level on a day. `ways`: alternatives to reach `next`, each as what it still lacks.

    `share`: how far the way to the next level is gone, 0 to 1, by the nearest alternative; None at the top.
    `keep_share`: the same of the way to keeping this one; None when it cannot be lost.
    """

    level: Level
    next: Level | None
    ways: tuple[Mapping[str, int], ...]
    missing: Mapping[str, int]
    share: Fraction | None
    keep: Keeping | None
    keep_share: Fraction | None
    projected: str | None
    since: date | None


def holder(programme: Programme, tier: str | None, state: Mapping[str, Any], joined_at: datetime) -> Holder:
    """A member as the engine sees them."""
    return Holder(tier, dict(state), joined_at.astimezone(programme.timezone).date())


def of(programme: Programme, who: Holder, day: date) -> TierView | None:
    """A member's level as seen on a local day; None in a programme without levels."""
    rules = programme.tiers
    if rules is None or not programme.levels:
        return None
    now = max(tiers.place(programme, who.tier), 0)
    following = tiers.next_level(programme, who.tier)
    values = tiers.now_values(rules, who, day)
    ways = tiers.ways(following.enter, values) if following and following.enter else []
    since = who.held.get("since")
    level, keep = programme.levels[now], tiers.keeping(programme, who, day)
    return TierView(
        level=level,
        next=following,
        ways=tuple(ways),
        missing=tiers.missing(following.enter, values) if following else {},
        share=_gone(ways, following.enter) if following and following.enter else None,
        keep=keep,
        keep_share=_gone(list(keep.ways), level.keep) if keep and level.keep else None,
        projected=tiers.projected(programme, who, day),
        since=date.fromisoformat(since) if since else None,
    )


def sentences(programme: Programme, seen: TierView, locale: str) -> list[str]:
    """What to do next, in words: to reach the next level, then to keep this one. Empty when there is nothing to do."""
    found = []
    if seen.next is not None:
        found.append(own_level.missing(programme, seen.next, seen.ways, locale))
    if seen.keep is not None:
        found.append(own_level.keep(programme, seen.level, seen.keep, locale))
    return found


def row(programme: Programme, seen: TierView, locale: str) -> dict[str, Any]:
    """The contract's `GET /members/{id}/tier`."""
    keep = seen.keep
    return {
        "id": seen.level.id,
        "name": seen.level.name.text(locale),
        "next": seen.next.id if seen.next else None,
        "missing": dict(seen.missing),
        "keep": {"missing": keep.missing, "until": keep.until.isoformat()} if keep else None,
        "projected": seen.projected,
        "since": seen.since.isoformat() if seen.since else None,
        "benefits": own_level.benefits(programme, seen.level, locale),
        "sentences": sentences(programme, seen, locale),
    }


def levels(programme: Programme, locale: str) -> list[dict[str, Any]]:
    """The contract's `GET /tiers`: every level with its thresholds and benefits, the lowest first."""
    locale = i18n.known(locale)
    written = {level["id"]: level for level in programme.document.get("tiers", {}).get("levels", ())}
    return [
        {
            "id": level.id,
            "name": level.name.text(locale),
            "enter": written[level.id].get("enter"),
            "keep": written[level.id].get("keep") or written[level.id].get("enter"),
            "invitation_only": level.invitation_only,
            "service_priority": level.service_priority,
            "unlocks": list(level.unlocks),
            "benefits": own_level.benefits(programme, level, locale),
        }
        for level in programme.levels
    ]


def _gone(lacking: Sequence[Mapping[str, int]], threshold: Threshold) -> Fraction:
    """How far the nearest way is gone: of a way the metric that is furthest behind; 1 when nothing is lacking."""
    if not lacking:
        return Fraction(1)
    gone = [
        min([Fraction(n - left.get(metric, 0), n) for metric, n in full.items()], default=Fraction(1))
        for left, full in zip(lacking, tiers.ways(threshold, {}), strict=True)
    ]
    return max(gone, default=Fraction(0))
