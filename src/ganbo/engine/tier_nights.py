"""On which nights a review of levels can change something though nothing happens: a quiet member is not looked at in vain.

Counters change with events, windows with the month; between them only a promise or a grace can end.
"""

from datetime import date, timedelta

from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Holder, place
from ganbo.kernel.period import plus_months

_DAY = timedelta(days=1)


def next_look(programme: Programme, who: Holder, day: date, *, changed: bool) -> date | None:
    """The first day after `day`, the last reviewed one, on which a review could change the level; None: no night can.

    `changed`: something was recorded since then, as far as it could raise the member at once it did. A day too many is
    harmless; none is left out as long as nothing more is recorded.
    """
    rules, now = programme.tiers, place(programme, who.tier)
    if rules is None or not programme.levels:
        return None
    if now < 0 or (changed and (rules.upgrade == "period_end" or "grace" in who.held)):
        return day + _DAY
    month = plus_months(day, 1)
    found = [month] if rules.upgrade == "period_end" and now < len(programme.levels) - 1 else []
    level, held = programme.levels[now], who.held
    if now > 0 and level.keep is not None and not level.no_downgrade and rules.downgrade != "never":
        if "since" not in held:
            return day + _DAY
        until = date.fromisoformat(held["until"]) if "until" in held else None
        found.append(until + _DAY if until is not None and until >= day else month)
        if "grace" in held:
            found.append(max(date.fromisoformat(held["grace"]), day + _DAY))
    return min(found, default=None)
