"""Levels in words: what is missing to the next, what keeps the present one, how somebody moved; Vietnamese and English."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import progress
from ganbo.engine.programme import Level, Programme, Reward
from ganbo.engine.tiers import Keeping
from ganbo.engine.trace import shown
from ganbo.foundation import i18n

MOST_WAYS = 4  # more alternatives than that nobody reads


def missing(programme: Programme, level: Level, ways: Sequence[Mapping[str, int]], locale: str) -> str:
    """What is missing to a level: Mua thêm 1.390.000 ₫ hoặc mua 8 lần nữa là lên hạng Bạc."""
    locale = i18n.known(locale)
    what = _ways(programme, ways, locale)
    if not what:
        return i18n.text(locale, "You've done enough for %(tier)s.", tier=_name(level, locale))
    return i18n.text(locale, "%(what)s to reach %(tier)s.", what=_capital(what), tier=_name(level, locale))


def keep(programme: Programme, level: Level, keeping: Keeping, locale: str) -> str:
    """What keeps a level: Ghé 2 lần nữa đến hết 31/12/2026 để giữ hạng Vàng."""
    locale = i18n.known(locale)
    until, name = i18n.day(keeping.until, locale), _name(level, locale)
    what = _ways(programme, keeping.ways, locale)
    if not what:
        return i18n.text(locale, "You've done enough to stay %(tier)s after %(until)s.", tier=name, until=until)
    return i18n.text(locale, "%(what)s by %(until)s to stay %(tier)s.", what=_capital(what), until=until, tier=name)


def moved(row: Mapping[str, Any], programme: Programme, *, locale: str, address: str | None) -> str:
    """A trace's tier row as a sentence: who rose to what, until when, and what that brings; or where they are now."""
    level = programme.by_level.get(row["to"])
    name = _name(level, locale) if level else str(row["to"])
    on = i18n.day(date.fromisoformat(row["on"]), locale)
    form = (address or "bạn") if locale == "vi" else "you"
    if not row.get("up", True):
        return i18n.text(
            locale,
            "From %(on)s %(you)s are %(tier)s. Points and gifts you have stay yours.",
            on=on,
            you=form,
            tier=name,
        )
    until = row.get("until")
    template = (
        N_("%(you)s are %(tier)s from %(on)s until %(until)s") if until else N_("%(you)s are %(tier)s from %(on)s on")
    )
    ends = i18n.day(date.fromisoformat(until), locale) if until else ""
    said = i18n.text(locale, template, on=on, until=ends, you=_capital(form), tier=name)
    brings = benefits(programme, level, locale) if level else []
    return f"{said}: {_and(brings, locale)}." if brings else f"{said}."


def benefits(programme: Programme, level: Level, locale: str) -> list[str]:
    """What a level brings, each in a few words."""
    locale = i18n.known(locale)
    found = []
    if level.multiply != 1:
        by = i18n.number(shown(*level.multiply.as_integer_ratio()), locale)
        found.append(i18n.text(locale, "points × %(by)s", by=by))
    for factor in level.multiplies:
        by = i18n.number(shown(*factor.by.as_integer_ratio()), locale)
        unit = programme.wallets[factor.wallet].name.text(locale) if factor.wallet else i18n.text(locale, "points")
        found.append(i18n.text(locale, "%(unit)s × %(by)s", unit=unit, by=by))
    found += _rewards(programme, level.on_enter, locale)
    found += [i18n.text(locale, "every year %(reward)s", reward=r) for r in _rewards(programme, level.yearly, locale)]
    found += _rewards(programme, level.rewards, locale)
    found += [i18n.text(locale, "may take %(reward)s", reward=r) for r in _rewards(programme, level.unlocks, locale)]
    if level.service_priority is not None:
        found.append(i18n.text(locale, "served first"))
    return found


def _rewards(programme: Programme, ids: Iterable[str], locale: str) -> list[str]:
    known: list[Reward] = [programme.rewards[id] for id in ids if id in programme.rewards]
    return [reward.name.text(locale) or reward.id for reward in known]


def _ways(programme: Programme, ways: Sequence[Mapping[str, int]], locale: str) -> str:
    """Alternatives joined by or, what belongs together by and; empty when one of them lacks nothing."""
    if any(not way for way in ways):
        return ""
    parts = [_and([_more(programme, metric, n, locale) for metric, n in way.items()], locale) for way in ways]
    return i18n.text(locale, " or ").join(parts[:MOST_WAYS])


def _more(programme: Programme, metric: str, n: int, locale: str) -> str:
    """So much more of a metric."""
    number = i18n.number(n, locale)
    if metric == "spend":
        return i18n.text(locale, "spend %(amount)s more", amount=i18n.money(n, programme.currency, locale))
    if metric == "purchases":
        return i18n.text(locale, "buy once more") if n == 1 else i18n.text(locale, "buy %(n)s more times", n=number)
    if metric == "visits":
        return i18n.text(locale, "visit once more") if n == 1 else i18n.text(locale, "visit %(n)s more times", n=number)
    wallets = progress.wallets_of(programme, metric)
    if wallets:
        return i18n.text(
            locale, "earn %(n)s more %(unit)s", n=number, unit=programme.wallets[wallets[0]].name.text(locale)
        )
    return i18n.text(locale, "%(n)s more times %(what)s", n=number, what=metric)


def _and(parts: Sequence[str], locale: str) -> str:
    """A, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + i18n.text(locale, " and ") + parts[-1]


def _name(level: Level, locale: str) -> str:
    return level.name.text(locale) or level.id


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
