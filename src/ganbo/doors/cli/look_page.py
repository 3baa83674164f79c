"""`ganbo look --html`: what the file says, as one page with charts."""

from pathlib import Path
from typing import Any

from ganbo.doors.cli import look_tables, page, page_charts
from ganbo.insights.look import sentences
from ganbo.insights.look.sentences import number, percent, pick

MONTHS_DRAWN = 36
_TABLE = ("Xem bảng", "Show the table")


def write(path: Path, name: str, found: dict[str, Any], lang: str) -> None:
    """The page, at `path`; `name` is the file it speaks of."""
    parts = [page.told([sentences.sentence(one, lang) for one in found["findings"]])]
    parts.append(page.section(pick(("Con số chính", "Key figures"), lang), page.tiles(look_tables.totals(found, lang))))
    if found["members"]:
        parts += [
            _people(found, lang),
            _months(found, lang),
            _cohorts(found, lang),
            _groups(found, lang),
            _worth(found, lang),
        ]
    parts.append(_reading(found["reading"], lang))
    small = f"{found['from']} – {found['to']} · ganbo look"
    page.write(path, page.whole(name, small, parts, lang))


def _people(found: dict[str, Any], lang: str) -> str:
    """A hundred customers: once, a few times, often; by largest remainder, so that they are a hundred."""
    counts = found["members_by_orders"]
    names = (("một lần", "once"), ("vài lần (2–4)", "a few times (2–4)"), ("thân thiết (từ 5)", "often (5 and more)"))
    whole = [100 * n // found["members"] for n in counts]
    order = sorted(range(len(counts)), key=lambda n: -(100 * counts[n] % found["members"]))
    for n in order[: 100 - sum(whole)]:
        whole[n] += 1
    parts = [(pick(name, lang), n) for name, n in zip(names, whole, strict=True)]
    rows = [(pick(name, lang), number(n, lang)) for name, n in zip(names, counts, strict=True)]
    title = pick(("Trong 100 khách", "Of 100 customers"), lang)
    return page.section(
        title, page_charts.hundred(parts), page_charts.folded(pick(_TABLE, lang), page_charts.table(("", ""), rows))
    )


def _months(found: dict[str, Any], lang: str) -> str:
    rows = found["monthly"][-MONTHS_DRAWN:]
    labels = [row["month"] for row in rows]
    stay = pick(("ở lại so với kỳ trước", "stay from the period before"), lang)
    kept = page_charts.lines([(stay, [row["crr"] for row in rows])], labels, lambda value: percent(value, lang))
    who = (("retained", ("ở lại", "retained")), ("new", ("mới", "new")), ("reactivated", ("trở lại", "came back")))
    people = [(pick(words, lang), [row[key] for row in rows]) for key, words in who]
    heads = [pick(head, lang) for head in look_tables.MONTH_HEADS]
    table = page_charts.table(heads, [look_tables.month_row(row, lang) for row in rows])
    return page.section(
        pick(("Từng kỳ", "By period"), lang),
        kept,
        page_charts.bars(people, labels, lambda value: number(round(value), lang)),
        page_charts.folded(pick(_TABLE, lang), table),
    )


def _cohorts(found: dict[str, Any], lang: str) -> str:
    rows = list(found["cohorts"].items())[-look_tables.MONTHS_SHOWN :]
    longest = min(look_tables.STEPS_SHOWN, max(len(row) for _, row in rows) - 1)
    heads = [
        pick(("bắt đầu", "began"), lang),
        pick(("khách", "members"), lang),
        *(f"+{n}" for n in range(1, longest + 1)),
    ]
    shown = []
    for name, row in rows:
        shares = [n / row[0] if row[0] else None for n in row[1 : longest + 1]]
        cells = [("" if share is None else number(100 * share, lang, 0), share) for share in shares]
        shown.append((name, [(number(row[0], lang), None), *cells]))
    title = pick(("Nhóm theo lần mua đầu: % còn mua", "By first purchase: % still buying"), lang)
    return page.section(title, page_charts.heat(heads, shown))


def _groups(found: dict[str, Any], lang: str) -> str:
    """RFM: how many by recency and frequency, and the named groups."""
    cells = found["rfm"]["cells"]
    sums = {
        (r, f): sum(n for key, n in cells.items() if key[:2] == f"{r}{f}") for r in range(1, 6) for f in range(1, 6)
    }
    most = max(sums.values(), default=0) or 1
    heads = ["R \\ F", *(f"F{f}" for f in range(1, 6))]
    rows = [
        (f"R{r}", [(number(sums[r, f], lang), sums[r, f] / most * 0.999) for f in range(1, 6)]) for r in range(5, 0, -1)
    ]
    named = [
        (pick(sentences.GROUPS[name], lang), number(n, lang), percent(n / found["members"], lang))
        for name, n in found["rfm"]["groups"].items()
    ]
    heading = [pick(head, lang) for head in (("nhóm", "group"), ("khách", "members"), ("%", "%"))]
    how = pick(
        (
            "R: mới mua gần đây đến đâu, F: mua thường đến đâu; 5 là tốt nhất.",
            "R: how recently, F: how often; 5 is best.",
        ),
        lang,
    )
    title = f"RFM, {found['rfm']['snapshot']}"
    return page.section(title, page_charts.heat(heads, rows), page.listed([how]), page_charts.table(heading, named))


def _worth(found: dict[str, Any], lang: str) -> str:
    rows = look_tables.lifetime_rows(found, lang)
    return page.section(pick(("Giá trị vòng đời", "Lifetime value"), lang), page_charts.table(("", ""), rows))


def _reading(how: dict[str, Any], lang: str) -> str:
    lines = look_tables.reading_lines(how, lang)
    heads = [pick(head, lang) for head in (("dòng", "line"), ("lý do", "reason"), ("ô", "cell"))]
    rows = [(str(one["line"]), sentences.reason(one["reason"], lang), one["value"]) for one in how["problems"][:1000]]
    inside = [page.listed(lines)]
    if rows:
        title = pick(("Dòng bị bỏ ra", "Rows left out"), lang)
        inside.append(page_charts.folded(f"{title}: {number(how['left_out'], lang)}", page_charts.table(heads, rows)))
    return page.section(pick(("Tệp được đọc thế nào", "How the file was read"), lang), *inside)
