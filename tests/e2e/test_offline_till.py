"""The network goes away in the middle of a queue and comes back: everything counts once."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import Visit
from tests.e2e.test_flows import prove
from tests.e2e.test_till_promises import open_member, sell
from tests.torture.running import Demo

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]
LATER = 15_000

FORGET = """() => new Promise((done) => { const asked = indexedDB.open("ganbo /till/", 1); asked.onsuccess = () => {
  const deed = asked.result.transaction("kept", "readwrite"); deed.objectStore("kept").delete("all");
  deed.oncomplete = () => { asked.result.close(); done(); }; }; })"""
PEOPLE = """() => new Promise((done) => { const asked = indexedDB.open("ganbo /till/", 1); asked.onsuccess = () => {
  const got = asked.result.transaction("kept").objectStore("kept").get("all");
  got.onsuccess = () => { asked.result.close(); done(got.result?.people.length ?? 0); }; }; })"""
READY = """async () => navigator.serviceWorker.controller !== null
  && (await (await caches.open("ganbo-till")).match("/till/offline/version")) !== undefined"""


def kept(till: Visit) -> None:
    """The till knows who was here until now, and has its page for the time without a network."""
    till.page.evaluate(FORGET)
    till.go("/till/")
    for _ in range(100):
        if till.page.evaluate(READY) and till.page.evaluate(PEOPLE):
            return
        till.page.wait_for_timeout(100)
    raise AssertionError("the till keeps nothing")


def lost(till: Visit, *, away: bool) -> None:
    """Pull the plug, or put it back."""
    till.page.context.set_offline(away)
    if away:
        till.page.locator("[data-offline]").wait_for()


def find(till: Visit, phone: str) -> str:
    till.page.fill("#q", phone)
    till.page.press("#q", "Enter")
    till.page.locator("#who").wait_for()
    return till.text("#who")


def following(till: Visit) -> None:
    till.page.locator("[data-pane=done] [data-reset]").click()
    till.page.locator("#who").wait_for(state="hidden")


def take_cake(till: Visit, phone: str) -> None:
    find(till, phone)
    row = till.page.locator("#who details", has_text="Bánh kem")
    row.locator("summary").click()
    row.locator("[data-give]").click()
    till.page.locator("#said", has_text="Sẽ trừ 200 điểm").wait_for()
    following(till)


def balance(till: Visit, phone: str) -> int:
    open_member(till, phone)
    return int(re.sub(r"\D", "", till.text(".till-balance .num")))


def test_sell_and_give_without_a_network(visit: Visits, size: dict[str, int]) -> None:
    till = visit("till")
    if till.page.locator("button[name=store]").count():
        till.press("button[name=store]")
    phone, fresh = (f"09{10_000_000 + secrets.randbelow(89_999_999)}" for _ in range(2))
    open_member(till, phone)
    sell(till, "20000000")
    before = balance(till, phone)
    kept(till)

    lost(till, away=True)
    find(till, phone)
    till.page.fill("#amount", "110")
    till.page.locator("#estimate", has_text="điểm").wait_for()
    till.page.press("#amount", "Enter")
    till.page.locator("#said", has_text="em đã ghi nhận 110.000").wait_for()
    following(till)
    for _ in range(2):
        take_cake(till, phone)
    till.page.locator("#waiting li", has_text="Bánh kem").first.locator("button").click()
    till.page.locator("#waiting li").nth(2).wait_for(state="detached")
    take_cake(till, phone)
    assert "Bánh kem vượt mức đổi khi mất mạng: hôm nay còn 30.000 ₫." in find(till, phone)
    assert till.page.locator("#who details", has_text="Bánh kem").count() == 0
    till.page.keyboard.press("Escape")
    assert "chưa biết khách" in find(till, fresh)
    till.page.fill("#amount", "55000")
    till.page.press("#amount", "Enter")
    till.page.locator("#said", has_text="em đã ghi nhận 55.000").wait_for()
    find(till, fresh)  # the next one without a press on Next
    till.page.fill("#amount", "20000")
    till.page.press("#amount", "Enter")
    till.page.locator("#said", has_text="em đã ghi nhận 20.000").wait_for()

    till.page.reload()
    till.page.locator("#waiting li").nth(4).wait_for()
    assert till.page.locator("#waiting li").count() == 5
    assert "5 chờ gửi" in till.text("[data-to-send]")
    assert "Đổi quà tối đa 100.000 ₫ một khách" in till.text("[data-offline]")
    assert phone not in till.page.content()
    till.look()

    lost(till, away=False)
    till.page.wait_for_url("**/till/", timeout=LATER)
    till.page.locator("a.line-title").first.wait_for()
    till.look()
    assert till.page.locator("[data-to-send]").is_hidden()
    assert balance(till, fresh) == 50 + 5 + 2, "a new number has a card, and both bills"
    earned = balance(till, phone) - before + 400
    assert 11 <= earned <= 17, "a hundred and ten thousand, once, by their level; two cakes paid"
    if size["width"] < 500:
        wallet = visit()
        prove(wallet, phone)
        assert f"{before + earned - 400:,}".replace(",", ".") in wallet.text()


@pytest.fixture
def own(browser: Any, demo: Demo) -> Iterator[Visit]:
    """A till on a phone, signed in for itself, since it signs out."""
    context = browser.new_context(viewport=PHONE, locale="vi-VN", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    till = Visit(context.new_page(), demo)
    till.sign_in("till")
    yield till
    context.close()


def test_a_form_that_was_on_its_way_goes_on_under_its_own_id_and_signing_out_wipes(own: Visit) -> None:
    till = own
    if till.page.locator("button[name=store]").count():
        till.press("button[name=store]")
    phone = f"09{10_000_000 + secrets.randbelow(89_999_999)}"
    open_member(till, phone)
    sell(till, "50000")
    before = balance(till, phone)
    kept(till)
    open_member(till, phone)
    till.page.fill("#amount", "90000")
    till.page.wait_for_selector("#quote .bill-total")
    lost(till, away=True)
    till.page.locator(".till-go button[form=sale]").click()
    till.page.locator("#said", has_text="em đã ghi nhận 90.000").wait_for()
    lost(till, away=False)
    till.page.locator("[data-to-send]").wait_for(state="hidden", timeout=LATER)
    assert balance(till, phone) == before + 9
    till.page.locator("details.ask:has([name=reward]) summary").first.click()
    lost(till, away=True)
    till.page.locator("details.ask[open] button.btn-primary").click()
    till.page.locator("#hint", has_text="Chưa biết việc vừa bấm đã đến nơi chưa").wait_for()
    assert till.page.locator("#waiting li").count() == 0, "what is not a sale is not guessed"
    lost(till, away=False)
    till.page.wait_for_url("**/till/", timeout=LATER)
    till.page.set_viewport_size(DESK)
    till.page.locator("form[data-sign-out]:visible button").click()
    till.page.wait_for_url("**/accounts/login/**")
    assert till.page.evaluate(PEOPLE) == 0, "signing out wipes whom the till knew"
