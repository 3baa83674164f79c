"""What a member reads in the wallet, and that nobody else reads it."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client

from ganbo.books.events.reading import read
from ganbo.books.ledger import queries as ledger
from ganbo.doors.ui.units import Unit
from ganbo.doors.wallet import shown, urls
from ganbo.doors.wallet.past_rows import HistoryRow
from ganbo.engine import loading
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import holds, record_events
from ganbo.journeys.holds import Wish
from ganbo.journeys.record_events import Asked
from ganbo.people.members import queries

Signed = Callable[[str], Client]


@pytest.fixture
def buy(cafe: Any) -> Callable[..., None]:
    """`buy(lan, 110_000)`: a purchase now, in one line."""
    from django.db import transaction

    def make(member: Any, amount: int) -> None:
        body = {
            "id": f"sale-{chance.new_id()}",
            "type": "purchase",
            "occurred_at": clock.now().isoformat(),
            "member": {"phone": member.phone},
            "data": {"amount": amount, "currency": "VND"},
        }
        with transaction.atomic():
            pipe = Pipeline.inside_django()
            request = read(body, region="VN")
            outcome = record_events.record_inside(pipe, Asked(context.current(), clock.now()), [request])[0]
            assert outcome.refusal is None, outcome.refusal

    return make


def test_the_card_shows_balance_worth_and_what_can_be_had(signed_in: Signed, enrol: Any, buy: Any) -> None:
    lan = enrol("Lan", tier="gold", address_form="chị")
    buy(lan, 1_000_000)
    held = ledger.balances(lan.id, ["points"], at=clock.now())["points"].available
    assert held >= 200
    page = signed_in(lan.phone).get("/b/cafe/wallet/").content.decode()
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)).replace("\xa0", " ")
    assert f"{held} điểm" in plain
    assert f"{held * 100:,}".replace(",", ".") in plain, "one point is worth 100 ₫"
    assert "Trà đào" in plain
    assert "hết hạn" not in plain, "nothing ends within 60 days"


def test_what_is_on_hold_says_for_what_and_until_when(signed_in: Signed, enrol: Any, buy: Any) -> None:
    """And once it has paid, the history says that it did."""
    lan = enrol("Lan", tier="gold")
    buy(lan, 1_000_000)
    client = signed_in(lan.phone)

    def page(path: str = "") -> str:
        html = client.get(f"/b/cafe/wallet/{path}").content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("\xa0", " ")

    one = holds.place(Wish(lan.id, "points", 70, order_id="web-7"), by="tests", now=clock.now())
    assert "Đang tạm giữ" in page()
    assert "70 điểm" in page()
    assert "cho đơn web-7, đến " in page()
    assert "chưa tiêu được cho đến khi" in page()
    holds.capture(one.id, 60, by="tests", now=clock.now())
    assert "Đang tạm giữ" not in page()
    assert "60 điểm" in page("history/")
    assert "70 điểm" not in page("history/")


def test_history_gives_each_line_its_stored_sentence(signed_in: Signed, enrol: Any, buy: Any) -> None:
    lan = enrol("Lan", tier="gold")
    buy(lan, 110_000)
    page = signed_in(lan.phone).get("/b/cafe/wallet/history/").content.decode().replace("\xa0", " ")
    assert "110.000" in page, "the sentence names the bill"
    assert "Vàng" in page, "and the tier that multiplied it"


def test_a_gift_taken_twice_by_one_form_is_one(signed_in: Signed, enrol: Any, buy: Any) -> None:
    lan = enrol("Lan", tier="gold")
    buy(lan, 1_000_000)
    client = signed_in(lan.phone)
    form = {"reward": "peach-tea", "key": f"{chance.token()}-peach-tea"}
    places = {client.post("/b/cafe/wallet/gifts/redeem/", form).headers["Location"] for _ in range(3)}
    assert len(places) == 1
    vouchers = rewards.vouchers_of(lan.id)
    assert len(vouchers) == 1
    assert vouchers[0].code in client.get(places.pop()).content.decode()
    assert "Trà đào" in client.get("/b/cafe/wallet/gifts/").content.decode()


def test_a_gift_out_of_reach_says_what_is_missing_and_takes_nothing(signed_in: Signed, enrol: Any) -> None:
    minh = enrol("Minh")
    before = ledger.balances(minh.id, ["points"], at=clock.now())["points"].available
    client = signed_in(minh.phone)
    form = {"reward": "tote", "key": chance.token()}
    page = client.post("/b/cafe/wallet/gifts/redeem/", form, follow=True).content.decode().replace("\xa0", " ")
    assert f"{300 - before} điểm" in page
    assert ledger.balances(minh.id, ["points"], at=clock.now())["points"].available == before
    assert rewards.vouchers_of(minh.id) == []


@pytest.mark.parametrize("reward", ["", "no-such-gift", "x" * 5000, "tote'; --"])
def test_a_gift_nobody_offers_is_refused_in_words(signed_in: Signed, enrol: Any, reward: str) -> None:
    client = signed_in(enrol("Minh").phone)
    answer = client.post("/b/cafe/wallet/gifts/redeem/", {"reward": reward, "key": "k"}, follow=True)
    assert answer.status_code == 200
    assert "chưa trừ" in answer.content.decode()


def test_the_code_for_the_till_is_the_card_or_the_member(signed_in: Signed, enrol: Any) -> None:
    number = f"GB-{chance.digits(8)}"
    with_card = signed_in(enrol("Lan", card=number).phone).get("/b/cafe/wallet/show/").content.decode()
    assert number in with_card
    size = re.search(r'<svg[^>]*viewBox="0 0 (\d+) ', with_card[with_card.index('class="qr-image"') :])
    assert size and int(size.group(1)) >= (21 + 2 * 2) * 8, "a whole QR code: scanners do not read Micro QR"
    without = signed_in(enrol("Minh").phone).get("/b/cafe/wallet/show/").content.decode()
    assert "<svg" in without


def test_the_till_finds_who_shows_the_code_of_a_wallet(enrol: Any) -> None:
    minh = enrol("Minh")
    assert [row.id for row in queries.search(f"ganbo:{minh.id}")] == [minh.id]
    assert queries.search("ganbo:not-an-id") == []
    assert queries.search(f"ganbo:{chance.new_id()}") == []


def test_nobody_reads_another_member_nor_another_business(signed_in: Signed, enrol: Any, buy: Any, fumi: Any) -> None:
    lan, minh = enrol("Lan", tier="gold"), enrol("Minh")
    buy(lan, 1_000_000)
    hers = signed_in(lan.phone)
    hers.post("/b/cafe/wallet/gifts/redeem/", {"reward": "peach-tea", "key": chance.token()})
    voucher = rewards.vouchers_of(lan.id)[0]
    his = signed_in(minh.phone)
    answer = his.get(f"/b/cafe/wallet/vouchers/{voucher.id}/")
    assert answer.status_code == 404
    assert voucher.code not in answer.content.decode()
    hers.cookies["ganbo_member_fumi"] = hers.cookies["ganbo_member_cafe"].value
    for page in ("", "show/", "gifts/", "history/", "me/", f"vouchers/{voucher.id}/"):
        answer = hers.get(f"/b/fumi/wallet/{page}")
        assert answer.headers["Location"] == "/b/fumi/wallet/sign-in/", page


OPEN = {
    "claim_code",
    "sign_in",
    "code",
    "join",
    "sign_out",
    "terms",
}  # pages that show nothing of anybody, or only who proved it


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: str(pattern.name))
def test_no_address_of_the_wallet_shows_another_member(
    browser: Callable[[], Client], signed_in: Signed, enrol: Any, buy: Any, fumi: Any, pattern: Any
) -> None:
    """Every address, also one added tomorrow: for a stranger, for another member, with a session of another business."""
    lan, minh = enrol("Nguyễn Thị Lan Hương", tier="gold", email=f"{chance.digits(9)}@example.com"), enrol("Minh")
    buy(lan, 1_000_000)
    hers = signed_in(lan.phone)
    hers.post("/b/cafe/wallet/gifts/redeem/", {"reward": "peach-tea", "key": chance.token()})
    voucher = rewards.vouchers_of(lan.id)[0]
    page = re.sub(r"<uuid:\w+>", str(voucher.id), str(pattern.pattern))
    stranger, his = browser(), signed_in(minh.phone)
    elsewhere = browser()
    elsewhere.cookies["ganbo_member_fumi"] = hers.cookies["ganbo_member_cafe"].value
    for client, business in ((stranger, "cafe"), (his, "cafe"), (elsewhere, "fumi")):
        for sent in ({}, {"member": str(lan.id), "voucher": str(voucher.id)}):
            address = f"/b/{business}/wallet/{page}"
            answer = client.post(address, sent) if sent else client.get(address)
            said = answer.content.decode() + str(answer.headers)
            for secret in (voucher.code, "Hương", str(lan.id), lan.phone[3:], lan.email or "-"):
                assert secret not in said, f"{business} {page}: {secret}"
            if client is not his and pattern.name not in OPEN:
                assert answer.status_code in (302, 405), page
    assert rewards.vouchers_of(minh.id) == []


def test_language_and_receipts_are_kept(signed_in: Signed, enrol: Any) -> None:
    minh = enrol("Minh", email=f"{chance.digits(9)}@example.com")
    client = signed_in(minh.phone)
    page = client.get("/b/cafe/wallet/me/").content.decode()
    assert minh.phone[3:] not in page, "the number stands masked"
    assert minh.email not in page, "and the address"
    client.post("/b/cafe/wallet/me/", {"locale": "en", "receipts": "no"})
    now = queries.get(minh.id)
    assert now is not None
    assert (now.locale, now.receipts_by_email) == ("en", False)
    assert "Sign out" in client.get("/b/cafe/wallet/me/").content.decode()
    client.post("/b/cafe/wallet/me/", {"locale": "klingon", "receipts": "yes"})
    after = queries.get(minh.id)
    assert after is not None
    assert (after.locale, after.receipts_by_email) == ("en", True), "an unknown language changes nothing"


@pytest.mark.parametrize("language, foreign", [("vi", "Take it"), ("en", "Lịch sử")])
def test_no_page_mixes_languages(signed_in: Signed, enrol: Any, buy: Any, language: str, foreign: str) -> None:
    lan = enrol("Lan", tier="gold")
    buy(lan, 1_000_000)
    client = signed_in(lan.phone)
    client.cookies["django_language"] = language
    for page in ("", "show/", "gifts/", "history/", "me/"):
        text = client.get(f"/b/cafe/wallet/{page}").content.decode()
        assert f'lang="{language}"' in text
        assert foreign not in text, page


def test_the_first_view_is_light(signed_in: Signed, enrol: Any) -> None:
    page = signed_in(enrol("Minh").phone).get("/b/cafe/wallet/").content
    weight = len(gzip.compress(page))
    for name in re.findall(r"/static/([\w/.-]+?\.css)", page.decode()):
        found = finders.find(name) or finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.css)", "", name))
        assert found, name
        weight += len(gzip.compress(Path(str(found)).read_bytes()))
    assert weight <= 30_000, f"{weight} bytes of HTML and CSS"


def test_history_asks_the_database_no_more_for_many_lines(
    signed_in: Signed, enrol: Any, buy: Any, django_assert_max_num_queries: Any
) -> None:
    minh = enrol("Minh")
    for _ in range(30):
        buy(minh, 20_000)
    client = signed_in(minh.phone)
    with django_assert_max_num_queries(25):
        assert client.get("/b/cafe/wallet/history/").status_code == 200


def test_a_shop_without_gifts_or_tiers_has_a_wallet_too(new_business: Any) -> None:
    from ganbo.journeys import sign_in_member

    shop = new_business(PLAIN)
    with context.within(shop):
        phone = f"+849{chance.digits(8)}"
        minh = sign_in_member.join(phone, name="", address_form="", locale="", tier=None, at=clock.now())
        token = sign_in_member.open_session(minh, at=clock.now())
    client = Client()
    client.cookies[f"ganbo_member_{shop.slug}"] = token
    for page in ("sign-in/", "", "show/", "gifts/", "history/", "me/"):
        assert client.get(f"/b/{shop.slug}/wallet/{page}").status_code == 200, page


PLAIN = """
ganbo: 1
programme: plain
name: {vi: Quán, en: Shop}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100}
earn:
  - {id: base, name: {vi: Mua hàng, en: Purchases}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
"""


def test_a_purchase_after_midnight_stands_on_the_shops_day() -> None:
    at = datetime(2026, 11, 23, 18, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    row = HistoryRow(at=at, title="", where="", why="", amounts=[(-60, Unit("điểm"))])
    assert row.on == date(2026, 11, 24)


def test_only_what_was_gained_is_coloured_as_a_gain() -> None:
    at = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    row = HistoryRow(
        at=at, title="", where="", why="", amounts=[(-50_000, Unit("tiền trong thẻ", "VND")), (27, Unit("điểm"))]
    )
    spent, gained = render_to_string("wallet/_happened.html", {"row": row}).split('class="block')[1:3]
    assert ("50.000" in spent, spent.startswith(" gain")) == (True, False)
    assert ("27" in gained, gained.startswith(" gain")) == (True, True)


def test_the_card_shows_points_large_and_money_below() -> None:
    """Whatever the document names first."""
    source = PLAIN.replace("  points:", "  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}\n  points:")
    money_only = source.replace("  points: {name: {vi: điểm, en: points}, face_value: 100}\n", "").partition("earn:")[0]
    assert shown.wallet_of(loading.load(source)) == "points"
    assert shown.wallet_of(loading.load(money_only)) == "card"
