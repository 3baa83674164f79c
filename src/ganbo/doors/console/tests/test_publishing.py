"""A draft is looked at, then put in force: by whom, when, at most once; versions are withdrawn, compared, begun from."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from ganbo.doors.console import reviewing, terms_page
from ganbo.features.programmes import drafts, queries
from ganbo.features.programmes.change_words import Told
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms, edit_draft, join, publish_programme
from ganbo.people.members.operations import Person

PLACE = ZoneInfo("Asia/Ho_Chi_Minh")
RULES = """\
ganbo: 1
programme: small
name: {vi: Nhỏ, en: Small}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: {vi: điểm, en: points}}}
earn:
  - {id: base, name: {vi: Mua hàng, en: Buying}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: hello, name: {vi: Chào mừng, en: Welcome}, on: signup, give: {wallet: points, amount: 50}}
examples:
  - event: {type: purchase, occurred_at: "2026-11-24T09:00:00+07:00", data: {amount: 55000}}
    expect: {points: 5}
"""
DEARER = RULES.replace("per: 10000", "per: 20000").replace("{points: 5}", "{points: 2}")
KINDER = RULES.replace("per: 10000", "per: 5000").replace("{points: 5}", "{points: 11}")
MONTH = RULES.replace("en: points}}", "en: points}, expires: {kind: rolling, days: 30}}")


class Shop:
    """A business of the test's own, with version 1 in force, and its staff."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.root = f"/b/{row.slug}/console/programme"

    def sign_in(self, role: str) -> Client:
        from django.contrib.auth import get_user_model

        email = f"{role}-{self.row.slug}@example.com"
        operations.ensure(email, name="Hạnh", business_id=self.row.id, role=role, password="mot-mat-khau-dai")
        browser = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
        browser.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return browser

    def draft(self, source: str) -> None:
        kept = drafts.current(self.numbers()[0])
        edit_draft.save(source, revision=kept.revision, based_on=self.numbers()[0], by="staff:1")

    def press(self, browser: Client, **more: str) -> Any:
        """Open the page and press the button; `more` fills the form."""
        return browser.post(f"{self.root}/publish", self.form(browser) | more)

    def form(self, browser: Client) -> dict[str, str]:
        page = browser.get(f"{self.root}/publish").content.decode()
        hidden = dict(re.findall(r'name="(digest|latest)" value="(\w+)"', page))
        return {"do": "publish", "when": "now", **hidden}

    def states(self) -> dict[int, str]:
        return {one.row.version: one.state for one in queries.listed(self.row.schema, at=clock.now())}

    def numbers(self) -> list[int]:
        return [row.version for row in queries.versions()]


@pytest.fixture
def shop(new_business: Any) -> Any:
    made = new_business(RULES)
    with context.within(made):
        yield Shop(made)


def _text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


WHO = [
    ("owner", 200, 302, "the owner"),
    ("manager", 200, 302, "and the manager publish"),
    ("marketer", 200, 403, "a marketer prepares"),
    ("analyst", 200, 403, "an analyst reads"),
    ("auditor", 200, 403, "so does an auditor"),
    ("cashier", 403, 403, "a cashier has no business here"),
    ("care", 403, 403, "nor has who answers members"),
]


@pytest.mark.parametrize(("role", "looks", "publishes", "why"), WHO)
def test_who_looks_and_who_publishes(shop: Shop, role: str, looks: int, publishes: int, why: str) -> None:
    shop.draft(KINDER)
    browser = shop.sign_in(role)
    assert browser.get(f"{shop.root}/publish").status_code == looks, why
    form = shop.form(shop.sign_in("owner"))
    assert browser.post(f"{shop.root}/publish", form).status_code == publishes, why
    assert shop.numbers() == ([2, 1] if publishes == 302 else [1]), why


def test_strangers_see_nothing(shop: Shop) -> None:
    browser = Client(SERVER_NAME="127.0.0.1")
    for page in ("publish", "versions/1/yaml", "versions/compare?a=1&b=1", "terms"):
        assert browser.get(f"{shop.root}/{page}").status_code == 302
    for page in ("publish", "versions/1/withdraw", "versions/1/draft"):
        assert browser.post(f"{shop.root}/{page}").status_code == 302
    assert shop.numbers() == [1]


def test_what_is_worse_is_named_and_must_be_meant(shop: Shop) -> None:
    shop.draft(DEARER)
    browser = shop.sign_in("manager")
    page = _text(browser.get(f"{shop.root}/publish"))
    assert "Worse for members 1" in page
    assert "Rule “Buying”: what it gives" in page
    assert "1 example comes out right" in page
    assert shop.press(browser).status_code == 422
    assert shop.numbers() == [1], "nothing changed"
    done = shop.press(browser, agreed="yes", note="Milk is dearer")
    assert done.status_code == 302
    newest = queries.versions()[0]
    assert (newest.version, newest.note, newest.source) == (2, "Milk is dearer", DEARER)
    assert newest.published_by.startswith("staff:")
    listed = _text(browser.get(f"{shop.root}/versions"))
    assert "Milk is dearer" in listed
    assert "by Hạnh" in listed


def test_pressed_twice_it_is_published_once(shop: Shop) -> None:
    shop.draft(KINDER)
    browser = shop.sign_in("owner")
    form = shop.form(browser)
    answers = [browser.post(f"{shop.root}/publish", form) for _ in range(3)]
    assert [one.status_code for one in answers] == [302, 302, 302]
    assert shop.numbers() == [2, 1]
    assert drafts.current(2).revision == 0, "the draft is done"


def test_pressed_twice_for_later_it_is_scheduled_once(shop: Shop) -> None:
    shop.draft(KINDER)
    browser = shop.sign_in("owner")
    form = shop.form(browser) | {"when": "later", "day": "2027-06-01", "hour": "06:30"}
    assert [browser.post(f"{shop.root}/publish", form).status_code for _ in range(2)] == [302, 302]
    assert shop.states() == {2: "scheduled", 1: "in_force"}
    assert queries.versions()[0].in_force_from == datetime(2027, 6, 1, 6, 30, tzinfo=PLACE), "the shop's own clock"


def test_what_was_not_looked_at_is_not_published(shop: Shop) -> None:
    shop.draft(KINDER)
    browser = shop.sign_in("owner")
    form = shop.form(browser)
    shop.draft(KINDER + "# and more\n")
    assert browser.post(f"{shop.root}/publish", form).status_code == 409, "the draft is another one now"
    form = shop.form(browser)
    publish_programme.publish(RULES + "# somebody else\n", by="tests")
    answer = browser.post(f"{shop.root}/publish", form)
    assert answer.status_code == 409, "somebody published meanwhile"
    assert "Look again" in _text(answer)
    assert shop.numbers() == [2, 1]
    assert drafts.current(2).source == KINDER + "# and more\n", "the draft is kept"
    assert shop.press(browser).status_code == 302, "looked at again, it is published"


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ({"day": "2020-01-01"}, "it was judged already"),
        ({"day": ""}, "which day?"),
        ({"day": "31/12"}, "no day"),
        ({"day": "2027-06-01", "hour": "25:00"}, "no hour"),
    ],
)
def test_when_it_cannot_begin(shop: Shop, when: dict[str, str], why: str) -> None:
    shop.draft(KINDER)
    answer = shop.press(shop.sign_in("owner"), when="later", **when)
    assert answer.status_code == 422, why
    assert 'role="alert"' in answer.content.decode(), why
    assert shop.numbers() == [1], why


def test_a_draft_with_an_error_is_not_published(shop: Shop) -> None:
    browser = shop.sign_in("owner")
    shop.draft(KINDER)
    form = shop.form(browser)
    for wrong, said in (
        (RULES.replace("wallet: points", "wallet: stars"), "There is no wallet “stars”"),
        (RULES.replace("{points: 5}", "{points: 6}"), "Example 1 expects 6 points"),
    ):
        shop.draft(wrong)
        page = browser.get(f"{shop.root}/publish")
        assert said in _text(page)
        assert 'value="publish"' not in page.content.decode()
        assert browser.post(f"{shop.root}/publish", form).status_code == 409
    assert shop.numbers() == [1]


def test_without_a_draft_there_is_nothing_to_publish(shop: Shop) -> None:
    page = shop.sign_in("owner").get(f"{shop.root}/publish")
    assert "There is nothing to publish" in _text(page)
    assert 'value="publish"' not in page.content.decode()


def _lan() -> UUID:
    return join.join(Person(name="Lan", phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id


@pytest.mark.parametrize(("existing", "redated"), [("new", []), ("all", ["all"]), ("extend", ["extend"])])
def test_points_that_are_there(shop: Shop, existing: str, redated: list[str]) -> None:
    """Who would lose what is said before it is chosen; the choice is kept with the version."""
    from ganbo.features.programmes import models

    lan = _lan()
    shop.draft(MONTH)
    browser = shop.sign_in("owner")
    page = browser.get(f"{shop.root}/publish")
    assert "1 member has less time for 50 points." in _text(page)
    assert f"/members/{lan}" in page.content.decode(), "who"
    assert shop.press(browser, existing=existing, agreed="yes").status_code == 302
    assert list(models.Redating.objects.values_list("mode", flat=True)) == redated


def test_the_preview_is_as_of_the_day_it_begins(shop: Shop) -> None:
    _lan()
    shop.draft(MONTH)
    browser = shop.sign_in("owner")
    later = (clock.now().astimezone(PLACE) + timedelta(days=90)).date().isoformat()
    answer = shop.press(browser, do="look", when="later", day=later, existing="all")
    assert "50 points of them end at once" in _text(answer)
    assert re.search(r'value="all" checked', answer.content.decode()), "what was chosen stays chosen"
    assert shop.numbers() == [1], "looking changes nothing"


LEVELS = """
tiers:
  metric: points_earned
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {points_earned: 40}}
"""


def test_who_changes_tier_is_counted_and_named(shop: Shop) -> None:
    """The level of a member is judged by what was counted already, before anybody publishes it."""
    lan = _lan()
    browser = shop.sign_in("manager")
    shop.draft(KINDER)
    assert "Who changes tier" not in _text(browser.get(f"{shop.root}/publish")), "levels stay as they are"
    shop.draft(KINDER + LEVELS)
    page = browser.get(f"{shop.root}/publish")
    assert re.search(r"Who changes tier In the night after it begins \S+ → Silver 1", _text(page)), _text(page)
    assert f"/members/{lan}" in page.content.decode()


@pytest.mark.parametrize(
    ("old", "new", "olds", "news", "why"),
    [
        ("Costs 60 points.", "Costs 75 points.", ["60"], ["75"], "the one word that differs"),
        ("Ends.", "Ends. Or not.", [], ["Or not."], "words that came"),
        ("All of it", "something else", [], [], "nothing in common: no marks at all"),
        ("", "Costs 75 points.", [], [], "a new part has no old sentence"),
    ],
)
def test_the_words_that_differ_are_marked(old: str, new: str, olds: list[str], news: list[str], why: str) -> None:
    told = Told("rewards", "tea", "changed", "worse", "", "", "Tea", old, new)
    found = reviewing._difference(told)
    assert [words for words, differs in found.old if differs] == olds, why
    assert [words for words, differs in found.new if differs] == news, why
    assert " ".join(words for words, _ in found.old) == old, "no word is lost"
    assert " ".join(words for words, _ in found.new) == new, "no word is lost"


def test_a_version_that_waits_is_withdrawn(shop: Shop) -> None:
    shop.draft(KINDER)
    owner = shop.sign_in("owner")
    shop.press(owner, when="later", day="2027-06-01")
    assert "Withdraw" in _text(owner.get(f"{shop.root}/versions"))
    url = f"{shop.root}/versions/2/withdraw"
    for role in ("marketer", "cashier", "analyst"):
        assert "Withdraw" not in _text(shop.sign_in(role).get(f"{shop.root}/versions"))
        assert shop.sign_in(role).post(url).status_code == 403
    assert owner.get(url).status_code == 405, "a link is no button"
    assert shop.states() == {2: "scheduled", 1: "in_force"}
    assert owner.post(url).status_code == 302
    assert owner.post(url).status_code == 302
    assert shop.states() == {3: "withdrawal", 2: "withdrawn", 1: "in_force"}
    assert "Hạnh withdrew version 2" in _text(owner.get(f"{shop.root}/versions"))
    owner.post(f"{shop.root}/versions/1/withdraw")
    assert shop.states()[1] == "in_force", "what is in force is not withdrawn"


def test_any_two_versions_are_compared(shop: Shop) -> None:
    publish_programme.publish(DEARER, by="tests")
    publish_programme.publish(KINDER, by="tests")
    browser = shop.sign_in("analyst")
    assert "Worse for members" in _text(browser.get(f"{shop.root}/versions/compare", {"a": "1", "b": "2"}))
    assert "Better for members" in _text(browser.get(f"{shop.root}/versions/compare", {"a": "2", "b": "3"}))
    assert "Better for members" in _text(browser.get(f"{shop.root}/versions/compare", {"a": "1", "b": "3"}))
    for a, b in (("1", "9"), ("", ""), ("x", "1"), ("²", "1")):
        assert browser.get(f"{shop.root}/versions/compare", {"a": a, "b": b}).status_code == 404


def test_a_version_is_read_and_begun_from(shop: Shop) -> None:
    publish_programme.publish(KINDER, by="tests")
    browser = shop.sign_in("marketer")
    yaml = browser.get(f"{shop.root}/versions/1/yaml")
    assert yaml.content.decode() == RULES
    assert f'"{shop.row.slug}-1.yaml"' in yaml["Content-Disposition"]
    begun = browser.post(f"{shop.root}/versions/1/draft", {"revision": "0"})
    assert begun.status_code == 302
    kept = drafts.current(2)
    assert (kept.source, kept.revision, kept.based_on) == (RULES, 1, 2)
    assert shop.numbers() == [2, 1], "nothing is in force by it"
    browser.post(f"{shop.root}/versions/2/draft", {"revision": "0"})
    assert drafts.current(2).source == RULES, "not over what somebody wrote meanwhile"
    assert shop.sign_in("cashier").post(f"{shop.root}/versions/2/draft", {"revision": "1"}).status_code == 403
    for page in ("versions/9", "versions/9/yaml", "terms/9", "terms/9/print"):
        assert browser.get(f"{shop.root}/{page}").status_code == 404
    assert browser.post(f"{shop.root}/versions/9/draft").status_code == 404


def test_terms_of_any_version_with_who_said_yes(shop: Shop) -> None:
    lan, minh = _lan(), _lan()
    for member, lang in ((lan, "vi"), (minh, "en")):
        accept_terms.accept(member, at=clock.now(), lang=lang, channel="counter")
    publish_programme.publish(DEARER, by="tests")
    browser = shop.sign_in("cashier")
    now = _text(browser.get(f"{shop.root}/terms"))
    assert "0 of 2 members said yes to these words" in now
    assert "Worse than before for members" in now
    first = browser.get(f"{shop.root}/terms/1", {"lang": "vi"})
    assert "1 điểm cho mỗi 10.000" in _text(first)
    assert "2 of 2 members said yes to these words" in _text(first)
    assert "English: 1" in _text(first)
    digest = queries.terms_of(1, lang="vi")
    assert digest is not None
    assert digest.digest in _text(first)
    paper = _text(browser.get(f"{shop.root}/terms/1/print", {"lang": "vi"}))
    assert "1 điểm cho mỗi 10.000" in paper
    assert digest.digest in paper


def test_every_word_of_the_terms_is_shown(shop: Shop) -> None:
    """Nothing that was published is lost on the way to the page."""
    row = queries.terms_of(1, lang="en")
    assert row is not None
    parts = terms_page.parts_of(row.text)
    again = [f"# {terms_page.title_of(row.text)}"]
    for heading, paragraphs in parts:
        again += ["", f"## {heading}", "", *(f"- {one}" for one in paragraphs)]
    assert "\n".join(again) + "\n" == row.text


def test_pages_hold_nothing_inline(shop: Shop) -> None:
    _lan()
    publish_programme.publish(KINDER, by="tests")
    shop.draft(MONTH)
    browser = shop.sign_in("owner")
    for page in ("publish", "versions", "versions/2", "versions/compare?a=1&b=2", "terms", "terms/1/print"):
        text = browser.get(f"{shop.root}/{page}").content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), page


def test_in_vietnamese(shop: Shop) -> None:
    shop.draft(DEARER)
    browser = shop.sign_in("owner")
    page = browser.get(f"{shop.root}/publish", headers={"accept-language": "vi"})
    assert "Bất lợi hơn cho thành viên" in _text(page)
    assert "Đưa vào dùng" in _text(page)
