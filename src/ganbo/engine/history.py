"""What is brought in as history: it counts towards levels and totals, and gives nothing, for the past was paid for already."""

from dataclasses import replace

from ganbo.engine.decide import Decision
from ganbo.engine.trace import Trace

REASON = "history"


def unearned(decision: Decision) -> Decision:
    """The decision of an event without what it would give, use up or carry; its trace says so for every rule."""
    rules = [{"rule": entry["rule"], "passed": False, "reason": REASON} for entry in decision.trace.rules]
    trace = Trace(rules, [], offers=decision.trace.offers)
    return replace(decision, effects=(), trace=trace, consumed=(), carried={}, stamps=(), vouchers=())


def is_told_in(trace: str) -> bool:
    """Whether a stored trace is that of history."""
    return f'"reason":"{REASON}"' in trace
