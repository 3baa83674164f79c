"""`ganbo import members` as a shop owner calls it: dry first, nobody twice, nothing overwritten unasked, bad rows told."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, verify_books
from ganbo.people.members import bringing, queries
from tests.cli.importing import Bring, Call, call, made, shop
from tests.cli.importing import bringing as bringing_rows

__all__ = ["call", "made", "shop"]

PROGRAMME = """\
ganbo: 1
programme: moving
name: Chuyển nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: welcome, on: signup, give: {wallet: points, amount: 50}}
tiers:
  metric: {any: [spend]}
  window: {kind: rolling, months: 12}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: gold, name: {vi: Vàng, en: Gold}, enter: {spend: 5000000}}
"""
HEADING = "Mã KH;Họ tên;SĐT;Email;Ngày sinh;Ngày tham gia;Hạng;Nhận SMS;Ngày đồng ý;Ghi chú"
LAN = "K1;Nguyễn Thị Lan;0912345678;lan@example.com;15/04/1988;03/02/2021 08:30;Vàng;có;03/02/2021;thích latte"
MINH = "K2;Trần Văn Minh;987654321;;;12/11/2023;;không;;"
SOURCE = ("--consent-source", "phiếu giấy")
WRITE = ("--yes", *SOURCE)


@pytest.fixture
def bring(call: Call, shop: Any, tmp_path: Path) -> Bring:
    return bringing_rows(call, shop, tmp_path / "members.csv", "members", HEADING)


@dataclass
class Lan:
    """Somebody nobody has told of: her row, and Minh's beside her."""

    n: str

    @property
    def row(self) -> str:
        return LAN.replace("K1", f"L{self.n}").replace("0912345678", f"09{self.n}").replace("lan@", f"lan{self.n}@")

    @property
    def minh(self) -> str:
        return MINH.replace("K2", f"M{self.n}").replace("987654321", f"7{self.n}")


@pytest.fixture
def lan() -> Lan:
    return Lan(chance.digits(8))


def test_a_dry_run_says_what_would_come_and_writes_nothing(shop: Any, bring: Bring, lan: Lan) -> None:
    told = bring(lan.row, lan.minh, options=SOURCE)
    assert (told["new"], told["known"], told["consents"], told["refused"], told["written"]) == (2, 0, 2, 0, False)
    assert told["unread"] == ["Ghi chú"]
    with context.within(shop):
        assert queries.by_key("external_id", f"L{lan.n}") is None


def test_people_come_in_with_their_dates_and_no_welcome_gift(shop: Any, bring: Bring, lan: Lan) -> None:
    assert bring(lan.row, lan.minh, options=WRITE)["new"] == 2
    with context.within(shop):
        her, minh = queries.by_key("phone", f"+849{lan.n}"), queries.by_key("phone", f"+847{lan.n}")
        assert her is not None
        assert minh is not None, "a workbook's lost zero is put back"
        assert (her.external_id, her.email, her.birthday, her.tier) == (
            f"L{lan.n}", f"lan{lan.n}@example.com", date(1988, 4, 15), "gold",
        )  # fmt: skip
        assert her.created_at == datetime(2021, 2, 3, 8, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
        assert holdings.balances(her.id, ["points"], at=clock.now())["points"].available == 0
        assert bringing.consents(her.id)["sms", "marketing"] == bringing.Consent(
            "sms", "marketing", given=True, source="phiếu giấy", at=datetime(2021, 2, 3, 5, tzinfo=UTC)
        )
        assert not bringing.consents(minh.id)["sms", "marketing"].given, "a no is kept, whatever is stated of it"
        assert verify_books.verify().differences == ()


def test_twice_is_once(shop: Any, bring: Bring, lan: Lan) -> None:
    bring(lan.row, lan.minh, options=WRITE)
    told = bring(lan.row, lan.minh, options=WRITE)
    assert (told["new"], told["known"], told["changed"], told["kept"], told["refused"]) == (0, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "name", "tier", "kept"),
    [
        ((), "Lan", None, 1),  # she changed her name herself: it stays; her birthday was not known and is filled in
        (("--update",), "Nguyễn Thị Lan", "gold", 0),  # asked for: the file has the last word
    ],
)
def test_what_people_gave_themselves_stays(
    shop: Any, bring: Bring, lan: Lan, options: tuple[str, ...], name: str, tier: str | None, kept: int
) -> None:
    bring(f"L{lan.n};Lan;09{lan.n};;;;;;;")
    told = bring(lan.row, options=(*WRITE, *options))
    assert (told["known"], told["changed"], told["kept"]) == (1, 1, kept)
    with context.within(shop):
        her = queries.by_key("external_id", f"L{lan.n}")
        assert her is not None
        assert (her.name, her.birthday, her.tier) == (name, date(1988, 4, 15), tier)


def test_a_later_no_outlives_an_older_yes_of_the_file(shop: Any, bring: Bring, lan: Lan) -> None:
    bring(lan.minh.replace(";không;;", ";không;01/05/2026;"), options=WRITE)
    bring(lan.minh.replace(";không;;", ";có;01/05/2024;"), options=WRITE)
    with context.within(shop):
        minh = queries.by_key("external_id", f"M{lan.n}")
        assert minh is not None
        assert not bringing.consents(minh.id)["sms", "marketing"].given


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("K3;;12;;;;;;;", "bad_phone"),
        (";Sơn;;son@;;;;;;", "bad_email"),
        (";Sơn;;;;;;;;", "no_contact"),
        ("K4;;;;31/02/1950;;;;;", "bad_birthday"),  # no such day
        ("K4;;;;01/01/2199;;;;;", "bad_birthday"),  # not born yet
        ("K4;;;;;01/01/2199;;;;", "bad_joined"),
        ("K4;;;;;;Bạch kim;;;", "unknown_tier"),
        ("K4;;;;;;;có lẽ;;", "bad_consent"),
        ("K4;;;;;;;có;;", "no_consent_date"),
        ("K1;;;;;;;;;", "twice"),  # stands above
        ("K9;;0912345678;;;;;;;", "twice"),  # by another contact of hers
        ("K5;a;b", "columns"),
        (HEADING, "heading_again"),
        ("K4\0;;;;;;;;;", "nul"),
    ],
)
def test_a_bad_row_is_told_and_the_others_come(bring: Bring, row: str, reason: str) -> None:
    told = bring(LAN, row, options=SOURCE)
    assert (told["new"], [one["reason"] for one in told["rows"]], [one["line"] for one in told["rows"]]) == (
        1, [reason], [3],
    )  # fmt: skip


def test_no_consent_without_a_source(bring: Bring) -> None:
    told = bring(LAN, options=())
    assert (told["new"], told["rows"][0]["reason"]) == (0, "no_consent_source")


def test_contacts_of_two_members_are_no_new_person(bring: Bring, lan: Lan) -> None:
    bring(f"L{lan.n};Lan;;;;;;;;", f"M{lan.n};Minh;09{lan.n};;;;;;;")
    told = bring(f"L{lan.n};Ai;09{lan.n};;;;;;;")
    assert (told["new"], told["known"], told["rows"][0]["reason"]) == (0, 0, "two_members")


def test_rows_not_taken_can_be_mended_and_told_again(bring: Bring, lan: Lan, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bring(lan.row, f"B{lan.n};Bà Tư;12;;;;;;;", options=(*WRITE, "--rejected", str(bad)))
    assert bad.stat().st_mode & 0o777 == 0o600, "personal data"
    heading, row = list(csv.reader(bad.open(encoding="utf-8-sig")))
    assert (row[1:3], row[-1]) == (["Bà Tư", "12"], "has “12”, which is no phone number")
    row[2] = f"08{lan.n}"
    told = bring(";".join(row), heading=";".join(heading))
    assert (told["new"], told["unread"]) == (1, ["Ghi chú", "ganbo_reason"])


def test_only_a_card_is_enough_and_columns_can_be_named(shop: Any, bring: Bring, lan: Lan) -> None:
    told = bring(f"GB-{lan.n},Lan", heading="số,ai", options=("--yes", "--map", "card=số", "--map", "name=ai"))
    assert told["new"] == 1
    with context.within(shop):
        her = queries.by_key("card", f"GB-{lan.n}")
        assert her is not None
        assert her.external_id == f"GB-{lan.n}"


def test_nobody_else_sees_them(fumi: Any, bring: Bring, lan: Lan) -> None:
    bring(lan.row, options=WRITE)
    with context.within(fumi):
        assert queries.by_key("phone", f"+849{lan.n}") is None


def test_in_words(shop: Any, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("\n".join([HEADING, LAN, "K3;;12;;;;;;;"]), encoding="utf-8")
    said = call("members", str(file), "--business", shop.slug, *SOURCE)
    assert said.exit_code == 0
    assert "1 new, 0 known" in said.stdout
    assert "Nothing was written" in said.stdout
    assert "SĐT → phone" in said.stderr
    assert "3: has “12”, which is no phone number" in said.stderr
    lacking = call("members", str(file), "--business", shop.slug, "--map", "phone=nope")
    assert (lacking.exit_code, "no such field or column" in lacking.stderr) == (1, True)
    gone = call("members", str(tmp_path / "none.csv"), "--business", shop.slug)
    assert (gone.exit_code, "Cannot read" in gone.stderr) == (1, True)
