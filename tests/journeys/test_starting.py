"""Bắt đầu từ doanh số: what comes in is read, tried and put to use; nobody else sees it, and it can be deleted."""

import csv
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.multipartparser import MultiPartParser
from django.test import Client, RequestFactory

from ganbo.doors.console.starting import pages, receiving
from ganbo.doors.worker import reading_sales, trying
from ganbo.engine import loading
from ganbo.features.programmes import drafts
from ganbo.features.programmes import queries as programmes
from ganbo.features.starting import queries
from ganbo.foundation import clock
from ganbo.foundation.audit import models as audit
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import confirm_store, starting
from tests.journeys.sales_files import sales_file, workbook

OTHER = "ganbo: 1\nprogramme: fumi\nname: Fumi\ncurrency: VND\ntimezone: Asia/Ho_Chi_Minh\nwallets:\n  points: {name: điểm}\n"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(
    made: dict[str, Any], new_business: Callable[[str | None], Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A business without a programme, and without sales when a test begins.

    A worker that other tests have started on this database is not woken: what it does is done here, when a test says so.
    """
    monkeypatch.setattr(starting, "wake", lambda: None)
    if not made:
        made["shop"], made["other"] = new_business(None), new_business(OTHER)
    with context.within(made["shop"]):
        for row in queries.every():
            starting.remove(row.id, by="tests")
        yield made["shop"]


def browser(shop: Any, role: str = "owner", lang: str = "vi") -> Client:
    from django.contrib.auth import get_user_model

    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    client = Client(headers={"accept-language": lang}, SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return client


def at(shop: Any, path: str = "") -> str:
    return f"/b/{shop.slug}/console/start/{path}"


def send(client: Client, shop: Any, content: bytes, name: str = "năm 2025.csv") -> Any:
    return client.post(at(shop, "file"), {"file": SimpleUploadedFile(name, content)})


def work(shop: Any) -> None:
    """What the worker does, here and now; what one that other tests have started took up is waited for."""
    until = clock.monotonic() + 60
    while True:
        if waiting := starting.claim_proposals(exact=False, at=clock.now()):
            trying.estimate(shop, waiting)
        elif sales := starting.claim_sales(at=clock.now()):
            reading_sales.read(shop, sales.id)
        elif waiting := starting.claim_proposals(exact=True, at=clock.now()):
            trying.exact(shop, waiting[0].sales)
        elif clock.monotonic() > until or not any(
            sales.working or any(one.working for one in queries.proposals(sales.id)) for sales in queries.every()
        ):
            return
        else:
            clock.pause(0.1)


def looked(client: Client, shop: Any) -> UUID:
    """The file, read whole, walk-ins told."""
    answer = send(client, shop, sales_file())
    sales = UUID(re.findall(r"/start/([0-9a-f-]{36})/columns", answer.url)[0])
    work(shop)
    client.post(at(shop, f"{sales}/columns"), COLUMNS)
    work(shop)
    return sales


COLUMNS = {"c0": "order_id", "c1": "member", "c2": "occurred_at", "c3": "amount", "anonymous": "Khách lẻ"}


def text(answer: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " ").replace("\u202f", " "))


def test_a_file_is_read_its_columns_are_told_and_the_customers_are_seen(shop: Any) -> None:
    owner = browser(shop)
    assert "Thả tệp" in text(owner.get(at(shop))) and "Bắt đầu từ doanh số" in text(
        owner.get(f"/b/{shop.slug}/console/")
    )
    sent = send(owner, shop, sales_file(), name="../../etc/năm\x07 2025.csv")
    (row,) = queries.every()
    assert row.name == "năm 2025.csv", "no folder, nothing that is not printed"
    folder = queries.folder(shop.schema, row.id)
    assert [(one.name, oct(one.stat().st_mode & 0o777)) for one in folder.iterdir()] == [("sales", "0o600")]
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    waiting = owner.get(sent.url).content.decode()
    assert "Đang chờ đến lượt" in waiting and 'hx-trigger="every 1s"' in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting, "without scripts the page looks again by itself"
    work(shop)
    shown = owner.get(sent.url).content.decode()
    for n, field in enumerate(("order_id", "member", "occurred_at", "amount")):
        assert re.search(rf'name="c{n}".*?value="{field}" selected', shown, re.DOTALL), field
    assert shown.count("<tr>") == 1 + reading_sales.SHOWN_ROWS
    told = owner.post(sent.url, COLUMNS)
    assert told.url.endswith("/customers")
    work(shop)
    page = text(owner.get(told.url))
    assert "545 dòng đọc được, 3 dòng hỏng" in page
    assert "520 hóa đơn của 80 khách, trung bình 52.308 ₫" in page
    assert "Một nửa khách chỉ mua một lần (50,0 %)." in page
    assert "Trong 80 khách có tên, 40 khách có một hóa đơn, 0 khách có hai đến bốn, 40 khách có từ năm hóa đơn." in page
    assert "50 một lần 0 vài lần 50 thân thiết" in page
    file = owner.get(at(shop, f"{row.id}/left-out.csv")).content.decode().removeprefix("\ufeff")
    assert list(csv.reader(StringIO(file))) == [
        ["dòng", "lý do", "trong tệp ghi"],
        ["547", "ngày không có thật hoặc không đọc được", "32/13/2025"],
        ["548", "số tiền không đọc được", "abc"],
        ["549", "thiếu ngày", "D3"],
    ]
    english = text(browser(shop, lang="en").get(told.url))
    assert "545 lines read, 3 left out" in english and "How do we know?" in english


def test_three_proposals_stay_under_the_limit_and_are_counted_to_the_member(shop: Any) -> None:
    owner = browser(shop)
    sales = looked(owner, shop)
    for aim in ("sooner", "more", "friends"):
        owner.post(at(shop, f"{sales}/plan"), {"aim": aim, "cap": "3"})
        assert "Đang chạy thử trên doanh số của bạn" in text(owner.get(at(shop, f"{sales}/plan")))
        work(shop)
        rows = queries.proposals(sales)
        assert len(rows) == 3
        for one in rows:
            assert one.exact is not None and one.estimate is not None
            assert 0 <= one.exact["share"] <= 0.03, (one.kind, one.exact)
            assert one.exact["cost"] == sum(cost for _month, cost in one.exact["monthly"])
            assert one.estimate == one.exact, "so few members are all of the sample"
    owner.post(at(shop, f"{sales}/plan"), {"aim": "sooner", "cap": "3"})
    work(shop)
    stamps = queries.proposals(sales)[0]
    assert stamps.exact is not None
    first, later = stamps.visits, stamps.visits + 2
    gifts = 1 + (12 - first) // later
    assert (stamps.exact["reached"], stamps.exact["cost"]) == (40, 40 * gifts * stamps.gift), (
        "forty regulars, no one else"
    )
    page = text(owner.get(at(shop, f"{sales}/plan")))
    assert "40 trên 80" in page and "Nobody" not in page and "Không ai mua thêm vì chương trình" in page


def test_a_limit_that_is_none_is_told(shop: Any) -> None:
    owner = browser(shop)
    sales = looked(owner, shop)
    for cap in ("0,1", "16", "abc", ""):
        answer = owner.post(at(shop, f"{sales}/plan"), {"aim": "sooner", "cap": cap})
        assert answer.status_code == 422 and "Cần một số từ 0,5 đến 15." in text(answer), cap
    assert queries.proposals(sales) == []


def test_dials_are_turned_kept_beside_and_compared(shop: Any) -> None:
    owner = browser(shop)
    sales = looked(owner, shop)
    owner.post(at(shop, f"{sales}/plan"), {"aim": "sooner", "cap": "5"})
    work(shop)
    first = queries.proposals(sales)[0]
    path = at(shop, f"{sales}/plan/{first.id}")
    turned = owner.post(path, {"gift": "20.000", "visits": "3", "months": "2"}, headers={"HX-Request": "true"})
    assert "đủ 3 lần ghé được giảm 20.000 ₫" in text(turned) and "Đang chạy thử" in text(turned)
    work(shop)
    found = queries.proposal(sales, first.id)
    assert found is not None and found.exact is not None
    assert found.exact["cost"] == 40 * 4 * 20_000, "a stamp a month, no head start on so short a card"
    assert owner.post(path, {"gift": "x", "visits": "3", "months": "2"}).status_code == 422
    kept = owner.post(path, {"gift": "10.000", "visits": "4", "months": "2", "do": "keep"})
    assert kept.url != path and len(queries.proposals(sales)) == 4
    work(shop)
    rows = queries.proposals(sales)
    query = "&".join(f"p={one.id}" for one in (rows[0], rows[3]))
    page = text(owner.get(at(shop, f"{sales}/compare?{query}")))
    assert "3.200.000 ₫" in page and "1. Thẻ tem" in page and "4. Thẻ tem" in page
    for _ in range(2):
        owner.post(path, {"gift": "10.000", "visits": "4", "months": "2", "do": "keep"})
    full = owner.post(path, {"gift": "10.000", "visits": "4", "months": "2", "do": "keep"})
    assert full.status_code == 422 and "Đã có 6 phương án cạnh nhau." in text(full)


def used(**more: str) -> dict[str, str]:
    today = clock.now().astimezone(pages.showing.BEFORE_A_PROGRAMME[1]).date()
    return {"organiser": "Công ty Gắn Bó", "day": today.isoformat(), "agreed": "yes", "do": "all"} | more


def digest(page: Any) -> str:
    return re.findall(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())[0]


def test_put_to_use_only_when_it_is_ready_and_by_whom_it_may(new_business: Callable[[str | None], Any]) -> None:
    shop = new_business(None)
    with context.within(shop):
        owner = browser(shop)
        sales = looked(owner, shop)
        owner.post(at(shop, f"{sales}/plan"), {"aim": "sooner", "cap": "3"})
        work(shop)
        one = queries.proposals(sales)[0]
        path = at(shop, f"{sales}/use/{one.id}")
        seen = digest(owner.get(path))
        for lacking, says in (
            ({"agreed": ""}, "Hãy đọc thể lệ"),
            ({"organiser": " "}, "Hãy ghi đơn vị tổ chức"),
            ({"day": "2020-01-01"}, "Hãy chọn ngày bắt đầu"),
            ({"digest": "0" * 64}, "Hãy đọc thể lệ"),
            ({"do": "trial"}, "Hãy chọn cửa hàng chạy thử"),
        ):
            answer = owner.post(path, used(digest=seen) | lacking)
            assert answer.status_code == 422 and says in text(answer), lacking
        assert programmes.versions() == [] and drafts.current(0).revision == 0, "nothing is live before"
        kept = owner.post(path, used(digest=seen, do="keep", practised="yes"), follow=True).content.decode()
        assert kept.count(" done") == 5, "five of six are ticked, the poster is not printed"
        care = browser(shop, "care")
        assert care.get(path).status_code == 403
        done = owner.post(path, used(digest=seen))
        assert done.url.endswith("/console/programme/")
        (version,) = programmes.versions()
        assert "Thẻ tem" in version.source and "Công ty Gắn Bó" in version.source
        assert "Thẻ tem" in text(owner.get(done.url))
        second = owner.post(path, used(digest=seen), follow=True)
        assert second.redirect_chain[-1][0].endswith("/programme/publish"), "what follows a programme is reviewed first"
        assert len(programmes.versions()) == 1


def test_another_business_sees_nothing_of_it(shop: Any, made: dict[str, Any]) -> None:
    owner, other = browser(shop), made["other"]
    sales = looked(owner, shop)
    fumi = browser(other)
    for path in ("columns", "customers", "plan", "left-out.csv"):
        assert fumi.get(at(other, f"{sales}/{path}")).status_code == 404, path
        assert fumi.get(at(shop, f"{sales}/{path}")).status_code == 403, "nobody of this business"
    assert fumi.post(at(other, f"{sales}/remove")).status_code == 404
    assert queries.folder(shop.schema, sales).exists() and queries.by_id(sales) is not None
    till = browser(shop, "cashier")
    assert till.get(at(shop)).status_code == 403


def test_deleted_means_the_file_and_everything_found_in_it(shop: Any) -> None:
    owner = browser(shop)
    sales = looked(owner, shop)
    owner.post(at(shop, f"{sales}/plan"), {"aim": "sooner", "cap": "3"})
    folder = queries.folder(shop.schema, sales)
    assert {one.name for one in folder.iterdir()} == {"sales", "lines.arrow", "sample.arrow", "left-out.csv"}
    assert all(one.stat().st_mode & 0o077 == 0 for one in folder.iterdir()), "for the owner's eyes only"
    gone = owner.post(at(shop, f"{sales}/remove"), follow=True)
    assert "Đã xóa “năm 2025.csv” cùng mọi kết quả." in text(gone)
    assert not folder.exists() and queries.by_id(sales) is None and queries.proposals(sales) == []
    noted = audit.Line.objects.filter(subject=f"sales:{sales}").order_by("at").values_list("action", flat=True)
    assert list(noted) == ["sales.received", "sales.removed"]
    work(shop)
    assert not folder.exists(), "the worker makes nothing anew"


def test_deleted_while_it_is_read(shop: Any) -> None:
    owner = browser(shop)
    send(owner, shop, sales_file())
    claimed = starting.claim_sales(at=clock.now())
    assert claimed is not None
    owner.post(at(shop, f"{claimed.id}/remove"))
    reading_sales.read(shop, claimed.id)
    assert not queries.folder(shop.schema, claimed.id).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Tệp này không phải bảng."),
        (b"   \n \n", "Tệp này không phải bảng."),
        (b"%PDF-1.7 not a table", "Tệp này không phải bảng."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "Tệp này không phải bảng."),
        (bytes(range(1, 32)) * 200, "Tệp này không phải bảng."),
        (b"PK\x03\x04 a broken zip", "Tệp này không phải bảng."),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(shop: Any, content: bytes, says: str) -> None:
    folder = queries.folder(shop.schema, uuid4()).parent
    before = set(folder.iterdir()) if folder.exists() else set()
    answer = send(browser(shop), shop, content)
    assert answer.status_code == 422 and says in text(answer)
    assert queries.every() == [] and (set(folder.iterdir()) if folder.exists() else set()) == before, "nothing stays"


@pytest.mark.parametrize(
    ("content", "columns", "says"),
    [
        (b"just one word\nand another\n", None, "Không đọc được bảng nào trong tệp."),
        (b"a,b,c\n1,2,3\n", {"c0": "member"}, "Chưa tính được vì thiếu: ngày giờ, số tiền."),
        (b"a,b,c\n1,2,3\n", {"c0": "member", "c1": "member", "c2": "amount"}, "Hai cột được chọn cùng một nghĩa."),
        (b"a,b,c\nx,y,z\n", {"c0": "member", "c1": "occurred_at", "c2": "amount"}, "Không đọc được dòng nào"),
        (b"a,b,c\n,2025-01-01,3\n", {"c0": "member", "c1": "occurred_at", "c2": "amount"}, "Không dòng nào có tên khách."),
    ],
)  # fmt: skip
def test_a_table_nothing_can_be_counted_in_says_what_to_do(
    shop: Any, content: bytes, columns: dict[str, str] | None, says: str
) -> None:
    owner = browser(shop)
    where = send(owner, shop, content).url
    work(shop)
    if columns is not None:
        told = owner.post(where, columns)
        if told.status_code == 422:
            assert says in text(told)
            return
        work(shop)
    assert says in text(owner.get(where))


def test_a_form_that_is_too_long_is_refused_before_it_is_read(shop: Any) -> None:
    answer = browser(shop).post(
        at(shop, "file"), b"x", content_type="multipart/form-data; boundary=b", CONTENT_LENGTH=str(202 * 1024 * 1024)
    )
    assert answer.status_code == 413 and "Tệp lớn hơn 200 MB." in text(answer)


def test_five_files_are_kept_and_the_sixth_says_so(shop: Any) -> None:
    owner = browser(shop)
    for _ in range(queries.MOST):
        assert send(owner, shop, sales_file()).status_code == 302
    full = send(owner, shop, sales_file())
    assert full.status_code == 422 and "Đang giữ 5 tệp rồi." in text(full)


class _Stream:
    """A form with a file of so many megabytes, made while it is read."""

    def __init__(self, megabytes: int) -> None:
        self._parts = self._made(megabytes)
        self._rest = b""

    def _made(self, megabytes: int) -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(megabytes * 16):
            yield b"HD000001;0912345678;01/02/2025;50.000;\r\n" * 1638
        yield b"\r\n--b--\r\n"

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (more := next(self._parts, b"")):
            self._rest += more
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def test_a_large_file_goes_to_its_folder_without_being_held(shop: Any, tmp_path: Path) -> None:
    request = RequestFactory().post("/")
    handler = receiving.ToFolder(request, shop.schema, uuid4())
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(40 * 1024 * 1024)}
    parser = MultiPartParser(meta, _Stream(32), [handler])
    tracemalloc.start()
    try:
        parser.parse()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    written = (handler.folder / receiving.FILE).stat().st_size
    handler.drop()
    assert written == handler.size > 30 * 1024 * 1024
    assert peak < 2 * 1024 * 1024, f"{peak} bytes were held"


def test_what_grows_past_the_limit_is_dropped(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "LARGEST", 1024 * 1024)
    request = RequestFactory().post("/")
    handler = receiving.ToFolder(request, shop.schema, uuid4())
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(3 * 1024 * 1024)}
    MultiPartParser(meta, _Stream(2), [handler]).parse()
    assert handler.too_large
    handler.drop()
    assert not handler.folder.exists()


def test_three_numbers_are_a_year_that_is_said_to_be_supposed(shop: Any) -> None:
    owner = browser(shop)
    wrong = owner.post(at(shop, "numbers"), {"bills": "0", "bill": "x", "regulars": "11"})
    assert wrong.status_code == 422 and text(wrong).count("Cần một số") == 3
    assert queries.every() == []
    where = owner.post(at(shop, "numbers"), {"bills": "40", "bill": "65.000", "regulars": "6"}).url
    work(shop)
    page = text(owner.get(where))
    assert "giả định một năm, mỗi ngày 40 hóa đơn, trung bình 65.000, cứ mười hóa đơn có 6 của khách quen" in page
    (row,) = queries.every()
    assert row.found["orders"] == 40 * 365
    assert abs(row.found["bill"] - 65_000) < 2_000, "about the average bill that was said"
    owner.post(at(shop, f"{row.id}/plan"), {"aim": "friends", "cap": "2,5"})
    work(shop)
    rows = queries.proposals(row.id)
    assert all(one.exact is not None and one.exact["share"] <= 0.026 for one in rows), [one.exact for one in rows]
    said = text(owner.get(at(shop, f"{row.id}/plan")))
    assert "Không phải doanh số thật" in said and "Doanh số cũ không cho biết ai rủ ai" in said


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("65.000", 65_000), ("65,000", 65_000), ("4.50", 4.5), ("4,5", 4.5), ("1.250.000 ₫", 1_250_000)],
)
def test_an_amount_is_read_as_it_is_written(typed: str, amount: float) -> None:
    assert pages._amount(typed) == amount


def test_a_workbook_is_read_too(shop: Any) -> None:
    owner = browser(shop)
    rows = [line.split(";") for line in sales_file().decode("utf-8-sig").splitlines()]
    where = send(owner, shop, workbook(rows), "năm.xlsx").url
    work(shop)
    assert "XLSX" in text(owner.get(where))
    owner.post(where, COLUMNS)
    work(shop)
    (row,) = queries.every()
    assert (row.state, row.found["members"], row.found["orders"]) == ("looked", 80, 520)


def test_a_trial_earns_in_one_store_and_the_terms_say_so(new_business: Callable[[str | None], Any]) -> None:
    shop = new_business(OTHER)
    with context.within(shop):
        confirm_store.confirm("hue", name="Huế", by="tests")
        owner = browser(shop)
        sales = looked(owner, shop)
        owner.post(at(shop, f"{sales}/plan"), {"aim": "more", "cap": "3"})
        work(shop)
        one = queries.proposals(sales)[1]
        path = at(shop, f"{sales}/use/{one.id}")
        later = (clock.now() + timedelta(days=9)).date().isoformat()
        answer = owner.post(path, used(digest=digest(owner.get(path)), do="trial", store="hue", day=later))
        assert answer.url.endswith(f"/programme/publish?when=later&day={later}"), "the day is handed on"
        source = drafts.current(programmes.versions()[0].version).source
        rules = loading.load(source, publishing=True).rules
        assert [rule.when.source if rule.when else "" for rule in rules if rule.give] == ['store == "hue"']
        review = owner.get(answer.url)
        assert review.status_code == 200 and f'value="{later}"' in review.content.decode()
        owner.post(answer.url.partition("?")[0], {"digest": digest(review), "latest": "1", "do": "publish", "when": "later",
                                                  "day": later, "hour": "00:00", "agreed": "yes"})  # fmt: skip
        newest = next(iter(programmes.versions()))
        assert (
            newest.version == 2
            and newest.in_force_from.astimezone(pages.showing.BEFORE_A_PROGRAMME[1]).date().isoformat() == later
        )
        terms = programmes.terms_of(2, lang="vi")
        assert terms is not None
        assert re.search("Huế|hue", terms.text), "the terms name the store"
