"""What judging one event costs in this process, whatever the database does."""

from dataclasses import dataclass
from timeit import repeat
from typing import Any

from ganbo.engine import basket, loading
from ganbo.engine.decide import decide
from ganbo.engine.facts import Facts, MemberFacts
from ganbo.engine.programme import Programme
from ganbo.foundation import clock

_TIMES, _REPEATS = 2_000, 7


@dataclass(frozen=True, slots=True)
class Judged:
    """A purchase and the programme that judges it; `rules` counts its rules and stamp cards."""

    facts: Facts
    programme: Programme
    rules: int


def prepared(document: str, event: dict[str, Any]) -> Judged:
    """The facts of an event of `bench.requests` for a bronze member."""
    programme = loading.load(document)
    member = MemberFacts("bench", "bronze", 30, 2, 220_000, 2, 1)
    data = event["data"]
    order = basket.order_of(data, programme.currency)
    facts = Facts("purchase", clock.now(), member, event["store"], event["channel"], None, data, order, {}, {})
    count = len(programme.rules_for("purchase")) + len(programme.cards_by_type.get("purchase", ()))
    return Judged(facts, programme, count)


def microseconds(judged: Judged) -> float:
    """Of one decision, the best of several repeats."""
    return min(repeat(lambda: decide(judged.facts, judged.programme), number=_TIMES, repeat=_REPEATS)) / _TIMES * 1e6
