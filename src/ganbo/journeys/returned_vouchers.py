"""Vouchers used on a sale come back when all of it is returned, and count as used again when that return is undone.

A voucher that was used on another order meanwhile stays with that order. What has ended meanwhile comes back ended.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ganbo.features.rewards import using
from ganbo.features.rewards.using import Held, Use
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys.settling import Returns, Sale


def plan(
    pipe: Pipeline, schema: str, sale: Sale, change: tuple[Returns, Returns], *, at: datetime
) -> tuple[list[dict[str, Any]], list[Statement]]:
    """Rows as the contract shows effects, and the statements; nothing unless the sale became empty or full again."""
    was, is_ = (_nothing(sale, returns) for returns in change)
    if was == is_:
        return [], []
    uses = using.uses(pipe.run([using.ever_used_for(schema, [sale.event_id])])[0])
    if not uses:
        return [], []
    held = {v.id: v for v in using.held(pipe.run([using.lock(schema, [u.voucher for u in uses])])[0])}
    if is_:
        back = [u for u in uses if u.state != using.RELEASED]
        return [_row(u, held, "issued") for u in back], using.give_back(schema, back, at=at)
    latest = {u.voucher: u for u in uses if u.state == using.RELEASED}  # in the order of ids: the last one stays
    again = [
        replace(u, id=chance.new_id(), state=using.RECORDED, known=False) for u in latest.values() if _free(u, held)
    ]
    return [_row(u, held, "used") for u in again], using.take(schema, again, at=at)


def _nothing(sale: Sale, returns: Returns) -> bool:
    left = returns.left(sale.order)
    return returns.undone if left is None else left.nothing


def _free(use: Use, held: dict[Any, Held]) -> bool:
    voucher = held[use.voucher]
    if voucher.state == "void":
        return False
    if voucher.remaining is not None:
        return voucher.remaining >= use.amount
    return voucher.used + use.times <= voucher.uses


def _row(use: Use, held: dict[Any, Held], state: str) -> dict[str, Any]:
    """A voucher of the member again, or used again."""
    return {"kind": "voucher", "voucher_id": str(use.voucher), "reward": held[use.voucher].reward, "state": state}
