"""The sentences people read: what was earned and why, what was not and what was missing; in both languages."""

import json
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from ganbo.engine import loading
from ganbo.engine.decide import decide
from ganbo.engine.examples import ExampleFailure
from ganbo.engine.facts import Facts, Used
from ganbo.engine.tests.cases import TUESDAY_TEA, event, lan, programme, purchase
from ganbo.engine.tests.sample import SAMPLE
from ganbo.engine.trace import Trace
from ganbo.features.programmes import document_words, why

BEANS = [{"category": "beans", "quantity": "3", "unit_price": 90_000}]
ROOM = Path(why.__file__).parent


def told(facts: Facts, locale: str, address: str | None = None) -> list[str]:
    made = loading.load(SAMPLE)
    return why.because(decide(facts, made).trace, made, locale=locale, address=address)


def told_not(facts: Facts, locale: str, source: str = SAMPLE) -> list[str]:
    made = loading.load(source)
    return why.because_not(decide(facts, made).trace, made, locale=locale, address=None)


@pytest.mark.parametrize(
    ("facts", "address", "vi", "en"),
    [
        (
            purchase(),
            None,
            "Bạn nhận 11 điểm: 110.000 ₫, cứ 10.000 ₫ được 1 điểm.",
            "You get 11 points: 110,000 ₫, every 10,000 ₫ earns 1 point.",
        ),
        (
            purchase(10_000),
            "quý khách",
            "Quý khách nhận 1 điểm: 10.000 ₫, cứ 10.000 ₫ được 1 điểm.",
            "You get 1 point: 10,000 ₫, every 10,000 ₫ earns 1 point.",
        ),
        (
            purchase(at=TUESDAY_TEA, member=lan(tier="gold")),
            "chị",
            "Chị nhận 33 điểm: 110.000 ₫, cứ 10.000 ₫ được 1 điểm, tea-hour nhân 2, hạng Vàng nhân 1,5.",
            "You get 33 points: 110,000 ₫, every 10,000 ₫ earns 1 point, tea-hour times 2, Gold tier times 1.5.",
        ),
        (
            purchase(member=lan(tier="gold")),
            "anh",
            "Anh nhận 16 điểm: 110.000 ₫, cứ 10.000 ₫ được 1 điểm, hạng Vàng nhân 1,5, bỏ phần lẻ.",
            "You get 16 points: 110,000 ₫, every 10,000 ₫ earns 1 point, Gold tier times 1.5, rounded down.",
        ),
        (
            purchase(lines=BEANS),
            "cô",
            "Cô nhận 42 điểm: 270.000 ₫, cứ 10.000 ₫ được 1 điểm, beans: 3, cứ 1 được 5 điểm.",
            "You get 42 points: 270,000 ₫, every 10,000 ₫ earns 1 point, beans: 3, 5 points for every 1.",
        ),
        (event("signup"), None, "Bạn nhận 50 điểm: 50 điểm cho welcome.", "You get 50 points: 50 points for welcome."),
    ],
)
def test_because(facts: Facts, address: str | None, vi: str, en: str) -> None:
    assert told(facts, "vi", address) == [vi]
    assert told(facts, "en", address) == [en]


@pytest.mark.parametrize(
    ("facts", "vi", "en"),
    [
        (
            purchase(8_000, at=TUESDAY_TEA),
            [
                "Quy tắc base chưa áp dụng: hóa đơn 8.000 ₫, cần từ 10.000 ₫, còn thiếu 2.000 ₫.",
                "Quy tắc beans chưa áp dụng: hóa đơn không có món được tính.",
            ],
            [
                "Rule base did not apply: the bill 8,000 ₫, from 10,000 ₫ needed, 2,000 ₫ missing.",
                "Rule beans did not apply: nothing on the bill counts for it.",
            ],
        ),
        (
            purchase(lines=BEANS),
            ["Quy tắc tea-hour chưa áp dụng: ngày thứ Hai, chỉ tính thứ Ba; giờ 10, chỉ tính từ 16."],
            ["Rule tea-hour did not apply: the day Monday, only Tuesday counts; the hour 10, from 16 counts."],
        ),
        (
            event("review"),
            ["Quy tắc review chưa áp dụng: chưa có thông tin “verified”."],
            ["Rule review did not apply: the event does not say “verified”."],
        ),
        (
            event("review", verified=True, used={("member:lan", "review", "day:2026-11-23"): Used(1, 20, 0)}),
            ["Quy tắc review chưa áp dụng: đã đủ giới hạn 1 lần mỗi ngày."],
            ["Rule review did not apply: its limit of 1 a day is reached."],
        ),
        (
            purchase(anonymous=True),
            ["Hóa đơn này chưa gắn với thành viên nên chưa tích điểm; vẫn bổ sung được."],
            ["The sale was recorded without a member, so it earned nothing; it can still be claimed."],
        ),
    ],
)
def test_because_not(facts: Facts, vi: list[str], en: list[str]) -> None:
    assert told_not(facts, "vi") == vi
    assert told_not(facts, "en") == en


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        (
            "{id: a, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net, carry: true}}",
            purchase(6_000, carried={"a": 3_000}),
            "Quy tắc a chưa áp dụng: mới được 9.000 ₫, mỗi bậc 10.000 ₫, còn thiếu 1.000 ₫.",
        ),
        (
            "{id: a, on: purchase, give: {wallet: points, amount: 9}, limits: [{period: {rolling_days: 7}, points: 5}]}",
            purchase(),
            "Quy tắc a cộng ít hơn: đã đủ giới hạn 5 điểm trong 7 ngày.",
        ),
        (
            "{id: a, on: purchase, when: member.tier == 'silver' || store == 'x', give: {wallet: points, amount: 9}}",
            purchase(),
            "Quy tắc a chưa áp dụng: chỉ tính khi hạng là silver hoặc cửa hàng là x.",
        ),
        (
            "{id: a, name: {vi: Quà sớm}, on: purchase, when: member.purchases <= 3, give: {wallet: points, amount: 9}}",
            purchase(),
            "Quy tắc Quà sớm chưa áp dụng: số lần mua 60, chỉ tính đến 3.",
        ),
    ],
)
def test_because_not_of_other_rules(rule: str, facts: Facts, expected: str) -> None:
    made = programme(rule)
    assert why.because_not(decide(facts, made).trace, made, locale="vi", address=None) == [expected]


def test_a_stored_trace_tells_the_same() -> None:
    made = loading.load(SAMPLE)
    trace = decide(purchase(lines=BEANS, member=lan(tier="silver")), made).trace
    stored: Any = json.loads(json.dumps(trace.to_json()))
    for tell in (why.because, why.because_not):
        once = tell(trace, made, locale="vi", address=None)
        assert once == tell(stored, made, locale="vi", address=None)
        assert once == tell(Trace.from_json(stored), made, locale="vi", address=None)


def error_of(source: str) -> loading.DocumentError:
    with pytest.raises(loading.DocumentRefused) as failure:
        loading.load(source)
    return failure.value.errors[0]


def test_document_errors_name_place_and_remedy() -> None:
    later = error_of(SAMPLE.replace("rewards:\n", "games: []\nrewards:\n"))
    expected = "dòng 20, cột 1: “games” sẽ có ở phiên bản ganbo sau; tạm thời bỏ ra."
    assert document_words.placed(later, locale="vi") == expected
    misspelt = error_of(SAMPLE.replace("currency: VND", "curency: VND"))
    assert document_words.placed(misspelt, locale="en").startswith("line ")
    dangling = error_of(SAMPLE.replace("rule: base,", "rule: bas,"))
    remedy = "There is no rule “bas” that gives points; define it under “earn” or correct the name."
    assert document_words.message(dangling, locale="en") == remedy


def test_a_failing_example_is_told() -> None:
    failure = ExampleFailure(0, {"points": 27}, {"points": 26})
    told = document_words.example_message(failure, loading.load(SAMPLE), locale="vi")
    assert told == "Ví dụ 1 mong 27 điểm, nhưng quy tắc cho 26 điểm."


def test_every_sentence_is_vietnamese_too() -> None:
    with (ROOM / "locale/vi/LC_MESSAGES/django.po").open("rb") as stored:
        catalogue = read_po(stored, locale="vi")
    for name in ("why.py", "reasons.py", "stamp_sentences.py", "document_words.py"):
        for found in extract_from_file("python", ROOM / name, keywords={"text": (2,), "N_": None}):
            msgid = found[1][0] if isinstance(found[1], tuple) else found[1]
            entry = catalogue.get(msgid)
            assert entry is not None, f"{name}: {msgid}"
            assert entry.string, f"{name}: {msgid}"
            assert sorted((entry.python_format and placeholders(msgid)) or ()) == sorted(placeholders(entry.string))


def placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}
