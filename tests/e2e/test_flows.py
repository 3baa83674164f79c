"""What a newcomer does on the first evening, on a phone and at a desk."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.looking import Visit

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]
SHOP = ZoneInfo("Asia/Ho_Chi_Minh")


def sell(till: Visit, amount: str = "110000") -> None:
    till.page.fill("#amount", amount)
    till.press(".till-go button[form=sale]")


def find(till: Visit, text: str) -> None:
    till.page.fill("#q", text)
    with till.page.expect_navigation():
        till.page.press("#q", "Enter")
    till.look()


def test_the_landing_page_shows_four_doors(visit: Visits) -> None:
    window = visit()
    window.go("/")
    signs = window.demo.notes
    for word in (signs["till"]["password"], signs["console"]["password"], signs["wallet"]["phone"], signs["api_key"]):
        assert word in window.page.content()
    for door in ("till/", "wallet/", "console/", "/api/v1/docs"):
        assert window.page.locator(f"a.btn[href$='{door}']").count() == 1, door


def test_a_sale_is_one_sentence_and_can_be_undone(visit: Visits) -> None:
    till = visit("till")
    find(till, "nguyen thi lan")
    if till.page.locator(".till-who").count() == 0:  # several of that name
        till.press("a.line:has-text('678')")
    assert "Nguyễn Thị Lan" in till.text() or "Lan" in till.text(".till-who")
    till.go("/till/")
    find(till, "0912345678")
    assert "Lan" in till.text(".till-who")
    sell(till)
    assert re.search(r"\+?\d+ điểm", till.text("[role=status]")), till.text("[role=status]")
    till.press("button[data-undo]")
    assert till.page.locator(".is-undone").count() == 1
    till.press("[data-enter]")


def test_a_new_number_becomes_a_member(visit: Visits) -> None:
    till = visit("till")
    find(till, f"09{10_000_000 + secrets.randbelow(89_999_999)}")
    assert till.page.locator("form#sale[action$='join/']").count() == 1
    till.page.fill("#name", "Hoa")
    sell(till, "55000")
    assert till.page.locator(".is-done").count() == 1
    assert "Hoa" in till.text("body")


def test_a_gift_is_a_voucher_code(visit: Visits) -> None:
    till = visit("till")
    find(till, "0912345678")
    sell(till, "900000")
    till.go(f"/till/?member={till.demo.notes['wallet']['member_id']}")
    till.page.locator("details.ask summary.till-gift").first.click()
    till.look()
    till.press("details.ask[open] button.btn-primary")
    assert re.fullmatch(r"[A-Z0-9-]{8,}", till.text(".till-code .num").strip()), till.text(".till-code")


def test_the_thank_you_of_a_sale_lies_in_the_outbox(visit: Visits) -> None:
    till = visit("till")
    find(till, "0912345678")
    marker = 10_000 + secrets.randbelow(80_000)
    outbox = visit()
    outbox.go("/demo/outbox")
    before = outbox.page.locator("main article").count()
    sell(till, str(marker))
    until = time.monotonic() + 20
    while outbox.page.locator("main article").count() <= before:
        assert time.monotonic() < until, outbox.text()
        time.sleep(0.5)
        outbox.page.reload()
    outbox.look()
    assert "lan@example.com" in outbox.text("main article")
    shown = datetime.strptime(outbox.text("main article .caption").strip(), "%H:%M %d/%m/%Y").replace(tzinfo=SHOP)
    assert abs(datetime.now(SHOP) - shown) < timedelta(minutes=3), "by the shop's clocks"


def test_the_manager_reads_the_day_and_a_member(visit: Visits) -> None:
    console = visit("console")
    assert console.page.locator(".c-tile").count() >= 4
    assert re.search(r"\d", console.text(".c-tile-number"))
    console.go("/console/members/?q=nguyen+thi+lan")
    console.go(f"/console/members/{console.demo.notes['wallet']['member_id']}")
    why = console.page.locator(".c-timeline details:has(.c-because)").first
    why.locator("summary").click()
    assert why.locator(".c-because li").first.is_visible()
    console.look()
    console.go("/console/")
    console.press(".c-tile a")
    console.go("/console/")
    console.press("a.c-more")
    for path in ("settings/", "settings/stores", "settings/keys", "members/", "members/?q=khongcoai"):
        console.go(f"/console/{path}")


def test_the_manager_sees_whether_customers_stay(visit: Visits) -> None:
    """The demo's worker counts the year in the background; then every figure opens to its members and into a picture."""
    console = visit("console")
    console.go("/console/results/")
    until = time.monotonic() + 60
    while console.page.locator(".c-result").count() == 0:
        assert time.monotonic() < until, console.text()
        time.sleep(1)
        console.go("/console/results/")
    assert re.search(r"\d+,\d %", console.text(".c-result-number"))
    with console.page.expect_download() as picture:
        console.page.locator("[data-draw=crr-month]").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    console.page.locator("#k-crr ~ details summary").click()
    console.press("#k-crr ~ details tbody tr:nth-child(2) a")
    assert console.page.locator("tbody tr").count() > 10
    console.go("/console/results/?by=store")
    assert "Hoàn Kiếm" in console.text(".c-key")
    console.go("/console/results/customers")
    with console.page.expect_download() as picture:
        console.page.locator("[data-draw=tiers]").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_programme_is_checked_and_put_in_force(visit: Visits) -> None:
    console = visit("console")
    console.go("/console/programme/")
    console.go("/console/programme/edit/yaml")
    good = console.page.input_value("#source")
    console.page.fill("#source", good.replace("earn:", "earnn:", 1))
    console.press(".c-editor .c-actions button")
    assert re.search(r"dòng \d+", console.text("#problems")), console.text("#problems")
    console.page.fill("#source", good.rstrip() + f"\n# {secrets.token_hex(4)}\n")
    console.press(".c-editor .c-actions button")
    assert console.page.locator("#problems").count() == 0, console.text()
    console.press(".e-bar a.c-button")
    console.press("button[value=publish]")
    console.go("/console/programme/versions")
    assert "2" in console.text(".p-versions")


def prove(wallet: Visit, phone: str) -> None:
    """Ask for a code and type it; the demo shows it on screen."""
    wallet.go("/wallet/")
    wallet.page.fill("#contact", phone)
    wallet.press("main form button.btn-primary")
    found = re.search(r"\b\d{6}\b", wallet.text(".notice"))
    assert found, wallet.text()
    wallet.page.fill("#code", str((int(found.group()) + 1) % 1_000_000).zfill(6))
    wallet.press("main form button.btn-primary")
    assert wallet.page.locator(".field-error").count() == 1
    wallet.page.fill("#code", found.group())
    wallet.press("main form button.btn-primary")


def test_the_sale_stands_in_the_wallet_with_its_reason(visit: Visits) -> None:
    till, wallet = visit("till"), visit()
    find(till, "0912345678")
    sell(till)
    said = re.search(r"\d+ điểm", till.text("[role=status]"))
    assert said
    prove(wallet, "0912345678")
    assert "Lan" in wallet.text(".member-card-name")
    assert re.search(r"\d", wallet.text(".member-card-balance"))
    wallet.press("a[href$='/wallet/show/']")
    assert wallet.page.locator("main svg").count() >= 1
    wallet.go("/wallet/")
    for tab in ("gifts", "me", "history"):
        wallet.press(f"nav.tabs a[href$='/{tab}/']")
    line = wallet.page.locator("ul.lines details:has(.line-more)").first
    assert said.group() in wallet.text(".line .gain"), "the same points as at the till"
    line.locator("summary").click()
    assert re.search(r"\d", line.locator(".line-more").inner_text()), "a sentence with its figures"
    wallet.look()
    wallet.press("button[name=language][value=en]")
    assert wallet.page.locator("html[lang=en]").count() == 1
    assert "points" in wallet.text() or "History" in wallet.text()


def test_somebody_new_joins_in_the_wallet(visit: Visits) -> None:
    wallet = visit()
    wallet.go("/wallet/sign-in/")
    wallet.page.fill("#contact", "12")
    wallet.press("main form button.btn-primary")
    assert wallet.page.locator(".field-error").count() == 1
    wallet.press("button[name=language][value=en]")
    wallet.press("button[name=language][value=vi]")
    prove(wallet, f"+849{10_000_000 + secrets.randbelow(89_999_999)}")
    wallet.page.fill("#name", "Hoa")
    assert not wallet.page.locator("input[name=agree]").is_checked(), "nobody says yes by silence"
    wallet.page.click("summary:has-text('Thể lệ')")
    wallet.look()
    wallet.page.check("input[name=agree]")
    wallet.press("main form button.btn-primary")
    assert wallet.page.locator("a[href$='/terms/']").count() == 0, "what was accepted is not asked again"
    assert wallet.page.locator(".member-card").count() == 1
    wallet.go("/wallet/me/")
    wallet.press("form[action$='sign-out/'] button")


def test_the_manager_writes_the_programme(visit: Visits) -> None:
    console = visit("console")
    page = console.page
    console.go("/console/programme/edit")
    page.locator("#rule-0 .e-edit").click()
    page.locator(".e-left #part-form").wait_for()
    assert page.locator("#rule-0").count() == 0, "the card became a form"
    console.look()
    page.fill("[name='p.give.amount']", "nhiều")
    console.press("#part-form .e-save button")
    assert page.locator("#p-give-e").is_visible(), "what is wrong stands beside it"
    page.fill("[name='p.give.amount']", "2")
    console.press("#part-form .e-save button")
    assert "2 điểm cho mỗi 10.000 ₫" in console.text("#rule-0")
    page.fill("[name='t.amount']", "200.000")
    page.locator("#receipt b:has-text('+40')").wait_for()
    console.press("#rule-0 a:has-text('YAML')")
    page.wait_for_function("document.activeElement.id === 'source'")
    picked = page.evaluate("source.value.slice(source.selectionStart, source.selectionEnd)")
    assert picked.lstrip(" -").startswith("id: base"), "the part one came from is selected"
    console.press("[data-back]")
    assert page.url.endswith("#rule-0")
    console.press("button[value=undo]")
    assert "1 điểm cho mỗi 10.000 ₫" in console.text("#rule-0")
    for part in ("reward/4", "tiers/-", "level/1", "wallet/points", "about/-", "card/new", "rule/new"):
        console.go(f"/console/programme/edit/{part}")
