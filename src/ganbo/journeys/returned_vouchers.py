"""Vouchers used on a sale come back when all of it is returned, and count as used again when that return is undone.

A gift card gets back its part with each return: money comes back first, then card money, then points, then gift cards. A
voucher that was used on another order meanwhile stays with that order. What has ended meanwhile comes back ended.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ganbo.features.rewards import using
from ganbo.features.rewards.using import Held, Use
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys.settling import Returns, Sale

Planned = tuple[list[dict[str, Any]], list[Statement]]


def plan(pipe: Pipeline, schema: str, sale: Sale, change: tuple[Returns, Returns], *, at: datetime) -> Planned:
    """Rows as the contract shows effects, and the statements; nothing unless the sale became empty or full, or a card got its part."""
    was, is_ = (_nothing(sale, returns) for returns in change)
    stood, stands = (_on_cards(sale, returns) for returns in change)
    if was == is_ and stood == stands:
        return [], []
    uses = using.uses(pipe.run([using.ever_used_for(schema, [sale.event_id])])[0])
    if not uses:
        return [], []
    held = {v.id: v for v in using.held(pipe.run([using.lock(schema, [u.voucher for u in uses])])[0])}
    cards = [u for u in uses if held[u.voucher].remaining is not None]
    rows, statements = _cards(schema, cards, held, stands, at=at) if stood != stands else ([], [])
    others = [u for u in uses if held[u.voucher].remaining is None] if was != is_ else []
    if is_:
        back = [u for u in others if u.state != using.RELEASED]
        return [*rows, *(_row(u, held, "issued") for u in back)], [*statements, *using.give_back(schema, back, at=at)]
    latest = {u.voucher: u for u in others if u.state == using.RELEASED}  # in the order of ids: the last one stays
    again = [_anew(u) for u in latest.values() if _free(u, held)]
    return [*rows, *(_row(u, held, "used") for u in again)], [*statements, *using.take(schema, again, at=at)]


def _cards(schema: str, uses: list[Use], held: dict[Any, Held], stands: int, *, at: datetime) -> Planned:
    """Of what gift cards paid only `stands` minor units stand: each use is given back, and what stands is taken again."""
    first, now = {u.voucher: u for u in reversed(uses)}, {u.voucher: u for u in uses if u.state != using.RELEASED}
    rows: list[dict[str, Any]] = []
    back: list[Use] = []
    again: list[Use] = []
    for voucher, paid in sorted(first.items(), key=lambda pair: pair[1].id):
        part = min(paid.amount, stands)
        stands -= part
        standing = now.get(voucher)
        before = standing.amount if standing else 0
        if part == before or (part > before and not _holds(held[voucher], part - before)):
            continue
        back += [standing] if standing else []
        again += [_anew(replace(paid, amount=part))] if part else []
        state = "issued" if part < before else "used"
        rows.append(_row(paid, held, state) | {"amount": abs(before - part)})
    return rows, [*using.give_back(schema, back, at=at), *(using.take(schema, again, at=at) if again else [])]


def _anew(use: Use) -> Use:
    return replace(use, id=chance.new_id(), state=using.RECORDED, known=False)


def _nothing(sale: Sale, returns: Returns) -> bool:
    left = returns.left(sale.order)
    return returns.undone if left is None else left.nothing


def _on_cards(sale: Sale, returns: Returns) -> int:
    """What of the sale stays paid by gift cards: what was paid otherwise comes back first."""
    left = returns.left(sale.order)
    if not sale.by_gift or left is None or left.nothing or returns.undone:
        return 0
    points = sale.paid.money if sale.paid and not sale.paid.discount else 0
    otherwise = sale.in_money + sum(one.amount for one in sale.burnt) + points
    return sale.by_gift - min(max(left.refunded - otherwise, 0), sale.by_gift)


def _holds(card: Held, amount: int) -> bool:
    return card.state != "void" and (card.remaining or 0) >= amount


def _free(use: Use, held: dict[Any, Held]) -> bool:
    voucher = held[use.voucher]
    return voucher.state != "void" and voucher.used + use.times <= voucher.uses


def _row(use: Use, held: dict[Any, Held], state: str) -> dict[str, Any]:
    """A voucher of the member again, or used again."""
    return {"kind": "voucher", "voucher_id": str(use.voucher), "reward": held[use.voucher].reward, "state": state}
