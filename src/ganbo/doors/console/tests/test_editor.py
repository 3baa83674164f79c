"""The programme editor through its pages: forms read off the document, saved in place, nobody overwritten unseen."""

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client

import ganbo
from ganbo.doors.console.editor import labels, parts, shapes
from ganbo.doors.console.editor.filling import Filler
from ganbo.doors.console.editor.parts import KINDS
from ganbo.doors.console.editor.reading import Reader
from ganbo.doors.console.tests import forms
from ganbo.engine import loading
from ganbo.engine.text import Placed
from ganbo.features.programmes import drafts, templates
from ganbo.features.programmes.document_tree import Tree
from ganbo.foundation.staff import operations
from ganbo.journeys import edit_draft

SOURCE = Path(ganbo.__file__).parent
DEMO = (SOURCE / "doors/cli/demo_programme.yaml").read_text(encoding="utf-8")
PROMISES = (SOURCE / "doors/cli/bench/promises.yaml").read_text(encoding="utf-8")
WIDE = """\
ganbo: 1   # the form of the document
programme: mot-quan
name: {vi: Một quán, en: A shop, fr: Un café}
currency: VND
timezone: Asia/Ho_Chi_Minh
late_days: 30
wallets:
  # points are money of a kind
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: fixed_dates, dates: [06-30, 12-31], grace: {days: 10}}, pending: {kind: after, days: 2}, notice_days: [14, 3]}
  miles: {name: dặm, spendable: false, expires: {kind: inactivity, months: 18, reset_by: [purchase, visit]}, on_refund: unlimited, floor: {bronze: -100, silver: -500}}
  card: {name: {vi: tiền trong thẻ}, money: true, on_refund: keep}
base: {shipping: in, gift_cards: out}
tables: {class: {Y: 50, C: 150}}
earn:
  - {id: base, on: purchase, when: 'order.net >= 10000 && (channel == "web" || store == "hoan-kiem")', say: {vi: mua trên mạng}, give: {wallet: points, amount: 1, per: 10000, of: net, rounding: none, base: {tax: out}}}
  - id: tea   # Tuesday
    on: purchase
    during: {from: 2026-12-01, until: 2027-12-01, days: [tue, wed], hours: [14, 17]}
    when: local.weekday == "tue"
    multiply: {wallet: points, by: 1.50}
    combine: best
    limits: [{scope: member, period: {rolling_days: 30}, count: 3}, {scope: store, period: day, count: 200, on_exceed: reject}]
  - {id: fly, on: custom.flight, when: event.miles > 0, say: {vi: bay, en: flying}, give: {wallet: miles, amount: 'event.miles * table.class[event.class] / 100', min: 500}, tier_multiplier: false}
  - {id: beans, on: purchase, lines: 'line.category == "beans" && line.quantity >= 2', give: {wallet: points, amount: 5, per: 1, of: quantity}, expires: {kind: rolling, days: 30}}
  - {id: thanks, on: review, when: event.verified, give: {voucher: cake}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê}, lines: 'line.category == "coffee"', size: 10, head_start: 2, head_start_on: every, reward: cake, repeat: false, paid_only: false}
  - {id: wash, count: visit, on: visit, size: 5, reward: cake, max_per_day: 1}
tiers:
  metric: {any: [spend, engagement]}
  metrics: {engagement: {events: [review, visit]}}
  counts: {purchase: order.net >= 30000, max_per_day: 1}
  window: {kind: rolling, months: 12}
  upgrade: period_end
  downgrade: {mode: one_step, grace_days: 30}
  valid: {until: end_of_year, plus_months: 12}
  levels:
    - {id: bronze, name: Đồng}
    - {id: silver, enter: {all: {spend: 5000000, engagement: 3}}, keep: {spend: 3000000}, benefits: {multiply: {points: {rules: [base], by: 1.2}}, on_enter: [cake], expires: {points: {kind: rolling, months: 24}}}}
    - {id: gold, enter: {any: [{all: {spend: 15000000, engagement: 5}}, {spend: 30000000}]}, benefits: {multiply: 1.5, rewards: [tote], service_priority: 1, yearly: [cake]}, no_downgrade: true}
    - {id: diamond, invitation_only: true}
rewards:
  - {id: cake, kind: free_item, sku: cake, cost: 35000, valid_days: 14}
  - {id: tote, kind: gift, name: {vi: Túi vải, en: Tote}, price: {wallet: points, amount: 300, plus: 29000, by_tier: {gold: 200}}, stock: 40, when: tier_at_least("silver"), limits: [{period: month, count: 1}], budget: gifts, taste: emotional, labels: [bag, cotton]}
  - {id: ten, kind: discount, percent: 10, max: 50000, min_order: 100000, stacking: exclusive, valid: {from: next_order}}
budget: {total: 200000000, lines: {gifts: {planned: 120000000}}}
examples:
  - {event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, channel: web, data: {amount: 55000}}, expect: {points: 5}}
"""


def _documents() -> dict[str, str]:
    return {"wide": WIDE, "demo": DEMO, "promises": PROMISES} | {
        t.name: templates.source(t.name) for t in templates.all()
    }


@pytest.fixture
def shop(cafe: Any) -> Iterator[Any]:
    """The café with the wide document as its draft, saved once."""
    edit_draft.drop(revision=_draft().revision)
    edit_draft.save(WIDE, revision=0, based_on=1, by="tests")
    yield cafe
    edit_draft.drop(revision=_draft().revision)


@pytest.fixture
def sign_in(shop: Any) -> Callable[[str], Client]:
    """A browser in which somebody with this role is signed in."""

    def signed_in(role: str) -> Client:
        from django.contrib.auth import get_user_model

        email = f"{role}@{shop.slug}.example.com"
        operations.ensure(email, name=role.title(), business_id=shop.id, role=role, password="mot-mat-khau-dai")
        browser = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
        browser.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return browser

    return signed_in


@pytest.fixture
def editor(shop: Any, sign_in: Callable[[str], Client]) -> "Editor":
    return Editor(sign_in("manager"), shop.slug)


class Editor:
    """The pages as a person uses them."""

    def __init__(self, browser: Client, slug: str) -> None:
        self.browser, self.root = browser, f"/b/{slug}/console/programme/edit"

    def get(self, path: str = "") -> Any:
        return self.browser.get(self.root + path)

    def form(self, kind: str, key: str = "-", more: str = "") -> dict[str, Any]:
        page = self.get(f"/{kind}/{key}{more}")
        assert page.status_code == 200, (kind, key)
        return dict(forms.of(page.content.decode(), "part-form"))

    def save(self, kind: str, key: str, form: dict[str, Any], **answers: Any) -> Any:
        return self.browser.post(
            f"{self.root}/{kind}/{key}", form | {n.replace("__", "."): v for n, v in answers.items()}
        )

    def change(self, do: str, **more: str) -> Any:
        return self.browser.post(f"{self.root}/change", {"do": do, "revision": _draft().revision} | more)


def _draft() -> Any:
    from ganbo.features.programmes import queries

    return drafts.current(max((v.version for v in queries.versions()), default=0))


def _value() -> Any:
    return Placed(_draft().source).value


UNSEEN = {"do": "remove", "seen": "something else", "id_seen": "base"}
MAY_READ = [("cashier", 200), ("care", 200), ("manager", 200), ("owner", 200)]


@pytest.mark.parametrize(("role", "reads"), MAY_READ)
def test_everybody_reads_the_draft_and_some_write_it(sign_in: Any, shop: Any, role: str, reads: int) -> None:
    browser = sign_in(role)
    writes = role in ("manager", "owner")
    root = f"/b/{shop.slug}/console/programme/edit"
    for path in ("", "/yaml", "/receipt"):
        assert browser.get(root + path).status_code == reads, path
    assert browser.get(f"{root}/rule/0").status_code == (200 if writes else 403)
    assert browser.post(f"{root}/rule/0", UNSEEN).status_code == (409 if writes else 403), "unseen, for writers"
    assert browser.post(f"{root}/change", {"do": "start", "from": "empty", "revision": "1"}).status_code == (
        302 if writes else 403
    )
    before = _draft()
    answer = browser.post(f"{root}/yaml", {"source": "# mine\n", "revision": str(before.revision)})
    assert answer.status_code == (302 if writes else 403)
    assert (_draft().source == "# mine\n") is writes
    assert (b"part-form" in browser.get(root).content) is False
    assert Client(SERVER_NAME="127.0.0.1").get(root).status_code == 302, "strangers sign in first"


@pytest.mark.parametrize("name", list(_documents()))
def test_saving_a_form_unchanged_changes_nothing(name: str) -> None:
    """Of every part of every document: the form as a browser shows it, sent back as it is."""
    source = _documents()[name]
    document = Placed(source).value
    ids = parts.ids(document)
    for locale in ("vi", "en") if name == "wide" else ("vi",):
        filler = Filler(ids, "VND", locale)
        for slug, kind in KINDS.items():
            for key, value in [("-", document)] if slug == "about" else parts.entries(kind, document):
                asked, more = filler.group(kind.shape, "p", value)
                told = {"asked": asked, "more": more, "part": {"kind": kind, "key": key}}
                sent = QueryDict(mutable=True)
                for field, values in forms.of(render_to_string("console/editor/_part.html", told), "part-form").items():
                    sent.setlist(field, values)
                reader = Reader(sent, filler.metrics, tuple(level for level, _ in ids["levels"]))
                assert reader.group(kind.shape, "p", value) == value, (slug, key)
                tree = Tree(source)
                tree.merge(parts.path_of(kind, key, document) or (), value, reader.group(kind.shape, "p", value))
                assert str(tree) == source, "not even the way it is written"
    assert not reader.unreadable


# part, answers, what the document then says there
EDITS = [
    ("rule", "0", {"p__give__amount": "2"}, ("earn", 0, "give", "amount"), 2),
    ("rule", "0", {"p__when__0__value": "50.000"}, ("earn", 0, "when"), 'order.net >= 50000 && (channel == "web" || store == "hoan-kiem")'),
    ("rule", "1", {"p__multiply__by": "2,5"}, ("earn", 1, "multiply", "by"), 2.5),
    ("rule", "1", {"p__limits__1__remove": "yes"}, ("earn", 1, "limits"), [{"scope": "member", "period": {"rolling_days": 30}, "count": 3}]),
    ("rule", "1", {"p__limits__2__period": "ever", "p__limits__2__count": "9"}, ("earn", 1, "limits", 2), {"period": "ever", "count": 9}),
    ("rule", "3", {"p__lines__2__what": "line.sku", "p__lines__2__value": "robusta"}, ("earn", 3, "lines"), 'line.category == "beans" && line.quantity >= 2 && line.sku == "robusta"'),
    ("rule", "4", {"p__name__vi": "Cảm ơn", "p__name__en": "Thanks"}, ("earn", 4, "name"), {"vi": "Cảm ơn", "en": "Thanks"}),
    ("card", "0", {"p__size": "8"}, ("stamp_cards", 0, "size"), 8),
    ("tiers", "-", {"p__metric": ["spend", "visits"], "p__metric__how": "all"}, ("tiers", "metric"), {"all": ["spend", "visits"]}),
    ("tiers", "-", {"p__downgrade__grace_days": "60"}, ("tiers", "downgrade", "grace_days"), 60),
    ("level", "1", {"p__enter__spend": "6.000.000"}, ("tiers", "levels", 1, "enter"), {"all": {"spend": 6000000, "engagement": 3}}),
    ("level", "1", {"p__benefits__on_enter": ["cake", "ten"]}, ("tiers", "levels", 1, "benefits", "on_enter"), ["cake", "ten"]),
    ("reward", "1", {"p__price__amount": "250"}, ("rewards", 1, "price", "amount"), 250),
    ("reward", "2", {"p__percent": "15"}, ("rewards", 2, "percent"), 15),
    ("wallet", "points", {"p__expires__dates": "03-31, 09-30"}, ("wallets", "points", "expires", "dates"), ["03-31", "09-30"]),
    ("wallet", "card", {"p__on_refund": "within_balance"}, ("wallets", "card", "on_refund"), "within_balance"),
    ("base", "-", {"p__shipping": "out"}, ("base", "shipping"), "out"),
    ("budget", "-", {"p__total": "100.000.000"}, ("budget", "total"), 100_000_000),
    ("about", "-", {"p__late_days": "60"}, ("late_days",), 60),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "key", "answers", "path", "value"), EDITS)
def test_an_answer_changes_its_place_and_nothing_else(
    editor: Editor, kind: str, key: str, answers: dict[str, Any], path: tuple[Any, ...], value: Any
) -> None:
    answer = editor.save(kind, key, editor.form(kind, key), **answers)
    assert answer.status_code == 302, answer.content.decode().split('role="alert"')[-1][:600]
    after = _value()
    assert parts.value_at(after, path) == value
    assert after == _with(Placed(WIDE).value, path, value)
    lost = [line for line in difflib.ndiff(WIDE.splitlines(), _draft().source.splitlines()) if line[0] == "-"]
    assert len(lost) <= 1, "one line says it differently; comments and everything else stay"


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    if isinstance(holder, list) and path[-1] == len(holder):
        holder.append(value)
    else:
        holder[path[-1]] = value
    return document


# kind, address, answers, where it stands then
NEW_PARTS = [
    ("rule", "?like=rule", {"p__name__vi": "Giờ trà"}, ("earn", 5), "id", "gio-tra"),
    ("rule", "?like=welcome", {"p__id": "hello"}, ("earn", 5), "on", "signup"),
    ("card", "", {"p__id": "cakes"}, ("stamp_cards", 2), "size", 10),
    ("level", "", {"p__id": "ruby", "p__enter__spend": "90000000"}, ("tiers", "levels", 4), "id", "ruby"),
    ("reward", "", {"p__id": "tea", "p__sku": "tea"}, ("rewards", 3), "kind", "free_item"),
    ("wallet", "", {"p__key": "stars", "p__name__vi": "sao"}, ("wallets", "stars"), "name", {"vi": "sao"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "like", "answers", "path", "key", "value"), NEW_PARTS)
def test_a_new_part_stands_at_the_end(
    editor: Editor, kind: str, like: str, answers: dict[str, Any], path: tuple[Any, ...], key: str, value: Any
) -> None:
    answer = editor.save(kind, "new", editor.form(kind, "new", like), **answers)
    assert answer.status_code == 302, answer.content.decode().split('role="alert"')[-1][:600]
    assert parts.value_at(_value(), path)[key] == value
    assert all(line[0] != "-" for line in difflib.ndiff(WIDE.splitlines(), _draft().source.splitlines()))


def test_moving_and_taking_out(editor: Editor) -> None:
    editor.save("rule", "3", editor.form("rule", "3"), do="up")
    assert [r["id"] for r in _value()["earn"]] == ["base", "tea", "beans", "fly", "thanks"]
    editor.save("rule", "2", editor.form("rule", "2"), do="remove")
    assert [r["id"] for r in _value()["earn"]] == ["base", "tea", "fly", "thanks"]
    assert "# Tuesday" in _draft().source
    editor.change("undo")
    assert "beans" in _draft().source


# part, answers, the field that is wrong, why
WRONG = [
    ("rule", "0", {"p__give__amount": "nhiều"}, "p-give", "neither a number nor a formula"),
    ("rule", "0", {"p__when__0__value": "abc"}, "p-when", "money is compared with a word"),
    ("rule", "0", {"p__when__1__value": "order.nett > 1"}, "p-when", "an unknown name"),
    ("card", "0", {"p__size": "1"}, "p-size", "too short"),
    ("reward", "2", {"p__percent": "500"}, "p-percent", "more than all"),
    ("wallet", "points", {"p__expires__dates": "31-12"}, "p-expires-dates", "day and month exchanged"),
    ("tiers", "-", {"p__metrics": "engagement: ["}, "p-metrics", "YAML that cannot be read"),
    ("about", "-", {"p__timezone": "Hà Nội"}, "p-timezone", "no such zone"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "key", "answers", "field", "why"), WRONG)
def test_a_wrong_answer_is_told_beside_it_and_nothing_typed_is_lost(
    editor: Editor, kind: str, key: str, answers: dict[str, Any], field: str, why: str
) -> None:
    form = editor.form(kind, key)
    answer = editor.save(kind, key, form, p__name__vi="Tên đang gõ" if "p.name.vi" in form else "", **answers)
    page = answer.content.decode()
    assert answer.status_code == 422, why
    assert f'id="{field}-e"' in page, why
    again = forms.of(page, "part-form")
    for name, typed in answers.items():
        assert typed.replace(".", "") in [v.replace(".", "") for v in again[name.replace("__", ".")]], (
            "what was typed stays"
        )
    if "p.name.vi" in form:
        assert again["p.name.vi"] == ["Tên đang gõ"]
    assert _draft().revision == 1, "nothing was saved"


def test_two_people_at_the_same_part_see_each_other(editor: Editor) -> None:
    mine, theirs = editor.form("rule", "0"), editor.form("rule", "0")
    assert editor.save("rule", "0", theirs, p__give__amount="3").status_code == 302
    answer = editor.save("rule", "0", mine, p__give__amount="7")
    assert answer.status_code == 409
    assert _value()["earn"][0]["give"]["amount"] == 3, "theirs stays until I have seen it"
    again = forms.of(answer.content.decode(), "part-form")
    assert again["p.give.amount"] == ["7"], "mine is still typed"
    assert editor.save("rule", "0", dict(again)).status_code == 302
    assert _value()["earn"][0]["give"]["amount"] == 7


APART = [("tiers", "-", "level", "1"), ("about", "-", "rule", "0"), ("level", "1", "tiers", "-")]


@pytest.mark.parametrize(("mine", "my_key", "theirs", "their_key"), APART)
def test_a_part_is_not_disturbed_by_what_stands_within_or_around_it(
    editor: Editor, mine: str, my_key: str, theirs: str, their_key: str
) -> None:
    form = editor.form(mine, my_key)
    changed = {"level": {"p__name__vi": "Bạc"}, "rule": {"p__give__amount": "4"}, "tiers": {"p__upgrade": "at_once"}}[
        theirs
    ]
    assert editor.save(theirs, their_key, editor.form(theirs, their_key), **changed).status_code == 302
    after = _value()
    assert editor.save(mine, my_key, form).status_code == 302
    assert _value() == after


def test_a_part_that_says_nothing_any_more_goes(editor: Editor) -> None:
    form = editor.form("base", "-")
    assert editor.save("base", "-", form, p__shipping="", p__gift_cards="").status_code == 302
    assert "base" not in _value()
    form = editor.form("tiers", "-")
    blank = {name: "" for name in form if name.startswith("p.")}
    assert editor.save("tiers", "-", form | blank).status_code in (302, 422)
    assert len(_value()["tiers"]["levels"]) == 4, "levels are parts of their own"


def test_two_people_at_different_parts_do_not_disturb_each_other(editor: Editor) -> None:
    mine = editor.form("rule", "3")
    theirs = editor.form("rule", "0")
    editor.save("rule", "0", theirs, do="remove")
    assert editor.save("rule", "3", mine, p__give__amount="6").status_code == 302
    assert {r["id"]: r["give"].get("amount") for r in _value()["earn"] if "give" in r} == {
        "fly": "event.miles * table.class[event.class] / 100", "beans": 6, "thanks": None,
    }, "the rule moved up a place; it is still the one that was edited"  # fmt: skip


def test_a_part_taken_out_meanwhile_can_be_added_again(editor: Editor) -> None:
    mine, theirs = editor.form("rule", "3"), editor.form("rule", "3")
    editor.save("rule", "3", theirs, do="remove")
    answer = editor.save("rule", "3", mine, p__give__amount="6")
    assert answer.status_code == 409
    again = forms.of(answer.content.decode(), "part-form")
    assert editor.save("rule", "new", dict(again)).status_code == 302
    assert _value()["earn"][-1]["id"] == "beans" and _value()["earn"][-1]["give"]["amount"] == 6


def test_two_people_at_the_yaml_see_each_other(editor: Editor) -> None:
    url = editor.root + "/yaml"
    assert editor.browser.post(url, {"source": WIDE + "# theirs\n", "revision": "1"}).status_code == 302
    answer = editor.browser.post(url, {"source": WIDE + "# mine\n", "revision": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "# mine" in page and "# theirs" in page, "my text, and what it would change of theirs"
    assert _draft().source.endswith("# theirs\n")
    again = {"source": WIDE + "# mine\n", "revision": str(_draft().revision)}
    assert editor.browser.post(url, again).status_code == 302
    assert _draft().source.endswith("# mine\n")


def test_a_draft_may_be_wrong_and_its_cards_still_speak(editor: Editor) -> None:
    wrong = WIDE.replace("reward: cake, repeat: false", "reward: pie, repeat: false")
    assert editor.browser.post(editor.root + "/yaml", {"source": wrong, "revision": "1"}).status_code == 302
    page = editor.get().content.decode()
    card = page.split('id="card-0"')[1].split("</article>")[0]
    assert "e-error" in card and "pie" in card, "the problem stands at its part"
    assert "<p>" not in card, "a wrong part says nothing, least of all what its neighbour says"
    assert "<p>" in page.split('id="card-1"')[1].split("</article>")[0]
    assert "for every 10,000" in page, "other parts keep their sentences"
    assert "Parts that are wrong are left out" in page


def test_what_no_form_asks_stays_visible(editor: Editor) -> None:
    page = editor.get().content.decode()
    assert 'id="yaml-tables"' in page and 'id="yaml-examples"' in page
    form = editor.form("rule", "0")
    assert form["p.when.1.what"] == ["written"]
    assert form["p.when.1.value"] == ['(channel == "web" || store == "hoan-kiem")']
    assert "mua trên mạng" in editor.browser.get(editor.root, headers={"accept-language": "vi"}).content.decode()


def test_unreadable_yaml_leads_to_its_text(editor: Editor) -> None:
    editor.browser.post(editor.root + "/yaml", {"source": "earn: [", "revision": "1"})
    for path in ("", "/rule/0"):
        assert editor.get(path).url.endswith("/programme/edit/yaml")
    page = editor.get("/yaml").content.decode()
    assert 'id="problems"' in page and "earn: [" in page


def test_a_bill_is_tried_on_the_draft(editor: Editor) -> None:
    editor.save("rule", "0", editor.form("rule", "0"), p__give__amount="3")
    asked = {"t.amount": "110.000", "t.tier": "silver", "t.at": "2026-12-02T10:00"}
    for path in ("/receipt", ""):
        page = editor.browser.get(editor.root + path, asked).content.decode()
        assert "110,000" in page, "with and without scripts"
    page = editor.browser.get(
        editor.root + "/receipt",
        asked | {"t.0.sku": "x", "t.0.category": "beans", "t.0.price": "70000", "t.0.quantity": "2"},
    )
    assert "+10" in page.content.decode(), "5 for each of two bags"
    assert "140,000" in page.content.decode()
    assert "What did not apply" in page.content.decode()


@pytest.mark.parametrize("origin", ["empty", "stamp-card", "cosmetics"])
def test_beginning_from_something_gives_a_draft_that_reads(editor: Editor, origin: str) -> None:
    assert editor.change("start", **{"from": origin}).status_code == 302
    loading.load(_draft().source)
    assert editor.get().status_code == 200
    assert editor.change("undo").status_code == 302
    assert _draft().source == WIDE, "beginning anew can be taken back"
    editor.change("drop")
    assert _draft().revision == 0


def test_beginning_over_an_unseen_draft_changes_nothing(editor: Editor) -> None:
    editor.save("rule", "0", editor.form("rule", "0"), p__give__amount="3")
    editor.browser.post(editor.root + "/change", {"do": "start", "from": "empty", "revision": "1"})
    editor.browser.post(editor.root + "/change", {"do": "drop", "revision": "1"})
    assert _value()["earn"][0]["give"]["amount"] == 3


def test_everything_that_can_be_asked_has_words() -> None:
    seen: set[type] = set()

    def walk(model: type) -> None:
        if model in seen:
            return
        seen.add(model)
        for f in shapes.fields(model):
            assert (model, f.key) in labels._OF_SHAPE or f.key in labels._LABELS, (model.__name__, f.key)
            for choice in f.choices:
                assert (model, choice) in labels._OF_CHOICE or choice in labels._CHOICES, (
                    model.__name__,
                    f.key,
                    choice,
                )
            if f.inner is not None:
                walk(f.inner)

    for kind in KINDS.values():
        walk(kind.shape)
    assert len(seen) > 15
