"""Sample rows for the component gallery; the cast of the project's tests."""

from datetime import UTC, datetime, timedelta

import segno

from ganbo.doors.ui.units import Unit
from ganbo.foundation import clock


def rows() -> dict[str, object]:
    """The gallery's context."""
    now = clock.now()
    return {
        "now": now,
        "unit": Unit("điểm"),
        "ten_minutes_ago": now - timedelta(minutes=10),
        "long_ago": datetime(2026, 3, 12, 3, 20, tzinfo=UTC),
        "series": [41, 44, 40, 47, 52, 49, 51, 55, 54, 58, 57, 57, 61],
        "qr": segno.make("ganbo:card:0190-3f2a-gallery", error="m").svg_inline(scale=4, border=0, omitsize=True),
        "options": [("anh", "anh"), ("chi", "chị"), ("co", "cô"), ("chu", "chú"), ("em", "em")],
        "columns": [("", "Thành viên"), ("end", "Hóa đơn"), ("end", "Điểm")],
    }
