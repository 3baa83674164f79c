"""Facts for tests: Lan buys; what is not said is ordinary."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ganbo.engine import basket, loading
from ganbo.engine.decide import Decision, decide
from ganbo.engine.facts import Facts, MemberFacts, Used
from ganbo.engine.programme import Programme
from ganbo.engine.tests.sample import with_rules

MONDAY_MORNING = "2026-11-23T10:00:00+07:00"
TUESDAY_TEA = "2026-11-24T17:00:00+07:00"
UsedBefore = Mapping[tuple[str, str, str], Used]


def programme(*rules: str) -> Programme:
    return loading.load(with_rules(*rules))


def lan(**more: Any) -> MemberFacts:
    told: dict[str, Any] = {
        "id": "lan", "tier": "bronze", "age_days": 400, "purchases": 60, "spend": 9_000_000, "visits": 60,
        "days_since_purchase": 3,
    }  # fmt: skip
    return MemberFacts(**(told | more))


def purchase(
    net: int = 110_000,
    *,
    at: str = MONDAY_MORNING,
    member: MemberFacts | None = None,
    lines: list[dict[str, Any]] | None = None,
    carried: Mapping[str, int] | None = None,
    used: UsedBefore | None = None,
    anonymous: bool = False,
) -> Facts:
    written: dict[str, Any] = {"lines": lines} if lines is not None else {"amount": net}
    return Facts(
        type="purchase",
        occurred_at=datetime.fromisoformat(at),
        member=None if anonymous else member or lan(),
        store="hoan-kiem",
        channel="pos",
        staff=None,
        data=written,
        order=basket.order_of(written, "VND"),
        carried=carried or {},
        used=used or {},
    )


def event(kind: str, *, at: str = MONDAY_MORNING, used: UsedBefore | None = None, **told: Any) -> Facts:
    when = datetime.fromisoformat(at)
    return Facts(kind, when, lan(), "hoan-kiem", None, None, told, None, {}, used or {})


def given(decision: Decision) -> dict[str, int]:
    """Amounts by rule."""
    return {effect.rule: effect.amount for effect in decision.effects}


def judged(facts: Facts, *rules: str) -> dict[str, int]:
    return given(decide(facts, programme(*rules)))
