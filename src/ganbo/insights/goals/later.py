"""Is what was given as a gift bought later? Of members who got a product free, those who then paid for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import ibis
import pyarrow as pa
from ibis import _

from ganbo.features.experiments import statistics
from ganbo.insights.kpis.facts import Facts

DAYS = 60  # how long later; whoever got it more recently has not had the time and is left out


@dataclass(frozen=True, slots=True)
class Later:
    """One gift: of `members` who used it, `bought` paid for the product within sixty days, with the share's 95 % interval."""

    reward: str
    sku: str
    members: int
    bought: int
    low: float
    high: float


def of_rewards(facts: Facts, skus: Mapping[str, str]) -> dict[str, Later]:
    """By reward, for those of a product (reward → SKU) that somebody used at least sixty days ago."""
    if not skus:
        return {}
    until = facts.warehouse.taken_at.astimezone(facts.warehouse.zone).date() - timedelta(days=DAYS)
    product = ibis.memtable(pa.table({"gift": list(skus), "sku": list(skus.values())}))
    used = facts.table("vouchers").filter(_.member_id.notnull(), _.used_at.notnull(), _.state != "void")
    moves = facts.table("voucher_uses").filter(_.state != "released").group_by(of=_.voucher_id).agg(on=_.day.min())
    first = (
        used.inner_join(moves, used.id == moves.of)
        .inner_join(product, _.reward == product.gift)
        .group_by("reward", "sku", who=_.member_id)
        .agg(on=_.on.min())
        .filter(_.on <= until)
    )
    orders = facts.orders().select("event_id", "member_id", "day")
    lines = facts.table("lines").filter(_.net > 0).select(of_event=_.event_id, bought_sku=_.sku)
    paid = orders.inner_join(lines, orders.event_id == lines.of_event).select("member_id", "day", "bought_sku")
    again = (
        first.inner_join(paid, [first.who == paid.member_id, first.sku == paid.bought_sku])
        .filter(_.day > _.on, _.day <= _.on + ibis.interval(days=DAYS))
        .select("reward", "who")
        .distinct()
    )
    given = {row["reward"]: row["n"] for row in first.group_by("reward").agg(n=_.count()).to_pyarrow().to_pylist()}
    bought = {row["reward"]: row["n"] for row in again.group_by("reward").agg(n=_.count()).to_pyarrow().to_pylist()}
    return {
        reward: Later(reward, skus[reward], n, bought.get(reward, 0), *statistics.wilson(bought.get(reward, 0), n))
        for reward, n in given.items()
    }
