"""Lines over months as SVG made on the server: no script, no style attribute; labels and table stand in the page beside it."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, ROOM = 600, 160, 8
MOST_LINES = 5  # more cannot be told apart
Values = Sequence[float | None]


def svg(lines: Sequence[Values], label: str) -> SafeString:
    """Lines of equal length on one scale that includes nought; a month without a value is a gap."""
    known = [value for line in lines for value in line if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    parts = [_line(line, n, low, high) for n, line in enumerate(lines[:MOST_LINES])]
    axes = [HEIGHT - ROOM, HEIGHT // 2, ROOM]
    return format_html(
        '<svg class="c-trend" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">'
        '<path class="c-chart-axis" d="{}" vector-effect="non-scaling-stroke"/>{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        "".join(f"M0 {y}H{WIDTH}" for y in axes),
        SafeString("".join(parts)),
    )


def _line(values: Values, place: int, low: float, high: float) -> SafeString:
    step = (WIDTH - 2 * ROOM) / max(len(values) - 1, 1)
    reach = high - low or 1.0
    runs: list[list[str]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{ROOM + n * step:.1f},{HEIGHT - ROOM - (value - low) / reach * (HEIGHT - 2 * ROOM):.1f}")
    drawn = []
    for run in filter(None, runs):
        points = run if len(run) > 1 else [run[0], run[0]]
        drawn.append(
            format_html(
                '<polyline class="c-series c-series-{}" points="{}" vector-effect="non-scaling-stroke"/>',
                place + 1,
                " ".join(points),
            )
        )
    return SafeString("".join(drawn))
