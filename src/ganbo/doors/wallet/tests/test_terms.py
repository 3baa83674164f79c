"""Nobody is written down as having agreed to words they were not shown; what got worse is named, and asked about."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from ganbo.engine import loading
from ganbo.features.programmes import queries, terms
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms, publish_programme, sign_in_member
from ganbo.people.members import queries as members

RULES = """\
ganbo: 1
programme: terms
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: {vi: điểm, en: points}}}
earn: [{id: base, name: {vi: Mua hàng, en: Purchases}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
"""
BETTER = RULES.replace("10000", "5000")
WORSE = RULES.replace("10000", "20000")
REWORDED = RULES.replace("vi: Mua hàng", "vi: Mua sắm")


def agreed(page: Any) -> dict[str, str]:
    """The terms' part of a form as somebody sends it who ticks the box."""
    found = re.search(r'name="terms" value="([^"]+)"', page.content.decode())
    assert found, "the form carries which words it shows"
    return {"terms": found[1], "agree": "yes"}


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    made = new_business(RULES)
    with context.within(made):
        yield made


class Visitor:
    """A browser in front of one shop's wallet."""

    def __init__(self, shop: Any, language: str = "vi") -> None:
        self.at, self.client = f"/b/{shop.slug}/wallet/", Client(REMOTE_ADDR=f"2001:{chance.digits(4)}::1")
        self.client.cookies["django_language"] = language

    def get(self, path: str) -> Any:
        return self.client.get(self.at + path)

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(self.at + path, form)

    def prove(self) -> str:
        """A phone nobody has, proved; ready to join."""
        phone = f"+849{chance.digits(8)}"
        shown = self.post("sign-in/", contact=phone).content.decode()
        digits = re.search(r"\b(\d{6})\b", re.sub(r"<[^>]+>", " ", shown))
        assert digits, "the demo shows the code"
        assert self.post("code/", code=digits[1], contact=phone).headers["Location"].endswith("/join/")
        return phone


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True


def member_of(phone: str) -> UUID | None:
    found = members.by_key("phone", phone)
    return found.id if found else None


def a_member(shop: Any, *, version: int | None = None, lang: str = "vi") -> tuple[UUID, Visitor]:
    """Somebody signed in, who said yes to a version, or to none."""
    phone = f"+849{chance.digits(8)}"
    now = clock.now()
    minh = sign_in_member.join(phone, name="Minh", address_form="anh", locale="vi", tier=None, at=now)
    if version is not None:
        accept_terms.accept(minh, at=now, lang=lang, channel="till", version=version)
    seen = Visitor(shop)
    seen.client.cookies[f"ganbo_member_{shop.slug}"] = sign_in_member.open_session(minh, at=now)
    return minh, seen


@pytest.mark.parametrize(("language", "said"), [("vi", "Thể lệ Gắn Bó"), ("en", "Terms of Gắn Bó Club")])
def test_joining_shows_the_terms_and_keeps_the_yes_to_them(shop: Any, language: str, said: str) -> None:
    visitor = Visitor(shop, language)
    phone = visitor.prove()
    page = visitor.get("join/")
    text = page.content.decode()
    assert said in text
    kept = queries.terms_of(1, lang=language)
    assert kept is not None
    for part in terms.parts_of(kept.text)[1]:
        assert part.title in text, "the whole text is on the page that asks"
    assert not re.search(r'name="agree"[^>]*checked', text), "the box is never ticked beforehand"
    assert visitor.post("join/", name="Minh", **agreed(page)).status_code == 302
    minh = member_of(phone)
    assert minh is not None
    (yes,) = queries.accepted(minh)
    assert (yes.version, yes.lang, yes.digest, yes.channel) == (1, language, kept.digest, "wallet")
    assert timedelta() <= clock.now() - yes.at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"agree": ""}, "not ticked"),
        ({"agree": "no"}, "something else than yes"),
        ({"terms": ""}, "no words named"),
        ({"terms": "1:vi:" + "0" * 64}, "other words than those in force"),
        ({"terms": "9" * 60}, "not a form of ours"),
        ({"terms": "99:en:" + "0" * 64}, "a version that never was"),
    ],
)
def test_without_a_clear_yes_nobody_joins(shop: Any, change: dict[str, str], why: str) -> None:
    visitor = Visitor(shop)
    phone = visitor.prove()
    form = agreed(visitor.get("join/")) | {"name": "Nguyễn Văn Minh", "address_form": "anh"} | change
    answer = visitor.post("join/", **form)
    assert answer.status_code == 422, why
    assert "Nguyễn Văn Minh" in answer.content.decode(), "what was typed stays"
    assert 'role="alert"' in answer.content.decode() or "agree-error" in answer.content.decode()
    assert member_of(phone) is None


def test_terms_that_change_while_somebody_reads_are_read_anew(shop: Any) -> None:
    visitor = Visitor(shop)
    phone = visitor.prove()
    form = agreed(visitor.get("join/"))
    publish_programme.publish(WORSE, by="tests")
    answer = visitor.post("join/", **form)
    assert answer.status_code == 422 and member_of(phone) is None
    assert visitor.post("join/", **agreed(answer)).status_code == 302
    minh = member_of(phone)
    assert minh is not None
    assert [row.version for row in queries.accepted(minh)] == [2]


@pytest.mark.parametrize(
    ("rules", "marks", "why"),
    [
        (WORSE, ["bất lợi hơn"], "what is worse is named as such"),
        (BETTER, ["có lợi hơn"], "so is what is better"),
        (REWORDED, [], "only words"),
    ],
)
def test_a_change_is_told_and_asked_about(shop: Any, rules: str, marks: list[str], why: str) -> None:
    minh, his = a_member(shop, version=1)
    assert "Thể lệ đã thay đổi" not in his.get("").content.decode()
    publish_programme.publish(rules, by="tests")
    assert "Thể lệ đã thay đổi" in his.get("").content.decode()
    page = his.get("terms/")
    text = page.content.decode()
    changed = re.sub(r'.*id="changed"|</section>.*', "", text, flags=re.S)
    for mark in marks:
        assert mark in changed and "Mua hàng" in changed, why
    assert ("chỉ thay đổi cách viết" in changed) == (not marks)
    assert his.post("terms/agree/", **agreed(page)).status_code == 302
    assert [(row.version, row.channel) for row in queries.accepted(minh)] == [(2, "wallet"), (1, "till")]
    assert "Thể lệ đã thay đổi" not in his.get("").content.decode()
    assert 'name="agree"' not in his.get("terms/").content.decode(), "asked once"


def test_the_same_words_are_not_asked_about_again(shop: Any) -> None:
    _minh, his = a_member(shop, version=1)
    publish_programme.publish(RULES + "# a comment changes no terms\nlate_days: 90\n", by="tests")
    assert "Thể lệ đã thay đổi" not in his.get("").content.decode()


def test_who_was_never_shown_the_terms_is_asked_without_being_told_of_changes(shop: Any) -> None:
    publish_programme.publish(WORSE, by="tests")
    minh, his = a_member(shop)
    assert "Xem thể lệ" in his.get("").content.decode()
    page = his.get("terms/")
    assert 'id="changed"' not in page.content.decode()
    assert his.post("terms/agree/", terms=agreed(page)["terms"]).status_code == 422, "unticked is no yes"
    assert queries.accepted(minh) == []
    assert his.post("terms/agree/", **agreed(page)).status_code == 302
    assert [row.version for row in queries.accepted(minh)] == [2]


def test_everybody_reads_the_terms_and_nobody_elses_yes(shop: Any) -> None:
    _minh, his = a_member(shop, version=1)
    stranger = Visitor(shop, "en")
    page = stranger.get("terms/").content.decode()
    assert "Terms of Gắn Bó Club" in page
    assert "You said yes" not in page and 'name="agree"' not in page
    assert stranger.post("terms/agree/", terms="", agree="yes").headers["Location"].endswith("/sign-in/")
    assert "Đã đồng ý ngày" in his.get("terms/").content.decode()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_parts_are_read_back_as_they_were_written(lang: str) -> None:
    made = terms.of(loading.load(RULES), lang=lang, organiser="Quán\nBà Tư")
    title, parts = terms.parts_of(made.text)
    assert title == made.title
    assert [part.title for part in parts] == [part.title for part in made.parts]
    assert [len(part.paragraphs) for part in parts] == [len(part.paragraphs) for part in made.parts]
    again = terms.of(loading.load(RULES), lang=lang)
    assert terms.parts_of(again.text) == (again.title, again.parts)
