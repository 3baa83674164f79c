"""How long a line lasts at its pace, and what members hear of a change."""

from datetime import date

import pytest

from ganbo.engine import loading
from ganbo.engine.tests.test_budgets import PROGRAMME
from ganbo.features.programmes import change_words
from ganbo.features.programmes.budget_view import lasts_until

TODAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("left", "taken", "days", "until", "reason"),
    [
        (100, 300, 30, date(2026, 12, 14), "10 a day, ten days more"),
        (105, 300, 30, date(2026, 12, 14), "half a day is none"),
        (0, 300, 30, None, "used up"),
        (100, 0, 30, None, "nothing is taken"),
        (100, -5, 30, None, "more came back than went"),
        (100_000, 1, 1, None, "too far to be dated"),
    ],
)
def test_until_when(left: int, taken: int, days: int, until: date | None, reason: str) -> None:
    assert lasts_until(left, taken, days=days, today=TODAY) == until, reason


@pytest.mark.parametrize(
    ("old", "new", "said", "reason"),
    [
        (", stop: hard", "", ["Given only while the budget set aside for it lasts: tea → –"], "it stops no more"),
        ("planned: 20000", "planned: 30000", ["The budget changed"], "no amounts: members read this too"),
    ],
)
def test_a_change_of_the_budget_names_rewards_but_no_amounts(old: str, new: str, said: list[str], reason: str) -> None:
    changed = change_words.told(loading.load(PROGRAMME), loading.load(PROGRAMME.replace(old, new)), locale="en")
    assert [one.text for one in changed] == said, reason
