"""A file of products as shops export it: headings in two languages, prices as people write them, each wrong line named."""

import pytest

from ganbo.features.products import files
from ganbo.features.products.queries import ProductRow

RICE = ProductRow("rice", "Gạo ST25", "food", ("own", "member"), 29_000, 21_000, {"members": 27_500})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sku,name,category,labels,price,cost,price:members\nrice,Gạo ST25,food,own|member,29000,21000,27500\n", "plain"),
        ("\ufeffMã;Tên;Nhóm;Nhãn;Giá;Giá vốn;Giá: Members\nrice;Gạo ST25;food;own | member;29.000;21 000;27.500", "in Vietnamese"),
        ('price\tsku\tname\tcategory\tlabels\tcost\tprice:members\n"29,000"\trice\tGạo ST25\tfood\town|member\t21000\t27500', "tabs"),
        ("sku,name,category,labels,price,cost,price:members\r\n\r\nrice,Gạo ST25,food,own|member,29000,21000,27500\r\n,,,\r\n", "gaps"),
    ],
)  # fmt: skip
def test_the_same_item_however_it_is_written(text: str, why: str) -> None:
    assert files.read(text, currency="VND") == files.Read([RICE], [], [], 0), why


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Rice,food,,1", "products.line_sku"),
        ("x" * 65 + ",Rice,food,,1", "products.line_sku"),
        ("rice," + "x" * 201 + ",food,,1", "products.line_long"),
        ("rice,Rice,food," + "|".join(f"l{n}" for n in range(21)) + ",1", "products.line_labels"),
        ("rice,Rice,food,,free", "products.line_money"),
        ("rice,Rice,food,,-1", "products.line_money"),
        ("rice,Rice,food,,12.5", "products.line_money"),
        ("rice,Rice,food,,1,2", "products.line_cells"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_stay(line: str, reason: str) -> None:
    found = files.read(f"sku,name,category,labels,price\ntea,Trà,drink,,9000\n{line}\n", currency="VND")
    assert [row.sku for row in found.rows] == ["tea"]
    assert [(bad.number, bad.reason) for bad in found.bad] == [(3, reason)]


@pytest.mark.parametrize("text", ["", "name,price\nTea,1\n", "sku,code\nx,y\n"])
def test_without_a_column_of_skus_nothing_is_read(text: str) -> None:
    found = files.read(text, currency="VND")
    assert (found.rows, [bad.reason for bad in found.bad]) == ([], ["products.line_heading"])


def test_the_last_of_two_counts_and_strange_columns_are_told() -> None:
    found = files.read("sku,price,Supplier\ntea,12.5,A\ntea,13,B\n", currency="EUR")
    assert ([row.price for row in found.rows], found.twice, found.unread) == ([1_300], 1, ["Supplier"])
