"""Groups' figures with their intervals on one scale, as SVG made on the server; the table beside it says the same."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, ROOM, ROW = 320, 8, 28


def svg(low: float, mean: float, high: float, *, scale: tuple[float, float], label: str) -> SafeString:
    """One group: a bar from low to high with a dot at the mean."""
    least, most = scale
    reach = (most - least) or 1.0

    def x(value: float) -> str:
        return f"{ROOM + (min(max(value, least), most) - least) / reach * (WIDTH - 2 * ROOM):.1f}"

    return format_html(
        '<svg class="c-interval" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="c-interval-axis" d="M{} {}H{}"/>'
        '<path class="c-interval-bar" d="M{} {}H{}"/><circle class="c-interval-dot" cx="{}" cy="{}" r="5"/></svg>',
        WIDTH, ROW, label, ROOM, ROW // 2, WIDTH - ROOM, x(low), ROW // 2, x(high), x(mean), ROW // 2,
    )  # fmt: skip


def scale(intervals: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """From the lowest to the highest of all."""
    return min(low for low, _ in intervals), max(high for _, high in intervals)
