"""The whole look: from orders to one dictionary with the contract's names."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from ganbo.insights.look import figures, findings, lifetime, rfm
from ganbo.insights.look.periods import Rhythm
from ganbo.insights.look.reading import Reading


def look(
    reading: Reading, rhythm: Rhythm, *, until: date | None = None, step: Callable[[str], None] = lambda name: None
) -> dict[str, Any]:
    """Everything that is printed, drawn or handed on."""
    step("figures")
    sold = figures.sales(reading.orders, rhythm)
    told = figures.figures(sold)
    step("rfm")
    told["rfm"] = rfm.rfm(sold)
    step("clv")
    told["clv"] = {"formula": figures.formula(sold, told), **lifetime.clv(sold, until)}
    told["reading"] = how_read(reading)
    told["from"], told["to"], told["period"] = sold.first.isoformat(), sold.last.isoformat(), rhythm.period
    told["findings"] = [asdict(one) for one in findings.findings(told, sold)]
    return told


def how_read(reading: Reading) -> dict[str, Any]:
    """How the file was read, and each row that was left out."""
    return {
        "kind": reading.kind,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "heading_line": reading.heading_line,
        "columns": {name: reading.heading[place] for name, place in reading.found.items()},
        "unused": [name for place, name in enumerate(reading.heading) if place not in reading.found.values() and name],
        "written": reading.styles,
        "rows": reading.rows,
        "read": reading.rows - reading.reasons.total(),
        "left_out": reading.reasons.total(),
        "reasons": dict(reading.reasons.most_common()),
        "blank": reading.blank,
        "anonymous_rows": reading.anonymous_rows,
        "orders_with_two_members": reading.two_members,
        "orders_on_many_days": reading.many_days,
        "problems": [asdict(one) for one in reading.problems],
    }
