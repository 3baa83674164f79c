"""A small line as SVG made on the server: no script, no style attribute; its table stands beside it."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, ROOM = 120, 32, 3


def points_of(values: Sequence[float]) -> str:
    """`x,y` pairs from left to right; a flat line lies in the middle."""
    least, most = min(values), max(values)
    reach = most - least
    step = (WIDTH - 2 * ROOM) / max(len(values) - 1, 1)
    pairs = []
    for place, value in enumerate(values):
        part = (value - least) / reach if reach else 0.5
        pairs.append(f"{ROOM + place * step:.1f},{HEIGHT - ROOM - part * (HEIGHT - 2 * ROOM):.1f}")
    return " ".join(pairs)


def svg(values: Sequence[float], label: str) -> SafeString:
    """The line with a dot on the last value, and `label` for who cannot see it; empty without values."""
    if not values:
        return SafeString("")
    points = points_of(values)
    x, _, y = points.rpartition(" ")[2].partition(",")
    return format_html(
        '<svg class="c-spark" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"'
        ' stroke-linecap="round" vector-effect="non-scaling-stroke"/><path d="M{} {}h0" stroke="currentColor"'
        ' stroke-width="7" stroke-linecap="round" vector-effect="non-scaling-stroke"/></svg>',
        WIDTH,
        HEIGHT,
        label,
        points,
        x,
        y,
    )
