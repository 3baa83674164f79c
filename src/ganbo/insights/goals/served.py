"""Goals and reports for doors: of the newest warehouse, remembered until it is filled again."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from ganbo.features.goals.queries import BaselineRow
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.insights.goals import report, standing
from ganbo.insights.goals.report import Report
from ganbo.insights.goals.standing import Standing
from ganbo.insights.kpis import served
from ganbo.insights.kpis.facts import Facts

Kept = Mapping[str, BaselineRow]


def standings(folder: Path, slug: str, version: Published, kept: Kept) -> list[Standing]:
    """Every goal of a version; without baselines what the month before it began says. Raises NotFilled."""
    name = ("goals.standings", version.version, tuple(kept.values()))
    day = first_day(version)
    goals = version.programme.goals
    return served.computed(
        folder, slug, name, lambda facts: standing.of(goals, kept or _measured(facts, version, day), facts)
    )


def reported(folder: Path, slug: str, version: Published, kept: Kept, *, since: date | None, until: date) -> Report:
    """The report of a version that judged from `since` (None: from the first order on) to before `until`. Raises NotFilled."""
    goals = standings(folder, slug, version, kept)
    name = ("goals.report", version.version, tuple(kept.values()), since, until)
    return served.computed(
        folder,
        slug,
        name,
        lambda facts: report.of(version.programme, goals, facts, since=since or _first(facts, version), until=until),
    )


def before(folder: Path, slug: str, version: Published) -> tuple[date, dict[str, Decimal | None]]:
    """The month before a version began, and where its figures stood in it. Raises NotFilled."""
    kpis, day = [goal.kpi for goal in version.programme.goals], first_day(version)
    name = ("goals.before", version.version)
    return served.computed(folder, slug, name, lambda facts: standing.before(facts, kpis, day))


def _measured(facts: Facts, version: Published, day: date) -> dict[str, BaselineRow]:
    month, found = standing.before(facts, [goal.kpi for goal in version.programme.goals], day)
    return {kpi: BaselineRow(kpi, value, month) for kpi, value in found.items()}


def _first(facts: Facts, version: Published) -> date:
    """The day of the first order; without orders the day the version began."""
    found = facts.orders().day.min().to_pyarrow().as_py()
    return min(found, first_day(version)) if found else first_day(version)


def since_of(timeline: Timeline, version: Published) -> date | None:
    """The first day a version judges; None of the first one, which judges everything before it, too."""
    return None if timeline.versions[0].version == version.version else first_day(version)


def first_day(version: Published) -> date:
    """The day a version begins, by the business's clocks."""
    return version.in_force_from.astimezone(version.programme.timezone).date()


def last_day(timeline: Timeline, version: Published, *, today: date) -> date:
    """The first day on which another version judges; tomorrow of the one in force."""
    later: Iterable[Published] = (v for v in timeline.versions if v.in_force_from > version.in_force_from)
    following = min((first_day(v) for v in later), default=None)
    tomorrow = date.fromordinal(today.toordinal() + 1)
    return min(following, tomorrow) if following else tomorrow
