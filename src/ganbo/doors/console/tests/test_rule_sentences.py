"""Rules as sentences: what the demo's programme says of itself, in both languages."""

from pathlib import Path

import pytest
from django.utils import translation

import ganbo.doors.cli
from ganbo.doors.console import figures, rule_sentences, sparkline
from ganbo.engine import loading

DEMO = Path(ganbo.doors.cli.__file__).parent / "demo_programme.yaml"

# rule, locale, sentence, why
SENTENCES = [
    ("base", "vi", "1 điểm cho mỗi 10.000 ₫ hóa đơn, khi hóa đơn từ 10.000 ₫.", "money is written as people write it"),
    ("base", "en", "1 point for every 10,000 ₫ of the bill, when the bill is from 10,000 ₫.", "one point is singular"),
    ("beans", "vi", "5 điểm cho mỗi món mua, khi nhóm hàng là beans.", "one piece needs no number"),
    ("tea-hour", "en", "“Points on purchases” counts × 2, when the day is Tuesday and the hour is from 16:00.", "two conditions"),
    ("welcome", "vi", "50 điểm cho việc tham gia.", "joining is an event, too"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "locale", "sentence", "why"), SENTENCES)
def test_a_rule_reads_as_a_sentence(rule: str, locale: str, sentence: str, why: str) -> None:
    programme = loading.load(DEMO.read_text(encoding="utf-8"))
    with translation.override(locale):
        cards = [card for part in rule_sentences.sections(programme, locale) for card in part.cards]
    assert next(card.sentence for card in cards if card.id == rule) == sentence, why


def test_a_condition_without_words_stays_as_written() -> None:
    source = DEMO.read_text(encoding="utf-8").replace("when: member.purchases == 3", "when: member.purchases % 3 == 0")
    cards = [c for part in rule_sentences.sections(loading.load(source), "en") for c in part.cards]
    assert next(card.condition for card in cards if card.id == "third-visit") == "member.purchases % 3 == 0"


@pytest.mark.parametrize(
    ("part", "whole", "percent", "why"),
    [
        (1, 2, 50, "half"),
        (1, 8, 13, "a half rounds up"),
        (0, 0, 0, "nothing of nothing is nothing"),
        (7, 7, 100, "all"),
    ],
)
def test_percent(part: int, whole: int, percent: int, why: str) -> None:
    assert figures.percent(part, whole) == percent, why


def test_a_flat_line_lies_in_the_middle() -> None:
    assert sparkline.points_of([5, 5, 5]) == "3.0,16.0 60.0,16.0 117.0,16.0"
