"""Step 3 in words and pictures: three sentences, each with how it is known; who comes back, a bar of a hundred people, cohorts."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ganbo.doors.console import heat_map, trend_chart
from ganbo.doors.console.heat_map import Square
from ganbo.doors.console.showing import Showing
from ganbo.features.starting.queries import SalesRow
from ganbo.foundation import i18n
from ganbo.insights.look import sentences

MOST_SENTENCES = 3
MOST_COHORTS = 12  # rows and columns a column of 720 px has room for
FEW = 4  # up to so many bills: a few times


def told(sales: SalesRow, shown: Showing) -> dict[str, Any]:
    """Everything the page shows."""
    found = sales.found
    return {
        "said": _sentences(found, shown),
        "walk_in": next((one["values"]["member"] for one in found["findings"] if one["code"] == "walk_in"), ""),
        "between": f"{_day(found['from'])} – {_day(found['to'])}",
        "members": shown.number(found["members"]),
        "bills": shown.number(found["orders"]),
        "bill": i18n.money(found["bill"], sales.currency, shown.locale),
        "returning": _returning(found, shown),
        "hundred": _hundred(found),
        "cohorts": _cohorts(found, shown),
        "supposed": supposed(sales, shown),
    }


def supposed(sales: SalesRow, shown: Showing) -> list[str]:
    """What three numbers were made into; nothing for a file."""
    numbers = sales.numbers
    if numbers is None:
        return []
    bill = (
        shown.number(round(numbers["bill"]))
        if numbers["bill"] == int(numbers["bill"])
        else i18n.number(f"{numbers['bill']:.2f}", shown.locale)
    )
    return [
        _("No real sales: a year is supposed with %(bills)s bills a day of %(bill)s on average, %(regulars)s of ten by regulars.")
        % {"bills": shown.number(numbers["bills"]), "bill": bill, "regulars": numbers["regulars"]},
        _(
            "A regular comes about every 15 days; four in ten join during the year and one in four stays away in the end;"
            " everybody else comes once."
        ),
    ]  # fmt: skip


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)}/{int(month)}/{year}"


def month(name: str) -> str:
    """09/2026."""
    return f"{name[5:]}/{name[:4]}"


def _sentences(found: Any, shown: Showing) -> list[dict[str, str]]:
    number = shown.number
    once, few, often = found["members_by_orders"]
    stay = found["stay"]
    why = {
        "top": _(
            "The customers are put in order of what they spent; the first fifth of them is added up and divided by what all"
            " named customers spent."
        ),
        "existing": _(
            "In each month the bills of customers who had bought in an earlier month are added up; the sum is divided by"
            " what all named customers spent."
        ),
        "stay": _(
            "For each month: customers who bought in it and in the month before ÷ customers of the month before; the mean of"
            " the last %(n)s months."
        )
        % {"n": len(stay)},
    }  # fmt: skip
    counted = _(
        "Of %(members)s customers with a name, %(once)s have one bill, %(few)s have two to four, %(often)s have five or more."
    )
    why["once"] = why["half_once"] = counted % {
        "members": number(found["members"]), "once": number(once), "few": number(few), "often": number(often),
    }  # fmt: skip
    said = [one for one in found["findings"] if one["code"] in why]
    order = ("half_once", "once", "stay", "top", "existing")
    said.sort(key=lambda one: order.index(one["code"]))
    return [
        {"text": sentences.sentence(one, shown.locale), "why": why[one["code"]]} for one in said[:MOST_SENTENCES]
    ]  # fmt: skip


def _returning(found: Any, shown: Showing) -> dict[str, Any]:
    """Of the customers of each month, those who had bought before."""
    rows = [one for one in found["months"] if one["active"]]
    shares = [(one["kept"] + one["back"]) / one["active"] for one in rows]
    return {
        "svg": trend_chart.svg([shares], _("Customers who had bought before, by month")) if len(rows) > 1 else "",
        "most": i18n.percent(max(shares, default=0), shown.locale, places=0),
        "first": month(rows[0]["month"]) if rows else "",
        "last": month(rows[-1]["month"]) if rows else "",
        "rows": [
            (month(one["month"]), i18n.percent(share, shown.locale, places=0), shown.number(one["kept"] + one["back"]),
             shown.number(one["active"]))
            for one, share in zip(rows, shares, strict=True)
        ],
    }  # fmt: skip


def _hundred(found: Any) -> dict[str, Any]:
    """Of a hundred customers: once, a few times, loyal; whole people that add up to a hundred."""
    counts = found["members_by_orders"]
    total = sum(counts) or 1
    whole = [n * 100 // total for n in counts]
    rest = sorted(range(3), key=lambda n: -(counts[n] * 100 % total))
    for n in rest[: 100 - sum(whole)]:
        whole[n] += 1
    names = [_("once"), _("a few times"), _("loyal")]
    return {"svg": _bar(whole, names), "parts": list(zip(names, whole, (1, 2, 3), strict=True))}


def _bar(whole: list[int], names: list[str]) -> SafeString:
    label = ", ".join(f"{name} {n}" for name, n in zip(names, whole, strict=True))
    parts, x = [], 0
    for kind, n in enumerate(whole, 1):
        for person in range(n):
            place = x + person
            parts.append(
                format_html(
                    '<rect class="s-p{}" x="{}" y="{}" width="10" height="14" rx="5"/>',
                    kind,
                    place % 50 * 14 + 2,
                    place // 50 * 20 + 2,
                )
            )
        x += n
    return format_html(
        '<svg class="s-hundred" viewBox="0 0 702 40" role="img" aria-label="{}">{}</svg>', label, SafeString("".join(parts))
    )  # fmt: skip


def _cohorts(found: Any, shown: Showing) -> dict[str, Any]:
    """Each row everybody who first bought in that month; a square: the share of them who bought so many months later."""
    begun = sorted(found["cohorts"])[-MOST_COHORTS:]
    rows = [(month(name), found["cohorts"][name][:MOST_COHORTS]) for name in begun]
    heads = [str(n) for n in range(1, max((len(counts) for _name, counts in rows), default=0))]
    squares = []
    for name, counts in rows:
        whole = counts[0] or 1  # the first month is everybody, so its colour tells nothing
        shares = [Square(i18n.percent(n / whole, shown.locale, places=0), n / whole) for n in counts[1:]]
        squares.append((f"{name} · {shown.number(counts[0])}", shares))
    label = _("Share of each cohort that bought again, by months since the first purchase")
    return {
        "svg": heat_map.svg(heads, squares, label) if heads else "",
        "heads": ["0", *heads],
        "rows": [(name, [shown.number(n) for n in counts]) for name, counts in rows],
    }
