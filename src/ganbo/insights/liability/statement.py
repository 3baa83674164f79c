"""The whole statement as a door shows it: per wallet the roll-forward, what it is worth, breakage and the stress; then the entries."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from ganbo.engine.programme import Programme
from ganbo.insights.liability import allocation, breakage, journal, reading, roll_forward, stress
from ganbo.insights.liability.breakage import Breakage, Estimate
from ganbo.insights.liability.journal import Line, Moved
from ganbo.insights.liability.reading import Tables
from ganbo.insights.liability.roll_forward import Row
from ganbo.insights.liability.worth import Worth, redeemed_by_rule, worth
from ganbo.insights.warehouse.reading import Warehouse
from ganbo.kernel.points import Rounding, rounded

LOOKED_BACK = timedelta(days=365)  # whose redemptions say what a unit is worth: those before the statement's last day
COLUMNS = ("opening", "earned", "redeemed", "expired", "adjusted", "closing")
STAMPS = "stamp:"  # the assets of stamp cards; stamps are on no lot
BROUGHT_OVER = "opening"  # the kind of transfers that bring another system's balances
PAID_IN = "topup:paid"  # the rule of transfers that customers pay for; its wallets are money, at face value
STEP = 30  # days between the points of a curve that is shown


@dataclass(frozen=True, slots=True)
class Asked:
    """`first` is the first day of a month; `last` any later day. `values`: minor units a unit is worth, by wallet, instead of ours.

    `sales`: the period's sales to members, minor units, to share by IFRS 15; None: as the events say.
    """

    first: date
    last: date
    by_day: bool = False
    by: date | None = None  # everybody redeems by this day; None: before the next Tết
    values: Mapping[str, Fraction] = field(default_factory=dict)
    sales: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """`shown`: what --json prints; `lines`: the entries' moves, before accounts are named."""

    shown: dict[str, Any]
    moves: list[tuple[date, str, str, int]]  # day, wallet, what (a key of journal.SIDES), minor units


def of_warehouse(warehouse: Warehouse, programme: Programme, asked: Asked, *, left: Mapping[str, int]) -> Statement:
    """The current business's statement as its warehouse stands; `left`: of each line of the budget, minor units."""
    return statement(reading.read(warehouse, programme), programme, asked, left=left)


def statement(tables: Tables, programme: Programme, asked: Asked, *, left: Mapping[str, int]) -> Statement:
    """Everything of one business, from its tables alone."""
    today = tables.today
    last = min(asked.last, today)
    rows = roll_forward.rows(tables.flows, first=asked.first, last=last, by_day=asked.by_day)
    until = last + timedelta(days=1)
    worths = _worths(tables, programme, asked, sorted(rows), last)
    adjusted = roll_forward.adjustments(tables.flows, first=asked.first, until=until)
    by = asked.by or stress.before_tet(today)
    wallets = [
        _wallet(tables, programme, rows[key], worths[key], last) | {"adjusted_by": adjusted.get(key, {})}
        for key in rows
    ]
    moves = _moves(tables.flows, rows, worths, last)
    shown = {
        "currency": programme.currency,
        "timezone": programme.timezone.key,
        "as_of": tables.taken_at,
        "from": asked.first,
        "to": last,
        "by": "day" if asked.by_day else "month",
        "wallets": wallets,
        "totals": _totals(wallets),
        "stress": _stress(tables, programme, worths, by=by, today=today, left=left),
        "allocation": _allocation(_sales(tables, asked, last), wallets),
    }
    return Statement(shown, moves)


def _worths(tables: Tables, programme: Programme, asked: Asked, wallets: list[str], last: date) -> dict[str, Worth]:
    recent = tables.flows.filter(pl.col("day").is_between(last - LOOKED_BACK, last, closed="right"))
    redeemed = redeemed_by_rule(recent)
    return {
        key: worth(key, programme, redeemed=redeemed.get(key, {}), prices=tables.prices, given=asked.values.get(key))
        for key in wallets
    }


def _wallet(tables: Tables, programme: Programme, rows: list[Row], one: Worth, last: date) -> dict[str, Any]:
    key = one.wallet
    of_wallet = tables.lots.filter(pl.col("wallet") == key)
    said = breakage.breakage(breakage.lots(of_wallet, today=last), lots=not key.startswith(STAMPS))
    units = rows[-1].closing if rows else 0
    kept = programme.wallets.get(key)
    return {
        "wallet": key,
        "name": _name(key, programme),
        "money": bool(kept and kept.money),
        "worth": _worth(one),
        "rows": [asdict(row) | {"money": valued(row, one.value)} for row in rows],
        "outstanding": {
            "units": units,
            "value": _money(one.value * units),
            "cost": _money(one.cost * units),
            "expected": _estimated(said.open_redeemed, one.value * units),
        },
        "breakage": _breakage(said),
    }


def _name(key: str, programme: Programme) -> dict[str, str]:
    """By language; nothing for what the programme in force does not know any more."""
    card = programme.by_card.get(key.removeprefix(STAMPS)) if key.startswith(STAMPS) else None
    kept = card or programme.wallets.get(key)
    return dict(kept.name.by_language) if kept else {}


def valued(row: Row, value: Fraction) -> dict[str, int]:
    """The row in money, half up, so that it adds up: each part is the step of the running total, rounded."""
    exact, shown = value * row.opening, {"opening": _money(value * row.opening)}
    steps = (
        ("earned", 1, row.earned),
        ("redeemed", -1, row.redeemed),
        ("expired", -1, row.expired),
        ("adjusted", 1, row.adjusted),
    )
    for name, sign, units in steps:
        before = _money(exact)
        exact += value * units * sign
        shown[name] = (_money(exact) - before) * sign
    return shown | {"closing": _money(exact)}


def _worth(one: Worth) -> dict[str, Any]:
    return {
        "value": _decimal(one.value),
        "cost": _decimal(one.cost),
        "basis": one.basis,
        "uses": [
            {
                "name": u.name,
                "units": u.units,
                "value": _decimal(u.value),
                "cost": _decimal(u.cost),
                "by_cost": u.by_cost,
            }
            for u in one.uses
        ],
    }


def _breakage(said: Breakage) -> dict[str, Any]:
    ages = [*range(0, said.days, STEP), said.days]
    return {
        "lacking": said.lacking,
        "redeemed": asdict(said.redeemed),
        "unused": {"share": 1 - said.redeemed.share, "low": 1 - said.redeemed.high, "high": 1 - said.redeemed.low},
        "open_redeemed": asdict(said.open_redeemed),
        "unseen": said.unseen,
        "level": breakage.LEVEL,
        "members": said.members,
        "redeemers": said.redeemers,
        "days": said.days,
        "curve": [
            {
                "age": age,
                "redeemed": float(said.curve.redeemed[age]),
                "low": float(said.low[age]),
                "high": float(said.high[age]),
                "ended": float(said.curve.ended[age]),
            }
            for age in ages
        ],
    }


def _estimated(share: Estimate, value: Fraction) -> dict[str, int]:
    """Of this money, what is expected to be asked for, minor units, half up."""
    return {
        name: _money(value * Fraction(one))
        for name, one in (("share", share.share), ("low", share.low), ("high", share.high))
    }


def _totals(wallets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All wallets in money by period."""
    found: dict[date, dict[str, Any]] = {}
    for wallet in wallets:
        for row in wallet["rows"]:
            one = found.setdefault(row["period"], {"period": row["period"], **dict.fromkeys(COLUMNS, 0)})
            for name in COLUMNS:
                one[name] += row["money"][name]
    return list(found.values())


def _stress(
    tables: Tables, programme: Programme, worths: Mapping[str, Worth], *, by: date, today: date, left: Mapping[str, int]
) -> dict[str, Any]:
    days = [today, *_months_between(today, by), by]
    path = {key: stress.demand(tables.open.get(key, []), one, days=days) for key, one in worths.items()}
    of_line = {reward.id: reward.budget for reward in programme.rewards.values() if reward.budget}
    lines: dict[str, stress.LineDemand] = {}
    for key, one in worths.items():
        for demanded in stress.against(path[key][-1].cost, one, of_line, left):
            before = lines.get(demanded.line)
            cost = demanded.cost + (before.cost if before else 0)
            lines[demanded.line] = stress.LineDemand(demanded.line, demanded.left, cost)
    return {
        "by": by,
        "value": sum(p[-1].value for p in path.values()),
        "cost": sum(p[-1].cost for p in path.values()),
        "path": [
            {"day": day, "value": sum(p[n].value for p in path.values()), "cost": sum(p[n].cost for p in path.values())}
            for n, day in enumerate(days)
        ],
        "wallets": [asdict(p[-1]) for p in path.values()],
        "lines": [asdict(line) | {"short": line.short if line.line else 0} for line in lines.values()],
    }


def _months_between(first: date, last: date) -> list[date]:
    """The first days of months after `first` and before `last`."""
    found: list[date] = []
    day = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    while day < last and len(found) < 240:
        found.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return found


def _sales(tables: Tables, asked: Asked, last: date) -> int:
    """As told, else the period's sales to members, less what came back; never below zero."""
    if asked.sales is not None:
        return asked.sales
    return max(int(tables.sales.filter(pl.col("day").is_between(asked.first, last))["net"].sum()), 0)


def _allocation(sales: int, wallets: list[dict[str, Any]]) -> dict[str, Any]:
    """IFRS 15: `sales` shared between goods and what was given, at its worth times the share expected to be redeemed."""
    standalone = {"goods": sales}
    for one in wallets:
        if not one["money"]:
            earned = sum(row["money"]["earned"] for row in one["rows"])
            standalone[one["wallet"]] = _money(earned * Fraction(one["breakage"]["redeemed"]["share"]))
    parts = allocation.allocated(sales, standalone) if sales > 0 else dict.fromkeys(standalone, 0)
    return {"sales": sales, "standalone": standalone, "allocated": parts}


def _moves(
    flows: pl.DataFrame, rows: Mapping[str, list[Row]], worths: Mapping[str, Worth], last: date
) -> list[tuple[date, str, str, int]]:
    """What each period moved in money, told at its last day; what was paid in or brought over is told apart from what was given."""
    paid = roll_forward.sorted_out(flows.filter(pl.col("rule") == PAID_IN))
    brought = roll_forward.sorted_out(flows.filter(pl.col("kind") == BROUGHT_OVER))
    found: list[tuple[date, str, str, int]] = []
    for key, periods in rows.items():
        ends = [row.period - timedelta(days=1) for row in periods[1:]] + [last]
        for row, end in zip(periods, ends, strict=True):
            money = valued(row, worths[key].value)
            cash = _units(paid, key, row.period, end)
            before = _money(worths[key].value * sum(_units(brought, key, row.period, end).values()))
            parts = {
                "paid_in": sum(cash.values()),
                "brought_over": before,
                "earned": money["earned"] - cash["earned"],
                "redeemed": money["redeemed"],
                "expired": money["expired"],
                "adjusted": money["adjusted"] - cash["adjusted"] - before,
            }
            found += [(end, key, what, amount) for what, amount in parts.items() if amount]
    return found


def _units(flows: pl.DataFrame, wallet: str, first: date, last: date) -> dict[str, int]:
    """What such flows changed in a period, by column; what was paid onto a card, or brought over, less what went back."""
    of_period = flows.filter(pl.col("wallet") == wallet, pl.col("day").is_between(first, last))
    return {name: int(of_period.filter(pl.col("column") == name)["change"].sum()) for name in ("earned", "adjusted")}


def entries(
    found: Statement, text: Mapping[str, str], *, names: Mapping[str, str], accounts: Mapping[str, str]
) -> list[Line]:
    """The entries; `text`: by what moved, a sentence with {wallet} and {month}; `names`: of wallets."""
    moves = [
        Moved(day, wallet, what, amount, text[what].format(wallet=names.get(wallet, wallet), month=f"{day:%m/%Y}"))
        for day, wallet, what, amount in found.moves
    ]
    return journal.lines(moves, accounts=accounts)


def _money(exact: Fraction) -> int:
    return rounded(exact, Rounding.HALF_UP)


def _decimal(exact: Fraction | None) -> float | None:
    return None if exact is None else float(exact)
