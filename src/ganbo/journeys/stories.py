"""The document's stories: several events, returns and redemptions with time between, carried out and compared."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ganbo.books.events.reading import FieldsRefused
from ganbo.engine.examples import ExampleFailure, differs, needs_books
from ganbo.engine.programme import Programme
from ganbo.journeys.story_world import Allowance, TooLong, World
from ganbo.kernel.period import plus_months
from ganbo.kernel.refusal import Refusal

_LAST_YEAR = 2200  # calendars end somewhere


def run(programme: Programme) -> tuple[ExampleFailure, ...]:
    """Carry out every story, and every example that needs the member's books; the first failure of each, in order."""
    allowance = Allowance()
    found = [
        _of_example(programme, example, place, allowance)
        for place, example in enumerate(programme.examples)
        if needs_books(example)
    ]
    return tuple(failure for failure in found if failure is not None)


def _of_example(
    programme: Programme, example: Mapping[str, Any], place: int, allowance: Allowance
) -> ExampleFailure | None:
    steps = example.get("story") or [{"event": example["event"]}]
    told = "story" in example
    try:
        begins = datetime.fromisoformat(steps[0]["event"]["occurred_at"])
    except ValueError:
        begins = None
    if begins is None or begins.tzinfo is None:
        problem = "occurred_at needs an offset, like 2026-11-24T17:00:00+07:00"
        return ExampleFailure(place, {}, {}, problem, step=0 if told else None)
    given = example.get("given", {})
    home = given.get("household", {})
    world = World(programme, given.get("member", {}), at=begins, allowance=allowance, household=home)
    for n, step in enumerate(steps):
        failure = _step(world, step, place, n) or _compared(world, step.get("expect", {}), place, n)
        if failure is None and n == len(steps) - 1:
            world.be("")
            failure = _compared(world, example["expect"], place, n)
        if failure is not None:
            return failure if told else replace(failure, step=None)
    return None


def _step(world: World, step: Mapping[str, Any], place: int, n: int) -> ExampleFailure | None:
    """Live through one step; why it broke off, or that it did not where it should have."""
    wanted = step.get("refused", "")
    for _ in range(step.get("times", 1)):
        try:
            world.allowance.step()
            _happens(world, step)
        except Refusal as refusal:
            if refusal.code == wanted:
                continue
            expected = {"refused": wanted} if wanted else {}
            return ExampleFailure(place, expected, {}, _detail(refusal), step=n, refused=refusal.code)
        if wanted:
            return ExampleFailure(place, {"refused": wanted}, {}, step=n)
    return None


def _happens(world: World, step: Mapping[str, Any]) -> None:
    if "after" in step:
        world.wait_until(later(world.now, step["after"], world.programme.timezone))
    world.be(step.get("member", ""))
    if "event" in step:
        world.record(step["event"], proof=step.get("proof"))
    elif "refund" in step:
        world.refund(step["refund"])
    elif "redeem" in step:
        world.redeem(step["redeem"], proof=step.get("proof"))
    elif "choose" in step:
        world.choose(step["choose"])
    elif step.get("leaves"):
        world.leave()
    elif "perk" in step:
        world.use_perk(step["perk"])
    elif "package" in step:
        world.packages.live(step["package"], at=world.now)
    elif "partner" in step:
        world.partners.live(step["partner"], world.standing, at=world.now)


def _detail(refusal: Refusal) -> str:
    """Which fields of an event are wrong, as far as fields are."""
    if not isinstance(refusal, FieldsRefused):
        return ""
    return "; ".join(f"{problem.field}: {problem.code}" for problem in refusal.problems)


def _compared(world: World, expected: Mapping[str, Any], place: int, n: int) -> ExampleFailure | None:
    """Only what differs, so that the sentence names nothing else."""
    got = world.state()
    wrong: dict[str, Any] = {}
    came: dict[str, Any] = {}
    for key, wanted in expected.items():
        if isinstance(wanted, Mapping):
            inner = {one: n for one, n in wanted.items() if got.get(key, {}).get(one, 0) != n}
            if inner:
                wrong[key] = inner
                came[key] = {one: got.get(key, {}).get(one, 0) for one in inner}
        elif differs({key: wanted}, got):
            wrong[key], came[key] = wanted, got.get(key, 0)
    return ExampleFailure(place, wrong, came, step=n) if wrong else None


def later(at: datetime, after: str, zone: ZoneInfo) -> datetime:
    """`at` and 3h, 3d, 13mo or 2y more; days and months by the clocks of `zone`. Raises TooLong."""
    unit = after.lstrip("0123456789")
    n = int(after.removesuffix(unit))
    if unit == "h":
        return at + timedelta(hours=n)
    local = at.astimezone(zone).replace(tzinfo=None)
    if unit == "d":
        moved = local + timedelta(days=n)
    else:
        months = n * 12 if unit == "y" else n
        if local.year + months // 12 >= _LAST_YEAR:
            raise TooLong()
        first = plus_months(local.date(), months)
        day = min(local.day, monthrange(first.year, first.month)[1])
        moved = local.replace(year=first.year, month=first.month, day=day)
    return moved.replace(tzinfo=zone)
