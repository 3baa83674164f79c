"""Conditions: typed when loaded, bounded, and explained part by part when they do not hold."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import conditions

VALUES: dict[str, Any] = {
    "order.net": 8_000,
    "member.tier": "bronze",
    "member.segments": ["regulars"],
    "member.traits": {"students": True},
    "local.weekday": "mon",
    "local.hour": 10,
    "event": {"verified": True, "stars": 4},
}


@pytest.mark.parametrize(
    ("source", "expected", "why"),
    [
        ("order.net >= 8000", True, "exactly enough"),
        ("order.net >= 8001", False, "one short"),
        ("event.verified && event.stars > 3", True, "what the event says"),
        ("event.nothing", None, "a missing key cannot be told"),
        ("event.nothing || order.net > 1", True, "unless it does not matter"),
        ("has(event.stars) && event.stars == 4", True, "asked first"),
        ("event.stars > 'x'", None, "types that do not fit cannot be told"),
        ("'regulars' in member.segments", True, "membership"),
        ("member.segments.exists(s, s.startsWith('reg'))", True, "one loop"),
        ("member.traits.students", True, "a trait"),
        ("order.net / 0 == 1", None, "division by nothing"),
        ("local.weekday == 'tue' ? order.net > 1 : order.net > 5", True, "a choice"),
    ],
)
def test_holds(source: str, expected: bool | None, why: str) -> None:
    condition = conditions.compile_condition(source, "event")
    assert condition.holds(conditions.activation(VALUES, "event")) is expected, why


@pytest.mark.parametrize(
    ("source", "code", "line", "column", "why"),
    [
        ("order.nett > 1", "condition_unknown_name", 1, 6, "no such variable"),
        ("order.net > 'x'", "condition_wrong", 1, 11, "a number is not a word"),
        ("order.net >= 1.5", "condition_wrong", 1, 11, "money is whole"),
        ("order.net >", "condition_wrong", 1, 12, "not finished"),
        ("order.net >\n  zero", "condition_unknown_name", 2, 3, "on its own line"),
        ("order.net", "condition_not_yes_or_no", 1, 1, "a number is not an answer"),
        ("line.sku == 'x'", "condition_unknown_name", 1, 5, "lines have their own condition"),
        ("order.net > 1 && " * 40 + "true", "condition_too_long", 1, 1, "two rules"),
        ("event['x'] == 1", "condition_event_key", 1, 1, "keys are named, so that only they are read"),
        ("[1].all(x, [1].all(y, x == y))", "condition_too_heavy", 1, 1, "one loop at most"),
    ],
)
def test_what_does_not_compile(source: str, code: str, line: int, column: int, why: str) -> None:
    with pytest.raises(conditions.BadCondition) as bad:
        conditions.compile_condition(source, "event")
    found = bad.value
    assert found.code == code, why
    assert found.line == line, why
    assert abs(found.column - column) <= 1, why


@pytest.mark.parametrize(
    ("source", "expected", "why"),
    [
        ("order.net >= 10000", [{"name": "order.net", "op": ">=", "want": 10_000, "have": 8_000}], "2,000 short"),
        (
            'local.weekday == "tue" && local.hour >= 16',
            [
                {"name": "local.weekday", "op": "==", "want": "tue", "have": "mon"},
                {"name": "local.hour", "op": ">=", "want": 16, "have": 10},
            ],
            "both parts",
        ),
        (
            'local.weekday == "mon" && local.hour >= 16',
            [{"name": "local.hour", "op": ">=", "want": 16, "have": 10}],
            "only the part that failed",
        ),
        ("event.gone", [{"key": "event.gone"}], "the key that is missing"),
        ("event.gone == 'a && b'", [{"key": "event.gone"}], "a quoted && is not a joint"),
        ("order.net > 1 || event.gone", [{"text": "order.net > 1 || event.gone"}], "cannot be split"),
        ("'vip' in member.segments", [{"text": "'vip' in member.segments"}], "told as it stands"),
    ],
)
def test_failing_parts(source: str, expected: list[dict[str, Any]], why: str) -> None:
    assert conditions.failing(conditions.compile_condition(source, "event"), VALUES) == expected, why


def test_a_loop_that_runs_out_does_not_hold() -> None:
    condition = conditions.compile_condition("member.segments.all(s, s != 'x')", "event")
    many = {"member.segments": ["regulars"] * 20_000}
    assert condition.holds(conditions.activation(many, "event")) is None


NUMBERS = ["order.net", "local.hour"]
TEXTS = ["member.tier", "local.weekday"]
OPERATORS = st.sampled_from(["==", "!=", ">=", "<=", ">", "<"])
WORDS = st.text(st.characters(exclude_characters='"\\\n\r', exclude_categories=["Cs", "Cc"]), max_size=5)
NUMBER = st.integers(-20_000, 20_000)
PART = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(NUMBERS), OPERATORS, NUMBER),
    st.builds('{} {} "{}"'.format, st.sampled_from(TEXTS), OPERATORS, WORDS),
)


JOINTS = st.sampled_from([" && ", " || "])
MANY = st.lists(st.tuples(JOINTS, PART), min_size=1, max_size=5).map(lambda ps: "".join(j + p for j, p in ps)[4:])


@given(MANY, NUMBER, NUMBER, WORDS, WORDS)
@settings(max_examples=200, deadline=None)
def test_plain_comparisons_agree_with_cel(source: str, net: int, hour: int, tier: str, weekday: str) -> None:
    values = {"order.net": net, "local.hour": hour, "member.tier": tier, "local.weekday": weekday}
    condition = conditions.compile_condition(source, "event")
    assert condition.plain
    by_cel = condition.holds(conditions.activation(values, "event"))
    assert by_cel is any(conditions.plainly(values, comparisons) for comparisons in condition.plain)


SEGMENT = "'regulars' in member.segments"


@given(
    MANY,
    st.sampled_from(["{m} && {s}", "{s} && {m}", "{m} && {s} ? {m} : {s}", "({m}) && !({s})"]),
    NUMBER,
    NUMBER,
    WORDS,
)
@settings(max_examples=200, deadline=None)
def test_what_is_needed_never_refuses_what_cel_allows(many: str, form: str, net: int, hour: int, tier: str) -> None:
    values = {"order.net": net, "local.hour": hour, "member.tier": tier, "local.weekday": "tue", "member.segments": []}
    condition = conditions.compile_condition(form.format(m=many, s=SEGMENT), "event")
    if condition.holds(conditions.activation(values, "event")) is True:
        assert conditions.plainly(values, condition.needed)


@pytest.mark.parametrize(
    "source", ["event.verified", "order.net > 1 || 'x' in member.segments", "order.net > 1 && 'a' in member.segments"]
)
def test_what_is_not_plain_is_left_to_cel(source: str) -> None:
    assert conditions.compile_condition(source, "event").plain == ()
