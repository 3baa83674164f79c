"""Changing a part of a document leaves everything else as it was written."""

import difflib

import pytest

from ganbo.engine import text
from ganbo.features.programmes.document_tree import Tree

SOURCE = """\
# Chương trình của quán
ganbo: 1
currency: VND   # tiền Việt
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: fixed_dates, dates: [06-30, 12-31]}}
earn:
  # một điểm mỗi mười nghìn
  - {id: base, on: purchase, when: 'order.net >= 10000', give: {wallet: points, amount: 1, per: 10000, of: net}}
  - id: tea-hour   # thứ Ba
    on: purchase
    multiply: {rule: base, by: 1.50}
tiers:
  levels:
    - {id: bronze}
    - {id: silver, enter: {any: [{all: {spend: 5_000, visits: 3}}, {spend: 9000}]}}
"""


def _changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:1] in "+-"]


def test_unchanged_it_is_written_as_it_was() -> None:
    assert str(Tree(SOURCE)) == SOURCE


def test_one_key_changes_one_line() -> None:
    tree = Tree(SOURCE)
    rule = tree.value["earn"][0]
    tree.merge(("earn", 0), rule, {**rule, "give": {**rule["give"], "amount": 2}})
    assert [line[0] for line in _changed(SOURCE, str(tree))] == ["-", "+"]
    assert text.Placed(str(tree)).value["earn"][0]["give"]["amount"] == 2
    assert "# một điểm mỗi mười nghìn" in str(tree)


CASES = [
    (lambda t: t.add(("earn", 2), {"id": "new"}), "earn", lambda v: [r["id"] for r in v] == ["base", "tea-hour", "new"], "appended"),
    (lambda t: t.add(("rewards", 0), {"id": "cake"}), "rewards", lambda v: v == [{"id": "cake"}], "a list that was missing is made"),
    (lambda t: t.add(("wallets", "miles"), {"name": "dặm"}), "wallets", lambda v: list(v) == ["points", "miles"], "a key of a mapping"),
    (lambda t: t.remove(("earn", 0)), "earn", lambda v: [r["id"] for r in v] == ["tea-hour"], "taken out"),
    (lambda t: t.move(("earn", 0), 1), "earn", lambda v: [r["id"] for r in v] == ["tea-hour", "base"], "changes place"),
    (lambda t: t.move(("earn", 0), -1), "earn", lambda v: [r["id"] for r in v] == ["base", "tea-hour"], "already first"),
    (lambda t: t.merge(("budget",), {}, {"total": 5}), "budget", lambda v: v == {"total": 5}, "a mapping that was missing"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "key", "holds", "why"), CASES)
def test_a_change_is_what_it_says_and_nothing_else(act, key, holds, why) -> None:  # type: ignore[no-untyped-def]
    tree = Tree(SOURCE)
    act(tree)
    after = text.Placed(str(tree)).value
    assert holds(after[key]), why
    before = text.Placed(SOURCE).value
    assert {k: v for k, v in after.items() if k != key} == {k: v for k, v in before.items() if k != key}
    assert "# Chương trình của quán" in str(tree) and "# tiền Việt" in str(tree) and "1.50" in str(tree)


def test_the_last_entry_takes_its_list_along() -> None:
    tree = Tree(SOURCE)
    tree.remove(("earn", 1))
    tree.remove(("earn", 0))
    assert "earn" not in text.Placed(str(tree)).value


@pytest.mark.parametrize("source", ["", "- a\n", "a: [\n", "a: 1\na: 2\n"])
def test_what_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(text.Unreadable):
        Tree(source)
