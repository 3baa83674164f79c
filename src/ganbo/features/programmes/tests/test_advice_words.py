"""Advice and changes in words, in both languages, without a gap."""

import pytest

from ganbo.engine import advice, comparing, loading
from ganbo.engine.tests import test_advice, test_comparing
from ganbo.features.programmes import advice_words, change_words

BAD = [(row[0], row[1]) for row in test_advice.ADVICE]


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize(("code", "source"), BAD, ids=[row[3] for row in test_advice.ADVICE])
def test_every_finding_says_where_why_and_what_to_do(code: str, source: str, locale: str) -> None:
    told = [one for one in advice_words.told(loading.load(source), locale=locale) if one.code == code]
    assert told
    for one in told:
        assert one.where and one.why.endswith((".", "”")) and one.todo.endswith(".")
        assert "%(" not in one.text


def test_every_finding_has_an_example_here() -> None:
    assert {code for code, _ in BAD} | {"sentence_long"} == set(advice_words._SENTENCES)


def test_a_finding_in_words() -> None:
    source = test_advice.written(rewards=test_advice.TEA.replace("9000", "300000"))
    (one,) = advice_words.told(loading.load(source), locale="en")
    assert (one.line, one.severity) == (11, "high")
    assert one.text == (
        "Reward “tea”: It costs you 300,000 ₫ for 600,000 ₫ of spending: 50 % given back, more than 30 %. "
        "Raise its price, or choose something that costs you less."
    )


def test_what_was_supposed_is_told() -> None:
    programme = loading.load(test_advice.written())
    said = advice_words.assumptions(programme, locale="vi", assumed=advice.Assumptions(members=500))
    assert said == "Giả định: mỗi tháng 2 lần ghé, hóa đơn 100.000 ₫, 500 thành viên, trả lại tối đa 30 %."


CHANGED = [(row[0], row[1], row[5]) for row in test_comparing.CHANGES]


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize(("old", "new", "verdict"), CHANGED, ids=[row[-1] for row in test_comparing.CHANGES])
def test_every_change_has_words(old: str, new: str, verdict: str, locale: str) -> None:
    before, after = (loading.load(s) for s in (test_comparing.OLD, test_comparing.OLD.replace(old, new)))
    (told,) = change_words.told(before, after, locale=locale)
    assert told.verdict == verdict and "%(" not in told.text and told.text and told.mark
    assert bool(change_words.worse(before, after, locale=locale)) is (verdict in ("worse", "mixed"))


SAID = [
    ("per: 10000", "per: 20000", "en", "Rule “base”, what it gives: 1 point for every 10,000 ₫ of the bill, when the bill is from 10,000 ₫. → 1 point for every 20,000 ₫ of the bill, when the bill is from 10,000 ₫."),
    ("valid_days: 30", "valid_days: 14", "vi", "Quà “latte”, thời hạn voucher: Miễn phí một phần, đổi bằng 100 điểm. Hạng silver: 90 điểm. Voucher dùng được trong 30 ngày. Được dùng cùng lúc ưu đãi khác. → Miễn phí một phần, đổi bằng 100 điểm. Hạng silver: 90 điểm. Voucher dùng được trong 14 ngày. Được dùng cùng lúc ưu đãi khác."),
    ("  - {id: off, kind: discount, percent: 10, max: 50000, price: {wallet: points, amount: 80}, stock: 100}\n", "", "en", "Reward “off” is gone: 10 % off the bill, at most 50,000 ₫ for 80 points. May be used together with other offers. 100 pieces in all."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "locale", "text"), SAID)
def test_a_change_in_words(old: str, new: str, locale: str, text: str) -> None:
    before, after = (loading.load(s) for s in (test_comparing.OLD, test_comparing.OLD.replace(old, new)))
    (told,) = change_words.told(before, after, locale=locale)
    assert (told.text, told.verdict) == (text, "worse")


def test_every_aspect_has_a_word() -> None:
    seen = set()
    for old, new, _ in CHANGED:
        before, after = (loading.load(s) for s in (test_comparing.OLD, test_comparing.OLD.replace(old, new)))
        seen |= {aspect.name for change in comparing.changes(before, after) for aspect in change.aspects}
    assert seen - {"whole", "name"} <= set(change_words._ASPECTS)
