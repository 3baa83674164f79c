"""A line over time as SVG made on the server, with an optional band: no script, no style attribute; labels stand in the page beside it."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, ROOM = 600, 160, 4
Values = Sequence[float]


def svg(lines: Sequence[Values], label: str, *, most: float, band: tuple[Values, Values] | None = None) -> SafeString:
    """Lines of equal length from 0 to `most`, the first strong, the others dashed; `band`: low and high around the first."""
    parts = []
    if band is not None:
        low, high = (_points(values, most) for values in band)
        outline = " ".join([*high, *reversed(low)])
        parts.append(format_html('<polygon class="c-chart-band" points="{}"/>', outline))
    for n, values in enumerate(lines):
        parts.append(
            format_html(
                '<polyline class="c-chart-line{}" points="{}" vector-effect="non-scaling-stroke"/>',
                " second" if n else "",
                " ".join(_points(values, most)),
            )
        )
    return format_html(
        '<svg class="c-chart-svg" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">'
        '<path class="c-chart-axis" d="M0 {}H{}M0 {}H{}" vector-effect="non-scaling-stroke"/>{}</svg>',
        WIDTH, HEIGHT, label, HEIGHT - ROOM, WIDTH, HEIGHT // 2, WIDTH, SafeString("".join(parts)),
    )  # fmt: skip


def _points(values: Values, most: float) -> list[str]:
    step = WIDTH / max(len(values) - 1, 1)
    reach = HEIGHT - 2 * ROOM
    return [f"{n * step:.1f},{HEIGHT - ROOM - (v / most if most else 0) * reach:.1f}" for n, v in enumerate(values)]
