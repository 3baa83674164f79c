"""Squares whose colour says how much, and bands between tiers, as SVG made on the server: no script, no style attribute."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

CELL, ROW, HEAD, SIDE = 48, 32, 28, 128
SHADES, LIGHT_FROM = 7, 4  # white text from the fifth shade on
_WIDE, _TALL, _BAR, _GAP = 520, 260, 14, 22


@dataclass(frozen=True, slots=True)
class Square:
    """`share` of the darkest, 0 to 1; None: there is nothing to tell."""

    text: str
    share: float | None


def svg(
    columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Square]]], label: str, *, small: bool = False
) -> SafeString:
    """Columns have heads, rows a name at the left."""
    width, height = SIDE + CELL * len(columns) + 10, HEAD + ROW * len(rows)
    parts = [_text(SIDE + CELL * n + CELL / 2, HEAD - 9, name, "head", "middle") for n, name in enumerate(columns)]
    for place, (name, squares) in enumerate(rows):
        top = HEAD + ROW * place
        parts.append(_text(0, top + 21, name, "head", "start"))
        parts += [_square(SIDE + CELL * n, top, square) for n, square in enumerate(squares) if square.share is not None]
    return format_html(
        '<svg class="c-heat{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        " small" if small else "", width, height, label, SafeString("".join(parts)),
    )  # fmt: skip


def _square(x: float, y: float, square: Square) -> SafeString:
    shade = min(int((square.share or 0) * SHADES), SHADES - 1)
    box = format_html(
        '<rect class="c-h{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>', shade, x + 1, y + 1, CELL - 2, ROW - 2
    )
    return box + _text(x + CELL / 2, y + 21, square.text, "light" if shade >= LIGHT_FROM else "", "middle")


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', kind, x, round(y, 1), anchor, text)


def flow(names: Sequence[str], moves: dict[tuple[int, int], int], label: str) -> SafeString:
    """Bands from the places at the left to those at the right, as thick as many go; `names`: from the highest down."""
    scale = (_TALL - _GAP * len(names)) / (sum(moves.values()) or 1)
    sides = (_tops(names, moves, 0, scale), _tops(names, moves, 1, scale))
    used, parts = [[0.0] * len(names), [0.0] * len(names)], []
    for (a, b), number in sorted(moves.items()):
        ends = (sides[0][a] + used[0][a], sides[1][b] + used[1][b])
        used[0][a] += number * scale
        used[1][b] += number * scale
        kind = "new" if a == len(names) - 1 else "down" if b > a else ""
        parts.append(_band(kind, *ends, max(number * scale, 0.5)))
    for n, name in enumerate(names):
        for side in (0, 1):
            number = sum(count for move, count in moves.items() if move[side] == n)
            if number:
                parts.append(_bar(side, sides[side][n], number * scale, f"{name} {number}"))
    return format_html(
        '<svg class="c-heat bands" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>', _WIDE, _TALL, label,
        SafeString("".join(parts)),
    )  # fmt: skip


def _band(kind: str, y0: float, y1: float, thick: float) -> SafeString:
    x0, x1, mid = SIDE + _BAR, _WIDE - SIDE - _BAR, _WIDE // 2
    there = f"M{x0} {y0:.1f}C{mid} {y0:.1f} {mid} {y1:.1f} {x1} {y1:.1f}"
    back = f"v{thick:.1f}C{mid} {y1 + thick:.1f} {mid} {y0 + thick:.1f} {x0} {y0 + thick:.1f}z"
    return format_html('<path class="flow {}" d="{}{}"/>', kind, there, back)


def _bar(side: int, top: float, tall: float, text: str) -> SafeString:
    x = _WIDE - SIDE - _BAR if side else SIDE
    at, anchor = (_WIDE - SIDE + 8, "start") if side else (SIDE - 8, "end")
    bar = format_html(
        '<rect class="c-h5" x="{}" y="{}" width="{}" height="{}"/>', x, round(top, 1), _BAR, round(max(tall, 1), 1)
    )
    return bar + _text(at, top + max(tall / 2, 6) + 4, text, "", anchor)


def _tops(names: Sequence[str], moves: dict[tuple[int, int], int], side: int, scale: float) -> list[float]:
    """Where each name's bar begins."""
    tops, y = [], _GAP / 2
    for n in range(len(names)):
        tops.append(y)
        y += sum(number for move, number in moves.items() if move[side] == n) * scale + _GAP
    return tops
