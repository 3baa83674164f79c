"""Moves between tiers in the history: those that purchases and returns brought, and the last one of a review."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import orjson
from django.utils.translation import gettext as _

from ganbo.doors.wallet.past_rows import HistoryRow
from ganbo.doors.wallet.past_words import Words
from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences import own_level
from ganbo.kernel.period import midnight
from ganbo.people.members.queries import MemberRow


def rows(member: MemberRow, words: Words, programme: Programme) -> Iterator[HistoryRow]:
    """One line a move."""
    if not programme.levels:
        return
    seen = set()
    for move, at, event_id in _moves(member, words):
        seen.add((move["to"], move["on"]))
        yield _row(move, at, words, programme, event_id)
    held: dict[str, Any] = member.state.get("tier", {})
    level = member.tier or programme.first_tier
    if level and "since" in held and (level, held["since"]) not in seen:
        yield _reviewed(level, date.fromisoformat(held["since"]), words, programme)


def _moves(member: MemberRow, words: Words) -> Iterator[tuple[dict[str, Any], datetime, str]]:
    """Each move as a trace keeps it, when it was, and the event that brought it."""
    for event in words.events.values():
        if event.member_id != member.id:
            continue
        for end, at in (
            ("", event.occurred_at),
            ("/claim", event.occurred_at),
            ("/settled", event.recorded_at),
            ("/reverse", event.reversed_at),
        ):
            decision = words.decisions.get(event.event_id + end) if end else event
            if decision is None or at is None:
                continue
            traced = (orjson.loads(decision.trace).get("trace") or {}).get("tier")
            for effect in orjson.loads(decision.answer).get("effects", []):
                if effect["kind"] == "tier":
                    yield traced or _told(effect, at, words.programme), at, event.event_id


def _told(effect: dict[str, Any], at: datetime, programme: Programme) -> dict[str, Any]:
    order = [level.id for level in programme.levels]
    place = {id: n for n, id in enumerate(order)}
    up = place.get(effect["to"], 0) > place.get(effect["from"], 0)
    return {**effect, "on": at.astimezone(programme.timezone).date().isoformat(), "up": up}


def _row(move: dict[str, Any], at: datetime, words: Words, programme: Programme, event_id: str) -> HistoryRow:
    level = programme.by_level.get(move["to"])
    name = {"tier": (level.name.text(words.locale) if level else "") or move["to"]}
    title = _("Up to %(tier)s") % name if move.get("up", True) else _("Down to %(tier)s") % name
    why = own_level.moved(move, programme, locale=words.locale, address=words.address)
    return HistoryRow(at.astimezone(programme.timezone), title, "", why, event_id=event_id)


def _reviewed(id: str, since: date, words: Words, programme: Programme) -> HistoryRow:
    level = programme.by_level.get(id)
    name = {"tier": (level.name.text(words.locale) if level else "") or id}
    why = _("The regular review of tiers set it. Points and gifts you have stay yours.")
    at = midnight(since, programme.timezone).astimezone(programme.timezone)
    return HistoryRow(at, _("Tier: %(tier)s") % name, "", why)
