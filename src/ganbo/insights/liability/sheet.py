"""The roll-forward as a sheet: one row a wallet and period, units first, then money."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from ganbo.insights.liability.journal import written
from ganbo.insights.liability.statement import COLUMNS

STANDS = ("usable", "waiting", "held", "owed", "late")
HEADING = ("wallet", "period", *COLUMNS, *STANDS, *(f"{name}_value" for name in COLUMNS), "currency")


def text(shown: dict[str, Any], *, decimals: int) -> Iterator[str]:
    """CSV lines with heading, for UTF-8 with a byte order mark first; money in the currency's own decimals."""
    yield "\ufeff" + _row(HEADING)
    for wallet in shown["wallets"]:
        for row in wallet["rows"]:
            units = [row[name] for name in (*COLUMNS, *STANDS)]
            money = [written(row["money"][name], decimals) for name in COLUMNS]
            yield _row((wallet["wallet"], row["period"].isoformat(), *units, *money, shown["currency"]))


def _row(cells: tuple[Any, ...]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
