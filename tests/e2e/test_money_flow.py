"""Money on the bill, in a real browser: top up, then one scan gives the member price, the combo, and pays by points and card.

Wallet and close of shift tell the same afterwards; in vi and en.
"""

import re
import secrets
from collections.abc import Callable, Iterator

import pytest

from ganbo.people.members.queries import WALLET_CODE
from tests.e2e.looking import Visit
from tests.e2e.test_flows import prove
from tests.e2e.test_promise_flow import speak
from tests.e2e.test_till_promises import DOCUMENT, VIEWS, open_member, sell
from tests.torture.running import Demo

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]

PROGRAMME = """\
ganbo: 1
programme: money
name: {vi: Thẻ Gắn Bó, en: Gắn Bó card}
currency: VND
timezone: Asia/Ho_Chi_Minh
products: {source: file}
wallets:
  points: {name: {vi: điểm, en: points}, pay: {rate: 100, min: 50, step: 10, max_share: 0.5, as: payment}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
  bonus: {name: {vi: tiền tặng, en: bonus money}, money: true, refundable: false}
earn:
  - {id: base, name: {vi: Tích điểm, en: Points}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
offers:
  - {id: member-price, name: {vi: Giá thành viên, en: Member price}, lines: 'line.category == "coffee"', price_list: members}
  - {id: film, name: {vi: Combo xem phim, en: Film combo}, bundle: [{category: popcorn, n: 1}, {category: drink, n: 2}], price: 99000}
topups:
  - {pay: 500000, bonus: 50000, bonus_wallet: bonus, spend: paid_first}
"""
PRODUCTS = "sku,name,category,price,price:members\nlatte,Latte,coffee,55000,49000\ncorn,Bắp,popcorn,60000,\ncola,Cola,drink,30000,\n"
BILL = [("latte", "1", "55000"), ("corn", "1", "60000"), ("cola", "2", "30000")]

WORDS = {
    "vi": {"bonus": "được tặng 50.000 ₫", "member": "Giá thành viên", "combo": "Combo xem phim", "points": "· 100 điểm",
           "topups": "Nạp thẻ", "by_points": "Điểm trả", "by_card": "Thẻ thành viên trả"},
    "en": {"bonus": "50,000 ₫", "member": "Member price", "combo": "Film combo", "points": "· 100 points",
           "topups": "Top-ups", "by_points": "Paid by points", "by_card": "Paid by members’ cards"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def programme(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """This programme and its products while these tests run, then the demo's own again."""
    folder = tmp_path_factory.mktemp("money")
    (folder / "money.yaml").write_text(PROGRAMME, encoding="utf-8")
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    for command in (
        ("programme", "publish", str(folder / "money.yaml")),
        ("import", "products", str(folder / "products.csv"), "--yes"),
    ):
        done = demo.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    yield
    assert demo.run("programme", "publish", str(DOCUMENT)).returncode == 0


def digits(text: str) -> int:
    return int(re.sub(r"\D", "", text) or "0")


def pays(till: Visit, amount: str) -> None:
    """Wait for the live bill to say what is left to pay."""
    till.page.locator("#quote .bill-total", has_text=re.compile(amount)).wait_for()


def day(till: Visit, words: dict[str, str]) -> dict[str, int]:
    """What the close of shift says of the lines this test touches, in đồng."""
    till.go("/till/shift/?whose=mine" if till.page.locator("a[href='?whose=mine']").count() else "/till/shift/")
    rows = till.page.locator(".till-fact")
    found = {row.locator(".line-title").inner_text(): digits(row.locator(".num").inner_text()) for row in rows.all()}
    wanted = ("topups", "by_points", "by_card", "member", "combo")
    return {name: next((n for title, n in found.items() if words[name] in title), 0) for name in wanted}


@VIEWS
def test_topped_up_then_one_scan_pays_and_everybody_agrees(visit: Visits, language: str) -> None:
    words = WORDS[language]
    till, wallet = speak(visit("till"), language), visit()
    if till.page.locator("button[name=store]").count():
        till.press("button[name=store]")
    before = day(till, words)

    phone = f"09{10_000_000 + secrets.randbelow(89_999_999)}"
    open_member(till, phone)
    sell(till, "1000000")
    open_member(till, phone)
    scanned = WALLET_CODE + till.page.locator("#sale input[name=member]").input_value()
    till.page.locator("details.till-topups > summary").click()
    till.page.locator("details.till-topups details.ask > summary").first.click()
    assert words["bonus"] in till.text("details.till-topups"), "the bonus is told before the money is taken"
    till.press("details.till-topups details.ask[open] button.btn-primary")

    prove(wallet, phone)
    speak(wallet, language)
    assert re.search(r"500[.,]000 ₫[\s\S]*50[.,]000 ₫", wallet.text()), "paid in and given"
    wallet.go("/wallet/show/")
    wallet.look()
    open_member(till, scanned)  # what a scanner reads from the member's phone
    till.page.locator("details.till-items > summary").click()
    for n, (sku, quantity, price) in enumerate(BILL):
        first = till.page.locator("input[name^=sku]").nth(n)
        first.fill(sku)
        till.page.locator("input[name^=quantity]").nth(n).fill(quantity)
        till.page.locator("input[name^=price]").nth(n).fill(price)
    pays(till, r"148[.,]000")
    quoted = till.text("#quote")
    assert words["member"] in quoted and words["combo"] in quoted, quoted
    assert words["points"] in quoted, quoted
    till.page.locator("#quote label", has_text=words["points"]).click()
    pays(till, r"138[.,]000")
    till.page.locator("#quote input[name=card]").check()
    pays(till, r"\D0\s")
    till.look()
    till.press(".till-go button[form=sale]")

    after = day(till, words)
    came = {name: after[name] - before[name] for name in after}
    assert came == {"topups": 500_000, "by_points": 10_000, "by_card": 138_000, "member": 6_000, "combo": 21_000}
    wallet.go("/wallet/")
    assert digits(wallet.text(".member-card-balance")) == 14, "148,000 paid earns 14, the hundred are spent"
    shown = wallet.text(".member-card").replace(".", "").replace(",", "")
    assert "362000 ₫" in shown and "50000 ₫" in shown, "what was paid in pays first"
    wallet.look()
