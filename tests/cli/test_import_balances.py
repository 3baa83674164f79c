"""`ganbo import balances` as a shop owner calls it: dry first, each lot once, with its own end; bad rows told."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from ganbo.books.ledger import queries as ledger
from ganbo.doors.cli.imports import balance_rows
from ganbo.doors.wallet import past
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.insights.look.sheets import Row
from ganbo.journeys import expire_points, holdings, import_balances, join, verify_books
from ganbo.journeys.import_balances import Opening
from ganbo.people.members import queries
from ganbo.people.members.operations import Person
from tests.cli.importing import Bring, Call, call, made, shop
from tests.cli.importing import bringing as bringing_rows

__all__ = ["call", "made", "shop"]

PROGRAMME = """\
ganbo: 1
programme: moving
name: Chuyển nhà
currency: USD
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}}
  miles: {name: {vi: dặm, en: miles}, expires: {kind: inactivity, months: 18, reset_by: [purchase]}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10, of: net}}
"""
HEADING = "Mã KH;Loại điểm;Số dư;Ngày tích;Hạn dùng;Mã lô;Ghi chú"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LATER = clock.now() + timedelta(days=200)


@pytest.fixture
def bring(call: Call, shop: Any, tmp_path: Path) -> Bring:
    return bringing_rows(call, shop, tmp_path / "balances.csv", "balances", HEADING)


@pytest.fixture
def lan(shop: Any) -> Any:
    """Somebody new, with an external id."""
    with context.within(shop):
        person = Person(external_id=f"L{chance.digits(8)}", phone=f"+849{chance.digits(8)}", locale="en")
        return queries.get(join.join(person, at=clock.now()).member_id)


def row(who: Any, *, wallet: str = "", amount: str = "300", earned: str = "", ends: str = "", lot: str = "") -> str:
    """A line of the file."""
    return f"{who.external_id};{wallet};{amount};{earned};{ends};{lot};x"


def available(shop: Any, who: Any) -> dict[str, int]:
    with context.within(shop):
        found = holdings.balances(who.id, ["points", "miles", "card"], at=clock.now())
    return {name: one.available for name, one in found.items()}


def test_a_dry_run_says_what_would_come_and_writes_nothing(shop: Any, bring: Bring, lan: Any) -> None:
    told = bring(row(lan, wallet="điểm"), options=())
    assert (told["new"], told["units"], told["unread"], told["written"]) == (1, {"points": 300}, ["Ghi chú"], False)
    assert available(shop, lan)["points"] == 0


def test_lots_keep_their_month_and_their_end(shop: Any, bring: Bring, lan: Any) -> None:
    """Two lots of points and the money on the card; the last day is usable, whole."""
    bring(
        row(lan, wallet="points", amount="1.200", earned="15/03/2026", ends=f"{LATER:%d/%m/%Y}"),
        row(lan, wallet="điểm", amount="80", earned="02/05/2026", ends="không hết hạn"),
        row(lan, wallet="card", amount="45,50", ends=""),
    )
    assert available(shop, lan) == {"points": 1_280, "miles": 0, "card": 4_550}
    with context.within(shop):
        lots = ledger.lot_rows(lan.id, ["points", "card"])
        day = LATER.date()
        end = datetime(day.year, day.month, day.day, tzinfo=HANOI) + timedelta(days=1)
        assert [(lot.amount, lot.earned_month, lot.expires_at) for lot in lots] == [
            (1_200, date(2026, 3, 1), end.astimezone(UTC)), (80, date(2026, 5, 1), None),
            (4_550, clock.now().astimezone(HANOI).date().replace(day=1), None),
        ]  # fmt: skip
        assert verify_books.verify().differences == ()


def test_what_says_no_end_ends_as_the_wallet_does(shop: Any, bring: Bring, lan: Any) -> None:
    day = (clock.now() - timedelta(days=60)).astimezone(HANOI).date()
    bring(row(lan, wallet="points", earned=f"{day:%d/%m/%Y}"), row(lan, wallet="miles", amount="50"))
    with context.within(shop):
        programme = programmes.in_force_at(shop.schema, clock.now()).programme
        found = {lot.wallet: lot.expires_at for lot in ledger.lot_rows(lan.id, ["points", "miles"])}
        assert found == {"points": programme.wallets["points"].expires.expires_on(day), "miles": None}
        miles = holdings.balances(lan.id, ["miles"], at=clock.now())["miles"].next_expiry
        assert miles is not None
        assert miles[1] == programme.wallets["miles"].expires.inactive_at(clock.now().astimezone(HANOI).date()), (
            "quiet since today, not since they joined elsewhere"
        )


def test_twice_is_once_and_other_figures_do_not_overwrite(shop: Any, bring: Bring, lan: Any) -> None:
    bring(row(lan, wallet="points"), row(lan, wallet="points", amount="20", lot="A-1"))
    told = bring(row(lan, wallet="points"), row(lan, wallet="points", amount="25", lot="A-1"))
    assert (told["new"], told["known"], [one["reason"] for one in told["rows"]]) == (0, 1, ["other_balance"])
    assert available(shop, lan)["points"] == 320


@pytest.mark.parametrize("cells", ["points;300;;;", "points;300;02/05/2026;;", "miles;300;;;", "points;300;;;A-1"])
def test_told_again_another_day_is_still_once(shop: Any, lan: Any, cells: str) -> None:
    """What the row does not say is counted from the day of the import: that is no part of what it is known by."""
    names = ("wallet", "amount", "earned", "expires", "reference")
    said = dict(zip(names, cells.split(";"), strict=True))
    row = Row(2, {"external_id": lan.external_id} | {name: cell for name, cell in said.items() if cell})
    with context.within(shop):
        programme = programmes.in_force_at(shop.schema, clock.now()).programme
        done = []
        for days in (0, 1, 45):
            now = clock.now() + timedelta(days=days)
            (opening,) = balance_rows.Reading(shop, programme, now).read([row])
            assert isinstance(opening, Opening)
            outlook = import_balances.bring_in([opening], import_balances.Told(), now=now)
            done.append((len(outlook.new), outlook.known, outlook.refused))
    assert done == [(1, 0, []), (0, 1, []), (0, 1, [])]


def test_they_end_once_and_are_told_in_the_wallet(shop: Any, bring: Bring, lan: Any) -> None:
    bring(row(lan, wallet="points", ends=f"{LATER:%Y-%m-%d}"))
    with context.within(shop):
        programme = programmes.in_force_at(shop.schema, clock.now()).programme
        with translation.override("en"):
            lines = past.history(lan, programme, locale="en")
        assert ("Brought over", "What you had with this shop before it came here.") in [(x.title, x.why) for x in lines]
        for _ in range(2):
            while expire_points.expire_some(at=LATER + timedelta(days=3)):
                pass
        assert holdings.balances(lan.id, ["points"], at=LATER + timedelta(days=3))["points"].available == 0
        assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nobody;points;5;;;;", "unknown_member"),
        (";points;5;;;;", "no_contact"),
        ("{lan};sao;5;;;;", "unknown_wallet"),
        ("{lan};;5;;;;", "no_wallet"),  # there are two kinds of points
        ("{lan};points;năm;;;;", "bad_amount"),
        ("{lan};points;-5;;;;", "below_zero"),
        ("{lan};points;5,5;;;;", "fraction"),
        ("{lan};card;45,5555;;;;", "fraction"),  # a tenth of a cent
        ("{lan};points;5;01/01/2199;;;", "bad_earned"),
        ("{lan};points;5;;31/02/2027;;", "bad_expires"),
        ("{lan};points;5;;31/12/2020;;", "over"),
        ("{lan};points;5;01/01/2020;;;", "over"),  # by the wallet's own rule
        ("{lan};points;9;;;;", "twice_balance"),
    ],
)
def test_a_bad_row_is_told_and_the_others_come(bring: Bring, lan: Any, line: str, reason: str) -> None:
    told = bring(row(lan, wallet="points"), line.format(lan=lan.external_id), options=())
    assert (told["new"], [(one["line"], one["reason"]) for one in told["rows"]]) == (1, [(3, reason)])


def test_nothing_is_no_balance(bring: Bring, lan: Any) -> None:
    told = bring(row(lan, wallet="points", amount="0"))
    assert (told["new"], told["empty"], told["refused"]) == (0, 1, 0)


def test_the_wallet_and_the_last_day_of_a_whole_file(shop: Any, bring: Bring, lan: Any) -> None:
    bring(row(lan), options=("--yes", "--wallet", "points", "--expires", f"{LATER:%Y-%m-%d}"))
    assert available(shop, lan)["points"] == 300


def test_nobody_else_sees_them(fumi: Any, call: Call, bring: Bring, lan: Any, tmp_path: Path) -> None:
    bring(row(lan, wallet="points"))
    other = bringing_rows(call, fumi, tmp_path / "other.csv", "balances", HEADING)
    assert other(row(lan, wallet="points"))["rows"][0]["reason"] == "unknown_member"


def test_in_words(shop: Any, call: Call, lan: Any, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("\n".join([HEADING, row(lan, wallet="points"), "nobody;points;5;;;;"]), encoding="utf-8")
    said = call("balances", str(file), "--business", shop.slug)
    assert "1 new balances, 0 in already, 0 of nothing, 1 rows not taken." in said.stdout
    assert "points: 300" in said.stdout
    assert "Nothing was written" in said.stdout
    assert "3: is of “nobody”, whom nobody knows" in said.stderr
    wrong = call("balances", str(file), "--business", shop.slug, "--wallet", "stars")
    assert (wrong.exit_code, "the programme has points, miles, card" in wrong.stderr) == (1, True)
