"""Conditions as rows of a form: what is read is what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.doors.console.editor import clauses

NAMES = st.sampled_from([*clauses.EVENT_NAMES])
VALUES = st.sampled_from(["0", "7", "10000", "999999999"])
WORDS = st.sampled_from(["tue", "gold", "hoan-kiem", "a-b"])
ROW = NAMES.flatmap(
    lambda name: st.tuples(
        st.just(name), st.sampled_from(clauses.OPERATORS), VALUES if name in clauses.WHOLE else WORDS
    )
)
WRITTEN = st.sampled_from(
    ['(store == "a") || (store == "b")', "event.verified", 'channel in ["web", "app"]', "order.net > 5 ? true : false"]
).map(lambda text: (clauses.WRITTEN, "==", text))


@given(st.lists(ROW | WRITTEN, min_size=1, max_size=5))
def test_rows_say_a_condition_that_is_these_rows(rows: list[tuple[str, str, str]]) -> None:
    """Whatever stands beside alternatives, they keep their bracket: the meaning never changes."""
    source = clauses.source(rows, "", lines=False)
    again = clauses.rows(source, lines=False)
    assert len(again) == len(rows)
    for before, after in zip(rows, again, strict=True):
        assert after in (before, (before[0], before[1], f"({before[2]})"))


CONDITIONS = [
    ("order.net >= 10000", False, 1),
    ('local.weekday == "tue" && local.hour >= 16', False, 2),
    ('store == "a" || store == "b"', False, 1),
    ("event.verified", False, 1),
    ('order.net >= 1 && (channel == "web" || store == "a") && member.tier != "gold"', False, 3),
    ('line.category == "beans" && line.labels.exists(l, l == "new")', True, 2),
    ('tier_at_least("silver")', False, 1),
]


@pytest.mark.parametrize(("source", "lines", "n"), CONDITIONS)
def test_a_condition_is_rows_and_the_rows_are_the_condition(source: str, lines: bool, n: int) -> None:
    rows = clauses.rows(source, lines=lines)
    assert len(rows) == n
    assert clauses.source(rows, "", lines=lines) == source, "written anew"
    assert clauses.source(rows, source, lines=lines) == source, "left as it was"
