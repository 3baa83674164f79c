"""Thirty kinds of dirt in one file: each is read right or told with its line and reason, and nothing is lost."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ganbo.foundation import chance
from ganbo.insights.look import columns, files, reading

TODAY = date(2026, 11, 27)
HEADING = "Mã hóa đơn;Khách hàng;Ngày giờ;Thành tiền;Ghi chú"

# what stands in the file → the order, member, day and amount it means
RIGHT = [
    ("A1;Lan;23/11/2026 10:05;110.000;", ("A1", "Lan", "2026-11-23", 110000)),  # the usual
    ("A2;Lan;23/11/2026;1.234.567,50;", ("A2", "Lan", "2026-11-23", 1234567.5)),  # two separators
    ("A3;Lan;2026-11-23;45000;", ("A3", "Lan", "2026-11-23", 45000)),  # ISO
    ("A4;Lan;2026-11-23T23:30:00Z;5.000;", ("A4", "Lan", "2026-11-24", 5000)),  # another zone: the shop's next day
    ("A5;Lan;1.2.26;5.000;", ("A5", "Lan", "2026-02-01", 5000)),  # dots and a short year
    ("A6;Lan;20261123;5.000;", ("A6", "Lan", "2026-11-23", 5000)),  # no separators
    ("A7;Lan;46349;5.000;", ("A7", "Lan", "2026-11-23", 5000)),  # Excel's number of a day
    ("A8;Lan;23/11/2026 10:05 CH;45.000 ₫;", ("A8", "Lan", "2026-11-23", 45000)),  # afternoon, currency
    ("A9;Lan;23-11-2026 10:05:59;VNĐ 45 000;", ("A9", "Lan", "2026-11-23", 45000)),  # blanks in a number
    ("A10;Lan;23/11/2026;(12.000);", ("A10", "Lan", "2026-11-23", -12000)),  # brackets: a return
    ("A11;Lan;23/11/2026;-12.000;", ("A11", "Lan", "2026-11-23", -12000)),  # a return alone
    ("A12;Lan;23/11/2026;12.000-;", ("A12", "Lan", "2026-11-23", -12000)),  # the sign behind
    ("A13;Lan;23/11/2026;−5.000;", ("A13", "Lan", "2026-11-23", -5000)),  # the printer's minus
    ("A14; ;23/11/2026;5.000;", ("A14", None, "2026-11-23", 5000)),  # nobody
    ("A15;Khách lẻ;23/11/2026;5.000;", ("A15", None, "2026-11-23", 5000)),  # the walk-in customer
    ('A16;"Lan; Minh";23/11/2026;5.000;', ("A16", "Lan; Minh", "2026-11-23", 5000)),  # a separator in quotes
    ('A17;="0912";23/11/2026;5.000;', ("A17", "0912", "2026-11-23", 5000)),  # Excel's way to keep a zero
    (" A18 ;Lan\u00a0;23/11/2026;5.000;", ("A18", "Lan", "2026-11-23", 5000)),  # blanks around
    ("A19;Lan;23/11/2026;5.000;;;", ("A19", "Lan", "2026-11-23", 5000)),  # empty columns too many
    ("A20;Lan;23/11/2026;0;", ("A20", "Lan", "2026-11-23", 0)),  # nothing to pay
    ("A21;Lan;23/11/2026;12,5;", ("A21", "Lan", "2026-11-23", 12.5)),  # a decimal comma
    ('A22;Lan;23/11/2026;5.000;"two\nlines"', ("A22", "Lan", "2026-11-23", 5000)),  # a note that breaks the line
]
# what stands in the file → why it is left out
WRONG = [
    ("B1;Lan;31/11/2026;5.000;", "bad_date"),
    ("B2;Lan;hôm qua;5.000;", "bad_date"),
    ("B3;Lan;00/00/0000;5.000;", "bad_date"),
    ("B4;Lan;23/11/2027;5.000;", "future_date"),
    ("B5;Lan;23/11/1926;5.000;", "old_date"),
    ("B6;Lan;;5.000;", "no_date"),
    ("B7;Lan;23/11/2026;;", "no_amount"),
    ("B8;Lan;23/11/2026;năm nghìn;", "bad_amount"),
    ("B9;Lan;23/11/2026;1.23.456;", "bad_amount"),
    ("B10;Lan;23/11/2026;999999999999999;", "bad_amount"),
    ("B11;Lan;23/11/2026;NaN;", "bad_amount"),
    (";Lan;23/11/2026;5.000;", "no_order_id"),
    ("B13;Lan;23/11/2026", "columns"),
    ("B14;Lan;23/11/2026;5.000;;x", "columns"),
    ("B15;L\0an;23/11/2026;5.000;", "nul"),
    ('B16;"Lan\nMinh";23/11/2026;5.000;', "line_break"),
    (HEADING, "heading_again"),
    (";;;Tổng cộng 1.234;", "no_order_id"),
    ("==========", "columns"),
]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "sales.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_thirty_kinds_of_dirt_are_read_right_or_told(tmp_path: Path) -> None:
    above = ["BÁO CÁO BÁN HÀNG", "", HEADING]
    body = [line for line, _ in RIGHT] + ["", ";;;;", "   "] + [line for line, _ in WRONG]
    file = written(tmp_path, "\r\n".join(above + body) + "\r\n")
    read = reading.read(file, reading.Asked(anonymous=("khách lẻ",), today=TODAY))
    found = {row["order_id"]: row for row in read.orders.iter_rows(named=True)}
    for line, (order, member, day, amount) in RIGHT:
        row = found.pop(order)
        assert (row["member"], row["day"].isoformat(), row["amount"] / 10_000) == (member, day, amount), line
    assert found == {}
    starts, at = {}, 1
    for line in above + body:
        starts.setdefault(line, at)
        at += 1 + line.count("\n")
    expected = [(1, "above_heading")] + [(at, why) for line, why in WRONG for at in [starts[line]]]
    expected[17] = (starts[WRONG[15][0]] + 2, "heading_again")  # the second time it stands there
    assert [(one.line, one.reason) for one in read.problems] == expected
    assert read.rows == len(RIGHT) + len(WRONG) + 1
    assert read.rows == len(RIGHT) + read.reasons.total()
    assert (read.blank, read.anonymous_rows) == (4, 2)


def test_a_broken_letter_and_an_open_quote_are_told(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    good = "".join(f"A{n},Nguyễn Thị Lan,2026-11-23,5\n" for n in range(30))
    tail = b'C1,L\xffan,2026-11-23,5\nC2,"Lan,2026-11-23,5\n' + b"C3,Lan,2026-11-23,5\n" * 3
    file.write_bytes(("order_id,member,occurred_at,amount\n" + good).encode() + tail)
    read = reading.read(file, reading.Asked(today=TODAY))
    assert read.orders.height == 30
    assert [(one.line, one.reason) for one in read.problems] == [(32, "encoding"), (33, "columns")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_tills(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["Số HĐ", "Khách hàng", "Ngày", "Tổng tiền"], ["1", "Hạnh", "23/11/2026", "45.000"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    if encoding == "cp1258":  # composes vowels, and keeps their tones apart
        text = text.replace("ạ", "a\u0323").replace("ố", "ô\u0301").replace("ổ", "ô\u0309").replace("ề", "ê\u0300")
    read = reading.read(written(tmp_path, text, encoding), reading.Asked(today=TODAY))
    assert read.heading == rows[0]
    assert read.orders.rows() == [("1", "Hạnh", date(2026, 11, 23), 450_000_000)]


def test_parquet_and_xlsx(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "order_id": [1, 2],
            "member": ["Lan", None],
            "date": [date(2026, 11, 23)] * 2,
            "qty": [2, 1],
            "price": [45000.5, 1.0],
        }
    )
    frame.write_parquet(tmp_path / "sales.parquet")
    read = reading.read(tmp_path / "sales.parquet", reading.Asked(today=TODAY))
    assert sorted(read.orders.rows()) == [
        ("1", "Lan", date(2026, 11, 23), 900_010_000),
        ("2", None, date(2026, 11, 23), 10_000),
    ]
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(files.Unreadable):
        reading.read(tmp_path / "broken.xlsx", reading.Asked())


def test_lines_make_an_order_and_a_return_lowers_it(tmp_path: Path) -> None:
    text = "order_id,member,occurred_at,quantity,unit_price,discount\n"
    text += "1,Lan,2026-11-20,2,55000,10000\n1,,2026-11-20,0.35,100000,\n1,Lan,2026-11-25,-1,55000,0\n1,Minh,2026-11-20,0,1,0\n"
    read = reading.read(written(tmp_path, text), reading.Asked(today=TODAY))
    assert read.orders.rows() == [("1", "Lan", date(2026, 11, 20), 800_000_000)]
    assert (read.two_members, read.many_days) == (1, 1)


def test_american_dates_and_english_numbers_are_told_by_the_column(tmp_path: Path) -> None:
    text = 'order,customer,date,total\n1,Lan,11/23/2026,"1,234.50"\n2,Lan,02/03/2026,"1,234"\n'
    read = reading.read(written(tmp_path, text), reading.Asked(today=TODAY))
    assert sorted(read.orders.rows()) == [
        ("1", "Lan", date(2026, 11, 23), 12_345_000),
        ("2", "Lan", date(2026, 2, 3), 12_340_000),
    ]
    assert read.styles == {"date": "month_first", "amount": "point"}


def test_columns_are_mapped_or_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, "order_id,member,occurred_at,x,y\n1,Lan,2026-11-23,7,8\n")
    with pytest.raises(columns.NoColumns) as lacking:
        reading.read(file, reading.Asked())
    assert lacking.value.lacking == ["amount"]
    assert reading.read(file, reading.Asked(told={"amount": "y"})).orders["amount"][0] == 80_000
    with pytest.raises(columns.MapUnknown):
        reading.read(file, reading.Asked(told={"amount": "z"}))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_parted_at_once_are_read_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Blocks without quotes and of one width are parted all at once; the end must be the same, row by row."""
    draw, lines = chance.seeded(11), ["order_id,member,occurred_at,amount,note"]
    for n in range(400):
        row = f"B{n},  K{n % 17} ,2026-{n % 12 + 1:02d}-{n % 28 + 1:02d},{1000 + n}, x"
        dirty = draw.randrange(60)
        if dirty == 0:
            row = f'B{n},"K, {n % 3}",2026-01-01,5,"two\nlines"'
        elif dirty == 1:
            row = row.replace(",", "", 1)
        elif dirty == 2:
            row = ["", ",,,,", " , ,, ,", "B,,2026-13-01,1,"][n % 4]
        lines.append(row)
    file = tmp_path / "sales.csv"
    file.write_bytes(ends.join(lines).encode())
    monkeypatch.setattr(files, "_whole", lambda *_: None)
    slow = reading.read(file, reading.Asked())
    monkeypatch.undo()
    monkeypatch.setattr(files, "BATCH", 23)
    quick = reading.read(file, reading.Asked())
    for name in ("rows", "blank", "anonymous_rows", "reasons", "problems", "two_members", "many_days"):
        assert getattr(quick, name) == getattr(slow, name), name
    assert quick.orders.sort("order_id").equals(slow.orders.sort("order_id"))
    assert slow.blank > 3
    assert slow.reasons.total() > 5
