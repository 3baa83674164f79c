"""What `ganbo simulate` prints: what was supposed, what it means, then the tables; several drafts side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from ganbo.doors.cli import saying
from ganbo.insights.look.sentences import percent, pick
from ganbo.insights.simulation import sentences

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme


MONTH_HEADS = (
    ("tháng", "month"),
    ("doanh thu của khách", "members' sales"),
    ("chi phí", "cost"),
    ("%", "%"),
    ("nghĩa vụ cuối tháng", "liability at its end"),
)
PEOPLE_HEADS = (("khách", "member"), ("mua", "bought"), ("được", "gets"), ("thay đổi", "change"))


def show(found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> None:
    """All of it."""
    print_ = saying.console.print
    for line in sentences.assumptions(found[0], lang):
        print_(line, markup=False, soft_wrap=True)
    for one, draft in zip(found, drafts, strict=True):
        print_()
        print_(f"{one['programme']}", style="bold", markup=False)
        for finding in one["findings"]:
            print_(f"• {sentences.finding(finding, draft, lang)}", markup=False, soft_wrap=True)
        if "against" in one:
            print_(
                f"• {sentences.against(one['against'], found[0]['programme'], draft, lang)}",
                markup=False,
                soft_wrap=True,
            )
    tables = [_totals(found, drafts, lang)]
    for one, draft in zip(found, drafts, strict=True):
        tables += [_monthly(one, draft, lang), _people(one, draft, lang)]
    for table in tables:
        print_()
        print_(table)


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _totals(found: Sequence[dict[str, Any]], drafts: Sequence["Programme"], lang: str) -> Table:
    """A row for each figure, a column for each draft."""
    table = _table(pick(("Cả kỳ", "In all"), lang), ["", *(one["programme"] for one in found)])
    columns = [sentences.figures(one, draft, lang) for one, draft in zip(found, drafts, strict=True)]
    names = list(dict.fromkeys(name for column in columns for name in column))
    for name in names:
        table.add_row(name, *(column.get(name, "–") for column in columns))
    return table


def _monthly(one: dict[str, Any], draft: "Programme", lang: str) -> Table:
    heads = [pick(pair, lang) for pair in MONTH_HEADS]
    table = _table(f"{one['programme']}: {pick(('từng tháng', 'by month'), lang)}", heads)
    for row in one["monthly"]:
        table.add_row(*month_row(row, draft, lang))
    return table


def month_row(row: dict[str, Any], draft: "Programme", lang: str) -> list[str]:
    """A month's cells, under `MONTH_HEADS`."""
    sales, cost, liability = (sentences.money(row[name], draft, lang) for name in ("sales", "cost", "liability"))
    return [row["month"], sales, cost, percent(row["cost_share"], lang), liability]


def _people(one: dict[str, Any], draft: "Programme", lang: str) -> Table:
    title, heads, rows = people(one, draft, lang)
    table = _table(title, heads)
    for row in rows:
        table.add_row(*row)
    return table


def people(one: dict[str, Any], draft: "Programme", lang: str) -> tuple[str, list[str], list[list[str]]]:
    """Who gains most; compared with another draft, who gains and who loses: title, headings, rows."""
    other = one.get("against")
    rows = [*other["winners"], *other["losers"]] if other else one["winners"]
    title = pick(
        ("hơn và thiệt nhất", "most better and worse off") if other else ("được nhiều nhất", "who get most"), lang
    )
    heads = [pick(pair, lang) for pair in (PEOPLE_HEADS if other else PEOPLE_HEADS[:3])]
    names = ("sales", "gained", "change") if other else ("sales", "gained")
    cells = [[row["member"], *(sentences.money(row[name], draft, lang) for name in names)] for row in rows]
    return f"{one['programme']}: {title}", heads, cells
