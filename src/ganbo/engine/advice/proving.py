"""Proofs that leave somebody without a way to spend, and slips that can be claimed for too long."""

from collections.abc import Iterator

from ganbo.engine.advice.finding import LOW, MEDIUM, Found
from ganbo.engine.programme import Programme
from ganbo.engine.proof import CARD_PIN, MANAGER

LONG_CLAIM = 30  # days; a slip that was left lying is found within them


def findings(programme: Programme) -> Iterator[Found]:
    levels = programme.spend_proof
    if levels and MANAGER not in levels[-1].by:
        yield Found("proof_no_way_out", ("spend_proof",), LOW, {})
    if levels and CARD_PIN in levels[-1].by:
        yield Found("proof_pin_unbounded", ("spend_proof",), MEDIUM, {})
    if programme.claims and programme.claims.within_days > LONG_CLAIM:
        yield Found("claims_long", ("claims",), LOW, {"days": programme.claims.within_days, "most": LONG_CLAIM})
