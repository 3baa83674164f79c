"""A member's promises kept at the till in a real browser: stamps, a level, its voucher, and a return; in vi and en."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import Visit
from tests.torture.running import Demo

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]
DOCUMENT = Path(__file__).parents[2] / "src" / "ganbo" / "doors" / "cli" / "demo_programme.yaml"


def _richer(source: str) -> dict[str, Any]:
    """The demo's programme with a stamp card of four, one given, and a level after two purchases that brings a voucher."""
    document: dict[str, Any] = YAML(typ="safe").load(source)
    document.pop("examples", None)
    document.pop("stories", None)
    document["earn"] = [{"id": "base", "name": {"vi": "Tích điểm", "en": "Points"}, "on": "purchase",
                         "give": {"wallet": "points", "amount": 1, "per": 10_000, "of": "net"}}]  # fmt: skip
    names = {"bronze": ("Đồng", "Bronze"), "silver": ("Bạc", "Silver"), "gold": ("Vàng", "Gold")}
    levels = [{"id": id, "name": {"vi": vi, "en": en}} for id, (vi, en) in names.items()]
    levels[1] |= {"enter": {"purchases": 2}, "benefits": {"on_enter": ["level-gift"]}}
    levels[2] |= {"enter": {"purchases": 5_000}}
    document["tiers"] = {"metric": "purchases", "levels": levels}
    document["rewards"] = [*document["rewards"],
        {"id": "level-gift", "name": {"vi": "Quà lên hạng", "en": "Level gift"}, "kind": "discount", "percent": 10},
        {"id": "stamp-gift", "name": {"vi": "Ly miễn phí", "en": "Free cup"}, "kind": "free_item", "sku": "cup"},
    ]  # fmt: skip
    document["stamp_cards"] = [{"id": "cups", "name": {"vi": "Thẻ ly", "en": "Cup card"}, "on": "purchase",
                                "count": "order", "size": 4, "head_start": 1, "reward": "stamp-gift"}]  # fmt: skip
    return document


@pytest.fixture(scope="module", autouse=True)
def programme(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The richer programme is in force while these tests run, then the demo's own again."""
    there = tmp_path_factory.mktemp("programme") / "richer.yaml"
    with there.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(_richer(DOCUMENT.read_text(encoding="utf-8")), file)
    published = demo.run("programme", "publish", str(there))
    assert published.returncode == 0, published.stdout + published.stderr
    yield
    assert demo.run("programme", "publish", str(DOCUMENT)).returncode == 0


WORDS = {
    "vi": {"stamps": "được 2/4", "level": "Lên hạng Bạc", "gift": "Quà lên hạng", "refunded": "Đã hoàn 99.000 ₫",
           "points": "15 điểm"},
    "en": {"stamps": "2 of 4", "level": "Now Silver", "gift": "Level gift", "refunded": "99,000 ₫ refunded",
           "points": "15 points"},
}  # fmt: skip

VIEWS = pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "vi"), (DESK, "en")], ids=["360-vi", "1280-en"], indirect=["size"]
)


def open_member(till: Visit, phone: str) -> None:
    till.go("/till/")
    till.page.fill("#q", phone)
    with till.page.expect_navigation():
        till.page.press("#q", "Enter")
    till.look()


def sell(till: Visit, amount: str) -> str:
    """What the pane says after the sale; the amount's live bill was seen first."""
    till.page.fill("#amount", amount)
    till.page.wait_for_selector("#quote .bill-total")
    till.press(".till-go button[form=sale]")
    return till.text("#bill")


@VIEWS
def test_stamp_level_voucher_and_return(visit: Visits, language: str) -> None:
    till, words = visit("till"), WORDS[language]
    if language == "en":
        till.press("form.language button[lang=en]")
    if till.page.locator("button[name=store]").count():
        till.press("button[name=store]")
    phone = f"09{10_000_000 + secrets.randbelow(89_999_999)}"
    open_member(till, phone)
    assert words["stamps"] in sell(till, "50000")
    open_member(till, phone)
    said = sell(till, "50000")
    assert words["level"] in said
    assert words["gift"] in said, "the voucher of the level"

    open_member(till, phone)
    before = till.text(".till-balance")
    till.page.fill("#amount", "110000")
    ticked = till.page.locator("#offers label:has-text('{}') input:checked".format(words["gift"]))
    ticked.wait_for()
    assert re.sub(r"\D", "", till.text(".bill-total .num")) == "99000", "the best stands ticked"
    till.look()
    till.press(".till-go button[form=sale]")
    number = till.text(".till-number").removeprefix("·").strip()

    till.go("/till/")
    till.page.fill("#q", number)
    with till.page.expect_navigation():
        till.page.press("#q", "Enter")
    till.look()
    till.page.locator("label.chip:has([value=all])").click()
    till.page.wait_for_selector("#confirm", state="attached")
    preview = till.text("#back")
    assert "99" in preview
    till.look()
    till.press(".till-go button")
    assert words["refunded"] in till.text("[role=status]")

    open_member(till, phone)
    assert till.text(".till-balance") == before, "the points are as before the sale"
    assert words["gift"] in till.text("#offers"), "and the voucher can be used again"
    assert till.page.locator(".till-card .stamp-full").count() == 3, "so are the stamps: one given, two earned"
