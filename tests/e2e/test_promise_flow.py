"""From a template to a kept promise: the manager writes, the till sells and takes back, the member reads; in vi and en."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.looking import Visit
from tests.e2e.test_flows import prove
from tests.e2e.test_till_promises import DOCUMENT, VIEWS, open_member, sell
from tests.torture.running import Demo

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]

WORDS = {
    "vi": {"stamp": "1 tem", "level": "Lên hạng Bạc", "gift": "Quà lên hạng", "percent": "Giảm 10 %",
           "in_force": "Tem mỗi hóa đơn", "left": "240", "earned": "+300", "why": "cứ 10.000 ₫ được 1 điểm",
           "refunded": "Đã hoàn 99.000 ₫", "silver": "Bạc"},
    "en": {"stamp": "one more stamp", "level": "Now Silver", "gift": "Welcome gift", "percent": "10 % off",
           "in_force": "A stamp a bill", "left": "240", "earned": "+300", "why": "every 10,000 ₫ earns 1 point",
           "refunded": "99,000 ₫ refunded", "silver": "Silver"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def afterwards(demo: Demo) -> Iterator[None]:
    """The demo's own programme is in force again when these tests have run."""
    yield
    assert demo.run("programme", "publish", str(Path(DOCUMENT))).returncode == 0


def speak(door: Visit, language: str) -> Visit:
    """The door in this language."""
    if door.page.locator(f"html[lang={language}]").count() == 0:
        door.press(f"form.language button[lang={language}], button[name=language][value={language}]")
    return door


def design(console: Visit) -> None:
    """A draft from a template, with a stamp card added in its form; looked at, published."""
    page = console.page
    console.go("/console/programme/edit")
    if page.locator("[name=from][value=points-tiers]").first.is_hidden():
        page.locator("details:has([name=from]) > summary").click()
    console.press("[name=from][value=points-tiers]")
    console.go("/console/programme/edit/card/new")
    for name, value in {"name.vi": "Tem mỗi hóa đơn", "name.en": "A stamp a bill", "size": "5"}.items():
        page.fill(f"[name='p.{name}']", value)
    page.select_option("[name='p.reward']", "ten-percent")
    page.select_option("[name='p.count']", "order")
    console.press("#part-form .e-save button")
    console.press(".e-bar a.c-button")
    if page.locator("[name=agreed]").count():
        page.check("[name=agreed]")
    console.press("button[value=publish]")
    assert page.locator("button[value=publish]").count() == 0, console.text()


def take_back(till: Visit, number: str, refunded: str) -> None:
    """The whole bill comes back."""
    open_member(till, number)
    till.page.locator("label.chip:has([value=all])").click()
    till.page.wait_for_selector("#confirm", state="attached")
    till.press(".till-go button")
    assert refunded in till.text("[role=status]")


@VIEWS
def test_designed_sold_taken_back_and_read(visit: Visits, language: str) -> None:
    words = WORDS[language]
    console, till, wallet = speak(visit("console"), language), speak(visit("till"), language), visit()
    design(console)
    console.go("/console/programme/")
    assert words["in_force"] in console.text(), "what the form wrote is in force, in sentences"

    if till.page.locator("button[name=store]").count():
        till.press("button[name=store]")
    phone = f"09{10_000_000 + secrets.randbelow(89_999_999)}"
    open_member(till, phone)
    said = sell(till, "3000000")
    for word in ("level", "gift", "stamp"):
        assert words[word] in said, (word, said)

    prove(wallet, phone)
    speak(wallet, language)
    wallet.go("/wallet/gifts/")
    wallet.look()
    wallet.page.locator("#ten-percent summary").click()
    wallet.look()
    wallet.press("#ten-percent form button")
    wallet.go("/wallet/")
    assert words["left"] in wallet.text(".member-card-balance"), "300 earned, 60 paid"
    assert words["silver"] in wallet.text(), "the level"

    open_member(till, phone)
    till.page.fill("#amount", "110000")
    till.page.locator(f"#offers label:has-text('{words['percent']}') input:checked").wait_for()
    assert re.sub(r"\D", "", till.text(".bill-total .num")) == "99000", "the best stands ticked"
    till.press(".till-go button[form=sale]")
    take_back(till, till.text(".till-number").removeprefix("·").strip(), words["refunded"])

    till.go("/till/shift/")
    assert words["percent"] in till.text(), "the close of shift names the voucher that was used"
    open_member(till, phone)
    assert words["left"] in till.text(".till-balance"), "as before the sale"
    assert words["percent"] in till.text("#offers"), "the voucher can be used again"
    wallet.go("/wallet/")
    assert words["left"] in wallet.text(".member-card-balance"), "and the member sees the same"
    wallet.go("/wallet/history/")
    line = wallet.page.locator("ul.lines details:has(.line-more)").filter(has_text=words["earned"]).first
    line.locator("summary").click()
    assert words["why"] in wallet.text("details[open] .line-more"), "why, on the line"
    wallet.look()
