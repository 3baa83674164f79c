"""What each variable of a condition reads from the facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ganbo.engine.basket import MILLI, OrderLine
from ganbo.engine.conditions import TABLE, Condition, Formula
from ganbo.engine.facts import Facts

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Reader = Callable[[Any, Any, Any, datetime], Any]

# (facts, member, order, local time) → value; order variables are left out when there is no order.
_READERS: dict[str, Reader] = {
    "member.tier": lambda f, m, o, at: m.tier or "",
    "member.age_days": lambda f, m, o, at: m.age_days,
    "member.purchases": lambda f, m, o, at: m.purchases,
    "member.spend": lambda f, m, o, at: m.spend,
    "member.visits": lambda f, m, o, at: m.visits,
    "member.days_since_purchase": lambda f, m, o, at: m.days_since_purchase,
    "member.segments": lambda f, m, o, at: list(m.segments),
    "member.traits": lambda f, m, o, at: m.traits or {},
    "local.date": lambda f, m, o, at: at.date().isoformat(),
    "local.weekday": lambda f, m, o, at: _WEEKDAYS[at.weekday()],
    "local.hour": lambda f, m, o, at: at.hour,
    "store": lambda f, m, o, at: f.store or "",
    "channel": lambda f, m, o, at: f.channel or "",
    "order.gross": lambda f, m, o, at: o.gross,
    "order.net": lambda f, m, o, at: o.net,
    "order.shipping": lambda f, m, o, at: o.shipping,
    "order.discount": lambda f, m, o, at: o.discount,
    "order.paid_with_points": lambda f, m, o, at: o.paid_with_points,
    "order.quantity": lambda f, m, o, at: o.quantity // MILLI,
}


def readers(
    conditions: Iterable[Condition | Formula], tables: Mapping[str, Mapping[str, int]]
) -> tuple[tuple[str, Reader], ...]:
    """What must be read for these conditions: their variables, and of what the event says only the keys they name."""
    names: set[str] = set()
    keys: set[str] = set()
    for condition in conditions:
        names |= condition.names
        keys.update(condition.keys)
    found = [(name, _READERS[name]) for name in sorted(names - {"event", TABLE})]
    if TABLE in names:
        found.append((TABLE, lambda f, m, o, at: tables))
    return (*found, ("event", _event(tuple(sorted(keys))))) if keys else tuple(found)


def _event(keys: tuple[str, ...]) -> Reader:
    return lambda f, m, o, at: {key: f.data[key] for key in keys if key in f.data}


def read(wanted: tuple[tuple[str, Reader], ...], facts: Facts, local: datetime) -> dict[str, Any]:
    """The values by name; `local` is when it happened by the business's clocks."""
    member, order = facts.member, facts.order
    if order is None:
        wanted = tuple([(name, reader) for name, reader in wanted if not name.startswith("order.")])
    return {name: reader(facts, member, order, local) for name, reader in wanted}


def of_line(line: OrderLine) -> dict[str, Any]:
    """The variables of a `lines` condition: whole units in `quantity`, thousandths in `weight`."""
    return {
        "line.sku": line.sku,
        "line.category": line.category,
        "line.quantity": line.quantity // MILLI,
        "line.weight": line.quantity,
        "line.unit_price": line.unit_price,
        "line.net": line.net,
        "line.labels": list(line.labels),
    }
