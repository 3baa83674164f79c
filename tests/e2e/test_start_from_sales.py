"""The owner's first evening with a file: dropped, looked at, two programmes tried, one put to use, and the console shows it."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.e2e.looking import Visit
from tests.e2e.test_till_promises import DOCUMENT
from tests.torture.running import Demo

pytestmark = pytest.mark.flow("browser")
Visits = Callable[..., Visit]
READ, TRIED = 60_000, 60_000  # milliseconds a busy machine may take for a file of a thousand lines, or for trying it
ESTIMATE = 10_000


@pytest.fixture(scope="module", autouse=True)
def afterwards(demo: Demo) -> Iterator[None]:
    """The demo's own programme is in force again when these tests have run."""
    yield
    assert demo.run("programme", "publish", str(Path(DOCUMENT))).returncode == 0


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year as a till exports it: regulars, people who came once, walk-ins, two bad lines."""
    first = date(2025, 1, 2)
    lines = ["Mã đơn;Khách hàng;Ngày;Thành tiền"]
    for n in range(1_200):
        day = first + timedelta(days=n * 360 // 1_200)
        who = "Khách lẻ" if n % 11 == 0 else f"09{n % 40 + 10_000_000}" if n % 3 else f"08{n + 10_000_000}"
        lines.append(f"HD{n:05d};{who};{day:%d/%m/%Y};{40 + n % 5 * 15}.000")
    lines += ["HD90001;0910000001;31/02/2025;50.000", "HD90002;0910000001;01/03/2025;năm mươi"]
    path = tmp_path_factory.mktemp("sales") / "nam-2025.csv"
    path.write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    return path


def drop(console: Visit, file: Path) -> None:
    """Steps 1 to 3."""
    page = console.page
    console.go("/console/start/")
    page.set_input_files("input[name=file]", str(file))
    console.press(".s-drop button")
    page.wait_for_selector(".s-columns", timeout=READ)
    console.look()
    assert page.locator(".s-chip.known").count() == 4, "all four columns are recognised"
    page.fill("[name=anonymous]", "Khách lẻ")
    console.press(".s-columns button")
    page.wait_for_selector(".s-said", timeout=READ)
    console.look()
    assert "1.200 dòng đọc được, 2 dòng hỏng" in console.text()
    assert page.locator(".s-one").count() == 3
    page.locator(".s-one summary").first.click()
    console.look()


def try_two(console: Visit) -> None:
    """Step 4: three proposals, one of them turned; two compared."""
    page = console.page
    console.press("a[href$='/plan'].c-button")
    page.fill("#cap", "4")
    console.press(".s-aim button")
    page.wait_for_selector("#work:not([hx-get])", timeout=TRIED)
    console.look()
    assert page.locator(".s-proposal .s-cost b").count() == 3
    console.press(".s-do a.quiet")
    visits = int(page.input_value("#visits"))
    page.fill("#visits", str(visits - 1))
    page.press("#visits", "Tab")
    page.wait_for_selector(f"#work .s-sentence:has-text('đủ {visits - 1} lần ghé')", timeout=ESTIMATE)
    page.wait_for_selector("#work .s-figures", timeout=ESTIMATE)
    page.wait_for_selector("#work:not([hx-get])", timeout=TRIED)
    console.look()
    console.press(".c-back a")
    page.locator("[name=p]").nth(2).uncheck()
    console.press("form[action$='/compare'] > p button")
    assert page.locator(".s-compare thead th").count() == 2
    assert "Giả định" in console.text(), "what was supposed stands beside the figures"


def test_a_file_becomes_a_programme(visit: Visits, file: Path) -> None:
    console = visit("console")
    page = console.page
    console.go("/console/programme/")
    console.press("a[href$='/console/start/']")
    drop(console, file)
    try_two(console)
    console.press(".s-compare a.c-button")
    console.press("button[value=all]")
    assert "Hãy đọc thể lệ" in console.text("[role=alert]"), "nothing is put to use unread"
    page.locator(".s-list summary").first.click()
    console.look()
    page.check("[name=agreed]")
    page.fill("[name=day]", page.get_attribute("[name=day]", "min") or "")
    console.press("button[value=all]")
    assert "/programme/publish" in page.url, "a programme is in force: first what changes for members"
    if page.locator("[name=agreed]").count():
        page.check("[name=agreed]")
    console.press("button[value=publish]")
    assert page.locator("button[value=publish]").count() == 0, console.text()
    console.go("/console/")
    assert re.search(r"Thẻ tem.*bản \d+", console.text()), "Today says which programme runs"
    console.go("/console/programme/")
    assert "Thẻ tem" in console.text() and "Thẻ ghé thăm" in console.text()
    console.go("/console/start/")
    console.press(".s-kept form button")
    assert "Đã xóa “nam-2025.csv” cùng mọi kết quả." in console.text()
