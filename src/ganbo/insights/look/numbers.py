"""Amounts as people and tills write them: `1.234.567,50`, `1,234.50`, `45.000 ₫`, `(12.000)`, `-5`.

Kept as whole ten-thousandths, so that sums are exact.
"""

import re
from decimal import Decimal, InvalidOperation

import polars as pl

SCALE = 10_000
MOST = 100_000_000_000  # a line above this is a slip, not a sale
_SIGNS = re.compile(r"(?i)₫|vn[dđ]|\$|usd|€|đồng|đ(?=\s*\)?$)|[\s\u00a0\u202f_']")
_POINT = r"^[-+]?\d+(\.\d+)?$"
_COMMA = r"^[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"


def style(cells: pl.Series) -> str:
    """`point` (1,234.50) or `comma` (1.234,50) by what the cells say; `1.234` alone is the Vietnamese 1234."""
    bare = cells.str.replace_all(r"[^\d.,]", "")
    exact = cells.str.starts_with("=")
    bare = bare.filter(~exact.fill_null(False))

    def count(pattern: str) -> int:
        return int(bare.str.contains(pattern).sum() or 0)

    point = (
        count(r",.*\.\d*$") + count(r"^\d*\.(\d{1,2}|\d{4,})$") + count(r"^\d{1,3}(,\d{3}){2,}$") + count(r"^0\.\d+$")
    )
    point += count(r"^\d{4,}\.\d{3}$")
    comma = (
        count(r"\..*,\d*$") + count(r"^\d*,(\d{1,2}|\d{4,})$") + count(r"^\d{1,3}(\.\d{3}){2,}$") + count(r"^0,\d+$")
    )
    comma += count(r"^\d{4,},\d{3}$")
    if point == comma:
        return "point" if count(r"^\d{1,3},\d{3}$") > count(r"^\d{1,3}\.\d{3}$") else "comma"
    return "point" if point > comma else "comma"


def read(cells: pl.Series, way: str) -> pl.Series:
    """Each cell as ten-thousandths, null where it is no amount."""
    plain = (
        cells if way == "point" else cells.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    )
    fits = cells.str.contains(_POINT if way == "point" else _COMMA).fill_null(False)
    frame = pl.DataFrame({"cell": cells, "plain": plain, "fits": fits})
    quick = pl.when(pl.col("fits")).then(pl.col("plain").cast(pl.Float64, strict=False))
    value = frame.select(
        pl.when(quick.abs() < MOST).then((quick * SCALE).round(0)).cast(pl.Int64, strict=False).alias("value")
    )["value"]
    rest = cells.filter(~fits & cells.is_not_null()).unique()
    if not rest.len():
        return value
    slow = pl.DataFrame({"cell": rest, "slow": pl.Series([one(cell, way) for cell in rest.to_list()], dtype=pl.Int64)})
    joined = frame.select("cell").join(slow, on="cell", how="left", maintain_order="left")["slow"]
    return pl.select(pl.when(pl.lit(fits)).then(pl.lit(value)).otherwise(pl.lit(joined)))[:, 0]


def one(cell: str, way: str) -> int | None:
    """One cell, with currency, brackets and either separator."""
    exact = cell.startswith("=")
    text = _SIGNS.sub("", cell.removeprefix("=").strip('"').replace("\u2212", "-").replace("\u2013", "-"))
    negative = (text.startswith("(") and text.endswith(")")) or text.endswith("-")
    text = text.strip("()") if text.startswith("(") else text.removesuffix("-")
    if not exact:
        text = _pointed(text, way) or ""
    elif not re.fullmatch(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", text.lower()):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) >= MOST:
        return None
    return round(-value * SCALE if negative else value * SCALE)


def _pointed(text: str, way: str) -> str | None:
    """Only digits, a sign and one decimal point; None when it is no number."""
    sign, digits = ("-", text[1:]) if text[:1] == "-" else ("", text.removeprefix("+"))
    if not re.fullmatch(r"\d[\d.,]*|[.,]\d+", digits):
        return None
    if "." in digits and "," in digits:
        mark = max(".", ",", key=digits.rfind)
    elif len(re.findall(r"[.,]", digits)) != 1:
        mark = "" if re.search(r"[.,]", digits) else "."
    else:
        found = "." if "." in digits else ","
        thousands = re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits) and found != ("." if way == "point" else ",")
        mark = "" if thousands else found
    whole, _, part = digits.rpartition(mark) if mark and mark in digits else (digits, "", "")
    if re.search(r"[.,]", whole) and not re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})*", whole):
        return None
    return f"{sign}{re.sub('[.,]', '', whole) or '0'}.{part or '0'}"
