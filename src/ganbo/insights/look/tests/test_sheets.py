"""Rows by the names of their columns: every batch of a file, however it was read."""

from pathlib import Path

import pytest

from ganbo.insights.look import files, sheets
from ganbo.insights.look.sheets import Fields

FIELDS = Fields({"who": ("who",), "amount": ("amount",)}, lambda found: [])


@pytest.mark.parametrize("odd", ['"7, and more",7', "7", "\ufeff7,7", "7,7"])
def test_a_file_of_several_batches_comes_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    """The first batch is read row by row, plain ones after it all at once: an import broke off where they began."""
    monkeypatch.setattr(files, "BATCH", 3)
    file = tmp_path / "rows.csv"
    lines = [f"{n},{n}" if n != 7 else odd for n in range(1, 12)]
    file.write_text("\n".join(["who,amount", *lines]), encoding="utf-8")
    sheet = sheets.opened(file, FIELDS, {})
    rows = [row for batch in sheet.batches() for row in batch]
    assert [row.cells["amount"] for row in rows if row.line != 8] == [str(n) for n in range(1, 12) if n != 7]
    assert len(rows) + len(sheet.left) == 11, "read, or told"
    copied = list(sheets.copied(file, {3: "because", 11: "because"}, "reason"))
    assert copied == [["who", "amount", "reason"], ["2", "2", "because"], ["10", "10", "because"]]
