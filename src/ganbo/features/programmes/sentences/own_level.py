"""A member's own level in words: what is missing to the next, what keeps this one, how they moved, what it brings them.

The levels themselves, as everybody reads them, are in levels.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import progress
from ganbo.engine.programme import Level, Programme
from ganbo.engine.tiers import Keeping
from ganbo.features.programmes import perk_sentences
from ganbo.features.programmes.sentences import earning
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n

MOST_WAYS = 4  # more alternatives than that nobody reads
_MORE = {  # metric → once more, n more times
    "purchases": (N_("buy once more"), N_("buy %(n)s more times")),
    "visits": (N_("visit once more"), N_("visit %(n)s more times")),
}


def missing(programme: Programme, level: Level, ways: Sequence[Mapping[str, int]], locale: str) -> str:
    """What is missing to a level: Mua thêm 1.390.000 ₫ hoặc mua 8 lần nữa là lên hạng Bạc."""
    speaker = _speaker(programme, locale)
    what, tier = _ways(ways, speaker), speaker.level(level.id)
    if not what:
        return speaker.say(N_("You've done enough for %(tier)s."), tier=tier)
    return speaker.say(N_("%(what)s to reach %(tier)s."), what=_capital(what), tier=tier)


def keep(programme: Programme, level: Level, keeping: Keeping, locale: str) -> str:
    """What keeps a level: Ghé 2 lần nữa đến hết 31/12/2026 để giữ hạng Vàng."""
    speaker = _speaker(programme, locale)
    until, tier = i18n.day(keeping.until, speaker.locale), speaker.level(level.id)
    what = _ways(keeping.ways, speaker)
    if not what:
        return speaker.say(N_("You've done enough to stay %(tier)s after %(until)s."), tier=tier, until=until)
    return speaker.say(N_("%(what)s by %(until)s to stay %(tier)s."), what=_capital(what), until=until, tier=tier)


def moved(row: Mapping[str, Any], programme: Programme, *, locale: str, address: str | None) -> str:
    """A trace's tier row as a sentence: who rose to what, until when, and what that brings; or where they are now."""
    speaker, level = Speaker(programme, locale), programme.by_level.get(row["to"])
    tier, on = speaker.level(row["to"]), i18n.day(date.fromisoformat(row["on"]), locale)
    form = (address or "bạn") if locale == "vi" else "you"
    if not row.get("up", True):
        template = N_("From %(on)s %(you)s are %(tier)s. Points and gifts you have stay yours.")
        return speaker.say(template, on=on, you=form, tier=tier)
    until = row.get("until")
    template = (
        N_("%(you)s are %(tier)s from %(on)s until %(until)s") if until else N_("%(you)s are %(tier)s from %(on)s on")
    )
    ends = i18n.day(date.fromisoformat(until), locale) if until else ""
    said = speaker.say(template, on=on, until=ends, you=_capital(form), tier=tier)
    brings = benefits(programme, level, locale) if level else []
    return f"{said}: {speaker.both(brings)}." if brings else f"{said}."


def benefits(programme: Programme, level: Level, locale: str) -> list[str]:
    """What a level brings, each in a few words."""
    speaker = _speaker(programme, locale)
    found = []
    if level.multiply != 1:
        found.append(speaker.say(N_("points × %(by)s"), by=speaker.factor(level.multiply)))
    for one in level.multiplies:
        unit = speaker.unit(one.wallet) if one.wallet else speaker.say(N_("points"))
        found.append(speaker.say(N_("%(unit)s × %(by)s"), unit=unit, by=speaker.factor(one.by)))
    found += _rewards(level.on_enter, speaker)
    found += [speaker.say(N_("every year %(reward)s"), reward=reward) for reward in _rewards(level.yearly, speaker)]
    found += _rewards(level.rewards, speaker)
    found += [speaker.say(N_("may take %(reward)s"), reward=reward) for reward in _rewards(level.unlocks, speaker)]
    found += [perk_sentences.short(programme.perks[id], speaker) for id in level.perks if id in programme.perks]
    if level.service_priority is not None:
        found.append(speaker.say(N_("served first")))
    return found


def _speaker(programme: Programme, locale: str) -> Speaker:
    return Speaker(programme, i18n.known(locale))


def _rewards(ids: Iterable[str], speaker: Speaker) -> list[str]:
    return [speaker.reward(id) for id in ids if id in speaker.programme.rewards]


def _ways(ways: Sequence[Mapping[str, int]], speaker: Speaker) -> str:
    """Alternatives joined by or, what belongs together by and; empty when one of them lacks nothing."""
    if any(not way for way in ways):
        return ""
    parts = [speaker.both([_more(metric, n, speaker) for metric, n in way.items()]) for way in ways]
    return speaker.either(parts[:MOST_WAYS])


def _more(metric: str, n: int, speaker: Speaker) -> str:
    """So much more of a metric."""
    if metric == "spend":
        return speaker.say(N_("spend %(amount)s more"), amount=speaker.money(n))
    if metric in _MORE:
        once, times = _MORE[metric]
        return speaker.say(once) if n == 1 else speaker.say(times, n=speaker.number(n))
    wallets = progress.wallets_of(speaker.programme, metric)
    if wallets:
        return speaker.say(N_("earn %(n)s more %(unit)s"), n=speaker.number(n), unit=speaker.unit(wallets[0]))
    of = speaker.programme.tiers.metrics[metric][1] if speaker.programme.tiers else (metric,)
    what = speaker.either([earning.event(one, speaker) for one in sorted(of)])
    return speaker.say(N_("%(n)s more times %(what)s"), n=speaker.number(n), what=what)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
