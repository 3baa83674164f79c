"""Charts for the one-file reports of the command line: inline SVG and tables, no script; everything is escaped here."""

from collections.abc import Callable, Sequence
from html import escape

SERIES = ("#0B6B5A", "#C77700", "#2F7FD6", "#5B2A86", "#1A2421")
HEAT = ("#F3FAF8", "#CFE8E1", "#9ED0C3", "#5FAF9E", "#278270", "#0B6B5A", "#063E34")
_DASHES = ("", "6 4", "2 3", "8 3 2 3", "1 4")
_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _FOOT = 640, 230, 88, 16, 14, 26
_LINES = 4
_MOST_LABELS = 6
_WHITE_FROM = 4  # heat steps that need white text

Shown = Callable[[float], str]


def lines(series: Sequence[tuple[str, Sequence[float | None]]], labels: Sequence[str], shown: Shown) -> str:
    """A line for each series over the same labels; None leaves a gap. Up to five."""
    top = _top(value for _, values in series for value in values)
    across = _across(len(labels))
    drawn = [_grid(top, shown), _under(labels)]
    for n, (name, values) in enumerate(series):
        colour, dash = SERIES[n], f' stroke-dasharray="{_DASHES[n]}"' if _DASHES[n] else ""
        path = _path([(across(place), _down(value, top)) for place, value in enumerate(values) if value is not None])
        drawn.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>')
        for place, value in enumerate(values):
            if value is not None:
                told = f"<title>{escape(labels[place])}: {escape(name)} {escape(shown(value))}</title>"
                at = f'cx="{across(place):.1f}" cy="{_down(value, top):.1f}"'
                drawn.append(f'<circle {at} r="3.5" fill="{colour}">{told}</circle>')
    return _figure(drawn, [(name, SERIES[n]) for n, (name, _) in enumerate(series)])


def bars(series: Sequence[tuple[str, Sequence[float]]], labels: Sequence[str], shown: Shown) -> str:
    """Stacked bars, the first series at the bottom. Values ≥ 0."""
    sums = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    top, across = _top(sums), _across(len(labels))
    width = min((_WIDE - _LEFT - _RIGHT) / max(len(labels), 1) * 0.66, 40)
    drawn = [_grid(top, shown), _under(labels)]
    for place, label in enumerate(labels):
        base = 0.0
        for n, (name, values) in enumerate(series):
            high, low = _down(base + values[place], top), _down(base, top)
            base += values[place]
            told = f"<title>{escape(label)}: {escape(name)} {escape(shown(values[place]))}</title>"
            box = f'x="{across(place) - width / 2:.1f}" y="{high:.1f}" width="{width:.1f}" height="{low - high:.1f}"'
            drawn.append(f'<rect {box} fill="{SERIES[n]}">{told}</rect>')
    return _figure(drawn, [(name, SERIES[n]) for n, (name, _) in enumerate(series)])


def hundred(parts: Sequence[tuple[str, int]]) -> str:
    """A hundred people, a dot each, by part; the parts sum to 100."""
    drawn, place = [], 0
    for n, (name, count) in enumerate(parts):
        for _ in range(count):
            x, y = 16 + place % 25 * 24.6, 16 + place // 25 * 26
            drawn.append(
                f'<circle cx="{x:.1f}" cy="{y}" r="9" fill="{SERIES[n]}"><title>{escape(name)}</title></circle>'
            )
            place += 1
    keys = [(f"{name}: {count}", SERIES[n]) for n, (name, count) in enumerate(parts)]
    return _figure(drawn, keys, high=112)


def heat(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[tuple[str, float | None]]]]) -> str:
    """A table whose cells (text, share from 0 to 1 or None) are coloured by their share."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = []
    for name, cells in rows:
        row = "".join(_cell(text, share) for text, share in cells)
        body.append(f"<tr><th>{escape(name)}</th>{row}</tr>")
    return f'<div class="wide"><table class="heat"><thead><tr>{top}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table; the first column is words, the others numbers."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(
        f"<tr><th>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>" for row in rows
    )
    head = f"<thead><tr>{top}</tr></thead>" if any(heads) else ""
    kind = "" if any(heads) else ' class="pair"'
    return f'<div class="wide"><table{kind}>{head}<tbody>{body}</tbody></table></div>'


def folded(title: str, inside: str) -> str:
    """What is opened when wanted: the table behind a chart."""
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _cell(text: str, share: float | None) -> str:
    if share is None:
        return f"<td>{escape(text)}</td>"
    step = min(int(share * len(HEAT)), len(HEAT) - 1)
    ink = "#FFFFFF" if step >= _WHITE_FROM else "#1A2421"
    return f'<td style="background:{HEAT[step]};color:{ink}">{escape(text)}</td>'


def _top(values: object) -> float:
    """A round number not below any value."""
    most = max([value for value in values if value is not None], default=0)  # type: ignore[attr-defined]
    if most <= 0:
        return 1.0
    unit = 10 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    return float(next(unit * n for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if unit * n >= most))


def _across(count: int) -> Callable[[int], float]:
    room = (_WIDE - _LEFT - _RIGHT) / max(count, 1)
    return lambda place: _LEFT + room * (place + 0.5)


def _down(value: float, top: float) -> float:
    return _TOP + (_HIGH - _TOP - _FOOT) * (1 - value / top)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))


def _grid(top: float, shown: Shown) -> str:
    drawn = []
    for n in range(_LINES + 1):
        y = _down(top * n / _LINES, top)
        drawn.append(f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#D9DDD8"/>')
        drawn.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(shown(top * n / _LINES))}</text>'
        )
    return "".join(drawn)


def _under(labels: Sequence[str]) -> str:
    across, every = _across(len(labels)), -(-len(labels) // _MOST_LABELS) or 1
    return "".join(
        f'<text x="{across(n):.1f}" y="{_HIGH - 8}" text-anchor="middle">{escape(label)}</text>'
        for n, label in enumerate(labels)
        if n % every == 0
    )


def _figure(drawn: Sequence[str], keys: Sequence[tuple[str, str]], *, high: int = _HIGH) -> str:
    legend = "".join(f'<li><i style="background:{colour}"></i>{escape(name)}</li>' for name, colour in keys)
    return (
        f'<figure><svg viewBox="0 0 {_WIDE} {high}" role="img">{"".join(drawn)}</svg>'
        f'<figcaption><ul class="keys">{legend}</ul></figcaption></figure>'
    )
