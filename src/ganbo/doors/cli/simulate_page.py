"""`ganbo simulate --html`: drafts side by side, as one page with charts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganbo.doors.cli import page, page_charts, simulate_tables
from ganbo.insights.look.sentences import number, percent, pick
from ganbo.insights.simulation import sentences

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme

_TABLE = ("Xem bảng", "Show the table")
_TILES = 8  # the first figures are the ones to see first
_MOST_DRAWN = 5


def write(path: Path, name: str, found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> None:
    """The page, at `path`; `name` is the sales file, or the business."""
    parts = [page.section(pick(("Giả định", "Supposed"), lang), page.listed(sentences.assumptions(found[0], lang)))]
    for one, draft in zip(found, drafts, strict=True):
        said = [sentences.finding(finding, draft, lang) for finding in one["findings"]]
        if "against" in one:
            said.insert(0, sentences.against(one["against"], found[0]["programme"], draft, lang))
        figures = list(sentences.figures(one, draft, lang).items())
        inside = [page.tiles([(label.strip(), value) for label, value in figures[:_TILES]]), page.told(said)]
        parts.append(page.section(one["programme"], *inside))
    parts += [_cost(found, drafts, lang), _liability(found, drafts, lang), _figures(found, drafts, lang)]
    parts += [_people(one, draft, lang) for one, draft in zip(found, drafts, strict=True)]
    title = pick((f"Thử lại trên {name}", f"Back-test on {name}"), lang)
    page.write(path, page.whole(title, "ganbo simulate", parts, lang))


def _cost(found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> str:
    chart = _path(found, "cost_share", lambda value: percent(value, lang))
    return page.section(
        pick(("Chi phí trên doanh thu của khách, từng tháng", "Cost of the members' sales, by month"), lang),
        chart,
        *(_months(one, draft, lang) for one, draft in zip(found, drafts, strict=True)),
    )


def _liability(found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> str:
    chart = _path(found, "liability", lambda value: number(round(value), lang))
    return page.section(pick(("Nghĩa vụ điểm cuối tháng", "Liability at each month's end"), lang), chart)


def _path(found: Sequence[dict[str, Any]], name: str, shown: page_charts.Shown) -> str:
    months = sorted({row["month"] for one in found for row in one["monthly"]})
    series = []
    for one in found[:_MOST_DRAWN]:
        values = {row["month"]: row[name] for row in one["monthly"]}
        series.append((one["programme"], [values.get(month) for month in months]))
    return page_charts.lines(series, months, shown)


def _months(one: dict[str, Any], draft: "Programme", lang: str) -> str:
    heads = [pick(pair, lang) for pair in simulate_tables.MONTH_HEADS]
    rows = [simulate_tables.month_row(row, draft, lang) for row in one["monthly"]]
    return page_charts.folded(f"{one['programme']}: {pick(_TABLE, lang)}", page_charts.table(heads, rows))


def _figures(found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> str:
    columns = [sentences.figures(one, draft, lang) for one, draft in zip(found, drafts, strict=True)]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [(name.strip(), *(column.get(name, "–") for column in columns)) for name in names]
    heads = ("", *(one["programme"] for one in found))
    return page.section(pick(("Cả kỳ", "In all"), lang), page_charts.table(heads, rows))


def _people(one: dict[str, Any], draft: "Programme", lang: str) -> str:
    title, heads, rows = simulate_tables.people(one, draft, lang)
    return page.section(title, page_charts.table(heads, rows))
