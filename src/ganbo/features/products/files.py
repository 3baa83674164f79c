"""A file of products, read: a heading, then an item a line. Pure."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ganbo.books.events.body import MOST_MINOR_UNITS
from ganbo.features.products.queries import ProductRow
from ganbo.kernel import money
from ganbo.kernel.fold import fold

MOST_LINES = 1_000_000
MOST_BYTES = 64 * 1024 * 1024
MOST_LABELS = 20
_LONGEST = {"sku": 64, "name": 200, "category": 64, "label": 64}
_NAMES = {
    "sku": ("sku", "ma", "ma hang", "ma san pham", "code", "id"),
    "name": ("name", "ten", "ten hang", "ten san pham", "product"),
    "category": ("category", "nhom", "nhom hang", "danh muc", "loai"),
    "labels": ("labels", "label", "nhan", "tags"),
    "price": ("price", "gia", "gia ban", "don gia"),
    "cost": ("cost", "gia von", "gia nhap"),
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names}
_LIST = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LISTS = ("price:", "gia:")  # "price:members" is what members pay


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be taken; `reason` is products.line_… and `what` the cell that is wrong."""

    number: int
    reason: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds; `unread` are columns nobody knows."""

    rows: list[ProductRow] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    twice: int = 0


def read(text: str, *, currency: str) -> Read:
    """The items of a CSV file (comma, semicolon or tab); of a SKU that stands twice the last one counts.

    Columns in English or Vietnamese, any order: sku, name, category, labels (with | between), price, cost, price:LIST.
    Prices as people write them, in units of `currency`: 29.000 or 29000 of VND, 12.50 of EUR.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines:
        return Read(bad=[Bad(1, "products.line_heading")])
    rows = csv.reader(lines, delimiter=max("\t;,", key=lines[0].count))
    heading = next(rows)
    columns = [_column(cell) for cell in heading]
    if columns.count("sku") != 1:
        return Read(bad=[Bad(1, "products.line_heading")])
    unread = [cell.strip() for cell, column in zip(heading, columns, strict=True) if not column and cell.strip()]
    found: dict[str, ProductRow] = {}
    bad: list[Bad] = []
    twice = 0
    for number, cells in _numbered(rows):
        one = _row(number, columns, cells, currency)
        if isinstance(one, Bad):
            bad.append(one)
        else:
            twice += one.sku in found
            found[one.sku] = one
    return Read(list(found.values()), bad, unread, twice)


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, with their numbers in the file."""
    for number, cells in enumerate(islice(rows, MOST_LINES), 2):
        if any(cell.strip() for cell in cells):
            yield number, [cell.strip() for cell in cells]


def _column(heading: str) -> str:
    """What stands in a column: one of ours, `price:LIST`, or nothing we know."""
    plain = " ".join(fold(heading).replace("_", " ").split())
    for start in _LISTS:
        if plain.startswith(start):
            name = plain.removeprefix(start).strip().replace(" ", "-")
            return f"price:{name}" if _LIST.fullmatch(name) else ""
    return _COLUMNS.get(plain, "")


def _row(number: int, columns: list[str], cells: list[str], currency: str) -> ProductRow | Bad:
    if len(cells) > len(columns):
        return Bad(number, "products.line_cells")
    told = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell}
    labels = tuple(label.strip() for label in told.get("labels", "").split("|") if label.strip())
    sku = told.get("sku", "")
    if not sku or not _fits("sku", sku):
        return Bad(number, "products.line_sku")
    for column in ("name", "category"):
        if not _fits(column, told.get(column, "")):
            return Bad(number, "products.line_long", told[column][:40])
    if len(labels) > MOST_LABELS or not all(_fits("label", label) for label in labels):
        return Bad(number, "products.line_labels")
    amounts: dict[str, int] = {}
    for column, cell in told.items():
        if column in ("price", "cost") or column.startswith("price:"):
            amount = money.written(cell, currency)
            if amount is None or amount > MOST_MINOR_UNITS:
                return Bad(number, "products.line_money", cell[:40])
            amounts[column] = amount
    lists = {column.removeprefix("price:"): n for column, n in amounts.items() if column.startswith("price:")}
    return ProductRow(
        sku, told.get("name", ""), told.get("category", ""), labels, amounts.get("price"), amounts.get("cost"), lists
    )


def _fits(column: str, cell: str) -> bool:
    return len(cell) <= _LONGEST[column] and cell.isprintable()
