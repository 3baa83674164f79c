"""Brings the tables this room reckons with out of a business's warehouse: all of one instant, the operational database left alone."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.engine.programme import Programme
from ganbo.features.products import queries as products
from ganbo.insights.liability import roll_forward
from ganbo.insights.liability.stress import Ending
from ganbo.insights.liability.worth import Price
from ganbo.insights.warehouse import tables as stored
from ganbo.insights.warehouse.reading import Warehouse
from ganbo.insights.warehouse.tables import Table

_THEIRS = (*roll_forward.HOLDERS, "owed")
_SUMS = ("day", "wallet", "kind", "rule", "out_of", "into")
_LOT_SUMS = ("wallet", "member", "earned_month", "day", "kind", "out_of", "into")


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything a statement is made of; see the FLOWS of roll_forward.py and breakage.py for the columns.

    `sales`: by day, what members' purchases cost less what was given back, minor units.
    """

    flows: pl.DataFrame
    lots: pl.DataFrame
    open: dict[str, list[Ending]]
    sales: pl.DataFrame
    prices: dict[str, Price]
    today: date
    taken_at: datetime


def read(warehouse: Warehouse, programme: Programme) -> Tables:
    """What the warehouse holds, up to the end of the day it was taken. Raises FileNotFoundError when an export replaced it meanwhile."""
    zone = warehouse.zone
    today = warehouse.taken_at.astimezone(zone).date()
    transfers = _transfers(warehouse).filter(pl.col("day") <= today)
    lots = _scan(warehouse, stored.LOTS).select("earned_month", "expires_at", lot_id="id", member="member_id")
    flows = _flows(transfers, zone)
    of_lots = transfers.filter(pl.col("lot_id").is_not_null()).join(lots, on="lot_id")
    return Tables(
        flows=flows,
        lots=of_lots.group_by(*_LOT_SUMS).agg(pl.col("amount").sum()).collect(),
        open=_open(of_lots, flows, at=warehouse.taken_at, zone=zone),
        sales=_sales(warehouse, today),
        prices=_prices(programme),
        today=today,
        taken_at=warehouse.taken_at,
    )


def _scan(warehouse: Warehouse, table: Table) -> pl.LazyFrame:
    paths = warehouse.paths(table.name)
    if not paths:
        return pl.LazyFrame(pl.DataFrame(table.schema().empty_table()))
    return pl.scan_parquet(paths)


def _transfers(warehouse: Warehouse) -> pl.LazyFrame:
    """Every transfer that touches what members hold or owe, in this room's names."""
    found = _scan(warehouse, stored.TRANSFERS).filter(
        pl.col("debit_role").is_in(_THEIRS) | pl.col("credit_role").is_in(_THEIRS)
    )
    return found.select(
        "day", "kind", "amount", "recorded_at", "lot_id",
        wallet="asset", rule=pl.col("rule").fill_null(""), out_of="debit_role", into="credit_role",
    )  # fmt: skip


def _flows(transfers: pl.LazyFrame, zone: ZoneInfo) -> pl.DataFrame:
    recorded = pl.col("recorded_at").dt.convert_time_zone(zone.key).dt.date().dt.truncate("1mo")
    late = pl.col("amount").filter(recorded > pl.col("day").dt.truncate("1mo")).sum()
    return transfers.group_by(*_SUMS).agg(pl.col("amount").sum(), late=late).sort(*_SUMS).collect()


def _open(of_lots: pl.LazyFrame, flows: pl.DataFrame, *, at: datetime, zone: ZoneInfo) -> dict[str, list[Ending]]:
    """What may still be redeemed by its last day. What waits, is set aside or is a stamp has none here: it is taken to live on."""
    change = pl.col("amount") * (
        (pl.col("into") == "member").cast(pl.Int8) - (pl.col("out_of") == "member").cast(pl.Int8)
    )
    last = (pl.col("expires_at") - pl.duration(microseconds=1)).dt.convert_time_zone(zone.key).dt.date()
    lots = (
        of_lots.filter(pl.col("expires_at").is_null() | (pl.col("expires_at") > at))
        .group_by("wallet", ends=last).agg(units=change.sum()).sort("wallet", "ends").collect()
    )  # fmt: skip
    found: dict[str, list[Ending]] = {}
    for wallet, ends, units in lots.iter_rows():
        if units:
            found.setdefault(wallet, []).append(Ending(ends, units))
    rest = roll_forward.standing(flows, roles=("pending", "held", "stamps"))
    for wallet, units in rest.items():
        found.setdefault(wallet, []).append(Ending(None, units))
    return found


def _sales(warehouse: Warehouse, today: date) -> pl.DataFrame:
    events = _scan(warehouse, stored.EVENTS).filter(
        pl.col("member_id").is_not_null() & pl.col("reversed_at").is_null() & (pl.col("day") <= today)
    )
    net = pl.col("net").filter(pl.col("type") == "purchase").sum() - pl.col("refunded").sum()
    return events.filter(pl.col("type").is_in(["purchase", "refund"])).group_by("day").agg(net=net).collect()


def _prices(programme: Programme) -> dict[str, Price]:
    skus = sorted({reward.sku for reward in programme.rewards.values() if reward.sku})
    return {sku: Price(row.price, row.cost) for sku, row in products.by_sku(skus).items()}
