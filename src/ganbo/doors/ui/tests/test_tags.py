"""What the tags write, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from ganbo.doors.ui.templatetags import ui

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Hà Nội


@pytest.mark.parametrize(
    ("language", "amount", "signed", "text", "why"),
    [
        ("vi", 110_000, False, "110.000\u00a0₫", "dots group in Vietnamese; the sign never wraps away"),
        ("en", 110_000, False, "110,000\u00a0₫", "commas group in English"),
        ("vi", -11_000, False, "−11.000\u00a0₫", "a minus sign, not a hyphen"),
        ("vi", 11_000, True, "+11.000\u00a0₫", "a gain shows its sign when asked"),
        ("vi", 0, True, "0\u00a0₫", "nothing has no sign"),
    ],
)
def test_money(language: str, amount: int, signed: bool, text: str, why: str) -> None:
    with translation.override(language):
        assert ui.money(amount, signed=signed) == f'<span class="num">{text}</span>', why


@pytest.mark.parametrize(
    ("language", "n", "unit", "text"),
    [
        ("vi", 16, "", '<span class="num">16</span> điểm'),
        ("en", 1, "", '<span class="num">1</span> point'),
        ("en", 1240, "", '<span class="num">1,240</span> points'),
        ("vi", 5, "xu", '<span class="num">5</span> xu'),
    ],
)
def test_points(language: str, n: int, unit: str, text: str) -> None:
    with translation.override(language):
        assert ui.points(n, unit) == text


@pytest.mark.parametrize(
    ("past", "vi", "en", "why"),
    [
        (timedelta(seconds=20), "vừa xong", "just now", "under a minute"),
        (timedelta(minutes=1), "1 phút trước", "1 minute ago", "one is singular in English"),
        (timedelta(hours=3), "3 giờ trước", "3 hours ago", "the same day in the shop's zone"),
        (timedelta(hours=11), "hôm qua", "yesterday", "23:00 the evening before"),
        (timedelta(days=4), "4 ngày trước", "4 days ago", "within a week"),
        (timedelta(days=9), "14/11/2026", "14 November 2026", "then the day itself"),
    ],
)
def test_ago(past: timedelta, vi: str, en: str, why: str) -> None:
    for language, text in (("vi", vi), ("en", en)):
        with translation.override(language):
            assert ui._ago(NOW - past, NOW, HANOI) == text, why


@pytest.mark.parametrize(
    ("name", "letter"),
    [("Chị Lan", "L"), ("Nguyễn Thị Ánh", "Á"), ("", "?"), (None, "?")],
)
def test_initial_of_the_given_name(name: str | None, letter: str) -> None:
    assert ui.initial(name) == letter


def test_an_icon_is_silent_unless_labelled() -> None:
    assert 'aria-hidden="true"' in ui.icon("gift")
    assert 'aria-label="Tìm"' in ui.icon("search", label="Tìm")


def test_text_is_escaped() -> None:
    assert "<b>" not in ui.points(1, "<b>")
    assert "<b>" not in ui.icon("gift", label="<b>")
