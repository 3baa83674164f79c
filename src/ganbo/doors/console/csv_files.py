"""A table as a CSV file that spreadsheets open, and that none of them runs."""

import csv
from collections.abc import Sequence
from io import StringIO

from django.http import HttpResponse


def csv_of(name: str, heading: list[str], rows: Sequence[Sequence[object]]) -> HttpResponse:
    """A table as a file that spreadsheets open."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([["" if cell is None else _plain(cell) for cell in row] for row in rows])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _plain(cell: object) -> object:
    """No text that a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
