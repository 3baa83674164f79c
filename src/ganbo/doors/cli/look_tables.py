"""What `ganbo look` prints: how the file was read, what it means, then the tables."""

from typing import Any

from rich.table import Table

from ganbo.doors.cli import saying
from ganbo.insights.look import sentences
from ganbo.insights.look.sentences import number, percent, pick

MOST_SHOWN = 20  # rows left out; --json names up to 10,000
MONTHS_SHOWN = 24
STEPS_SHOWN = 12


def show(found: dict[str, Any], lang: str) -> None:
    """All of it."""
    print_ = saying.console.print
    for line in (*reading_lines(found["reading"], lang), *_problems(found["reading"], lang)):
        print_(line, markup=False, soft_wrap=True)
    print_()
    for one in found["findings"]:
        print_(f"• {sentences.sentence(one, lang)}", markup=False, soft_wrap=True)
    for table in (
        _totals(found, lang),
        _monthly(found, lang),
        _cohorts(found, lang),
        _groups(found, lang),
        _clv(found, lang),
    ):
        print_()
        print_(table)


def reading_lines(how: dict[str, Any], lang: str) -> list[str]:
    """How the file was read, a sentence a line."""
    shape = " ".join(
        part
        for part in (how["kind"].upper(), how["encoding"], repr(how["delimiter"]) if how["delimiter"] else "")
        if part
    )
    known = ", ".join(f"{field} = “{name}”" for field, name in how["columns"].items())
    lines = [
        pick((f"Đọc như {shape}. Cột: {known}.", f"Read as {shape}. Columns: {known}."), lang),
        _counted(how, lang),
    ]
    if "order_id" not in how["columns"]:
        lines.append(
            pick(
                ("Không có cột mã đơn: mỗi dòng được coi là một đơn.", "No order id: each row counts as an order."),
                lang,
            )
        )
    if how["written"].get("date") == "month_first":
        lines.append(pick(("Ngày được đọc theo kiểu tháng/ngày/năm.", "Dates are read as month/day/year."), lang))
    if "comma" in how["written"].values():
        lines.append(pick(("Số được đọc theo kiểu 1.234,50.", "Numbers are read as 1.234,50."), lang))
    if how["orders_with_two_members"]:
        n = number(how["orders_with_two_members"], lang)
        lines.append(
            pick(
                (
                    f"{n} đơn ghi hai khách; tính cho mã đứng trước.",
                    f"{n} orders name two members; the first id counts.",
                ),
                lang,
            )
        )
    if how["orders_on_many_days"]:
        n = number(how["orders_on_many_days"], lang)
        lines.append(
            pick(
                (
                    f"{n} đơn có dòng ở nhiều ngày; tính vào ngày đầu. Mã đơn có bị dùng lại không?",
                    f"{n} orders have lines on several days; the first counts. Are order ids used again?",
                ),
                lang,
            )
        )
    lines += [f"  {sentences.reason(code, lang)}: {number(n, lang)}" for code, n in how["reasons"].items()]
    return lines


def _problems(how: dict[str, Any], lang: str) -> list[str]:
    """The first rows left out, by line and reason."""
    lines = []
    for one in how["problems"][:MOST_SHOWN]:
        where = pick((f"dòng {one['line']}", f"line {one['line']}"), lang)
        lines.append(f"    {where} {sentences.reason(one['reason'], lang)}: {one['value']}")
    if how["left_out"] > MOST_SHOWN:
        rest = number(how["left_out"] - MOST_SHOWN, lang)
        lines.append(
            pick((f"    và {rest} dòng nữa; --json nêu từng dòng.", f"    and {rest} more; --json names them."), lang)
        )
    return lines


def _counted(how: dict[str, Any], lang: str) -> str:
    rows, read, out, blank = (number(how[name], lang) for name in ("rows", "read", "left_out", "blank"))
    return pick(
        (
            f"{rows} dòng: đọc được {read}, bỏ ra {out}; ngoài ra {blank} dòng trống.",
            f"{rows} rows: {read} read, {out} left out; besides, {blank} blank ones.",
        ),
        lang,
    )


def _table(title: tuple[str, str], heads: list[tuple[str, str]], lang: str) -> Table:
    table = Table(title=pick(title, lang), title_justify="left", show_header=any(pick(head, lang) for head in heads))
    for place, head in enumerate(heads):
        table.add_column(pick(head, lang), justify="left" if place == 0 else "right", no_wrap=place == 0)
    return table


def totals(found: dict[str, Any], lang: str) -> list[tuple[str, str]]:
    """The figures of the whole file: name and value."""
    rows: list[tuple[tuple[str, str], str]] = [
        (("hóa đơn có tên khách", "orders with a member"), number(found["orders"], lang)),
        (("khách", "members"), number(found["members"], lang)),
        (
            ("tỷ lệ hóa đơn có tên khách", "share of receipts with a member"),
            percent(found["receipts_with_member"], lang),
        ),
        (("doanh thu", "revenue"), number(found["revenue"], lang)),
        (("doanh thu từ khách cũ", "revenue from existing customers"), number(found["revenue_existing"], lang)),
        (("giữ doanh thu (NRR)", "net revenue retention"), percent(found["net_revenue_retention"], lang)),
        (("giá trị một đơn (AOV)", "average order value"), number(found["aov"], lang)),
        (("khách mua lại", "members who came back"), number(found["repeat_members"], lang)),
        (("tỷ lệ mua lại", "repeat purchase rate"), percent(found["repeat_purchase_rate"], lang)),
        (("số đơn mỗi khách", "orders per member"), number(found["orders_per_member"], lang, 2)),
    ]
    return [(pick(name, lang), value) for name, value in rows]


def _totals(found: dict[str, Any], lang: str) -> Table:
    table = _table((f"{found['from']} … {found['to']}", f"{found['from']} … {found['to']}"), [("", ""), ("", "")], lang)
    for row in totals(found, lang):
        table.add_row(*row)
    return table


MONTH_HEADS = [
    ("tháng", "month"),
    ("có mua", "active"),
    ("ở lại", "retained"),
    ("giữ chân", "CRR"),
    ("rời bỏ", "churn"),
    ("mới", "new"),
    ("trở lại", "came back"),
    ("doanh thu", "revenue"),
    ("AOV", "AOV"),
]


def month_row(row: dict[str, Any], lang: str) -> list[str]:
    """One period's cells, under `MONTH_HEADS`."""
    counts = [number(row[name], lang) for name in ("active", "retained")]
    rates = [percent(row[name], lang) for name in ("crr", "churn")]
    rest = [number(row[name], lang) for name in ("new", "reactivated", "revenue", "aov")]
    return [row["month"], *counts, *rates, *rest]


def _monthly(found: dict[str, Any], lang: str) -> Table:
    table = _table(("Từng kỳ", "By period"), MONTH_HEADS, lang)
    for row in found["monthly"][-MONTHS_SHOWN:]:
        table.add_row(*month_row(row, lang))
    return table


def _cohorts(found: dict[str, Any], lang: str) -> Table:
    longest = min(STEPS_SHOWN, max((len(row) for row in found["cohorts"].values()), default=1) - 1)
    heads = [("bắt đầu", "began"), ("khách", "members"), *((f"+{n}", f"+{n}") for n in range(1, longest + 1))]
    table = _table(("Nhóm theo lần mua đầu: % còn mua", "By first purchase: % still buying"), heads, lang)
    for name, row in list(found["cohorts"].items())[-MONTHS_SHOWN:]:
        table.add_row(
            name,
            number(row[0], lang),
            *(number(100 * n / row[0], lang, 0) if row[0] else "" for n in row[1 : longest + 1]),
        )
    return table


def _groups(found: dict[str, Any], lang: str) -> Table:
    title = f"RFM, {found['rfm']['snapshot']}"
    table = _table((title, title), [("nhóm", "group"), ("khách", "members"), ("%", "%")], lang)
    for name, n in found["rfm"]["groups"].items():
        share = n / found["members"] if found["members"] else None
        table.add_row(pick(sentences.GROUPS[name], lang), number(n, lang), percent(share, lang))
    return table


def lifetime_rows(found: dict[str, Any], lang: str) -> list[tuple[str, str]]:
    """The lifetime values: name and value with its standard error."""
    clv, formula = found["clv"], found["clv"]["formula"]
    order, often, months = (formula[name] for name in ("average_order_value", "orders_per_month", "lifetime_months"))
    rows = [
        (
            pick(("giá đơn × đơn/tháng × tháng", "order × orders/month × months"), lang),
            f"{number(order, lang)} × {number(often, lang, 2)} × {number(months, lang, 1)}",
        ),
        (
            pick(("giá trị vòng đời theo công thức", "lifetime value by the formula"), lang),
            number(formula["value"], lang),
        ),
    ]
    for name, key in (("BG/NBD", "bg_nbd"), ("Gamma-Gamma", "gamma_gamma")):
        model = clv[key]
        if model is None:
            rows.append((name, pick(("chưa đủ dữ liệu", "not enough data"), lang)))
            continue
        errors = model["standard_errors"] or {}
        parts = [
            f"{one} {number(model[one], lang, 3)}" + (f" ± {number(errors[one], lang, 3)}" if one in errors else "")
            for one in model
            if one in ("r", "alpha", "a", "b", "p", "q", "v")
        ]
        rows.append((name, "; ".join([*parts, f"log L {number(model['log_likelihood'], lang, 2)}"])))
    title = pick(("dự kiến 12 tháng tới, mọi khách", "expected in 12 months, all members"), lang)
    return [*rows, (title, number(clv["expected_12_months"], lang))]


def _clv(found: dict[str, Any], lang: str) -> Table:
    table = _table(("Giá trị vòng đời", "Lifetime value"), [("", ""), ("", "")], lang)
    for row in lifetime_rows(found, lang):
        table.add_row(*row)
    return table
