"""Points that paid a sale come back with its returns, each unit once, to the lots they came from.

How much is back follows from the set of returns; which units, from the order in which they were burnt: the last burnt,
which live longest, come back first. A return that is undone takes the same units again; what is gone becomes owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.posting import Cause, Posting, account_id
from ganbo.engine import paying
from ganbo.foundation.pipelines import Pipeline, text_array
from ganbo.journeys import card_paying, gathering
from ganbo.journeys.paying import RULE
from ganbo.journeys.settling import Returns, Sale


@dataclass(frozen=True, slots=True)
class Burnt:
    """Units of a wallet that one lot gave to the sale; `member` is whose lot it is."""

    wallet: str
    units: int
    lot: Lot
    member: UUID


@lru_cache(maxsize=4096)
def _sql(schema: str) -> str:
    return (
        "SELECT t.asset, t.amount, a.holder_id, l.id, l.account_id, l.expires_at, l.earned_month, l.remaining"
        f' FROM "{schema}".ledger_transfer t JOIN "{schema}".ledger_lot l ON l.id = t.lot_id'
        f' JOIN "{schema}".ledger_account a ON a.id = t.debit_id'
        " WHERE t.cause = ANY($1::text[]) AND t.kind = 'spend' AND t.rule = $2"
        " ORDER BY l.expires_at, l.earned_month, a.holder_id <> $3::uuid, a.holder_id"
    )


def burnt(pipe: Pipeline, schema: str, sale: Sale, *, member: UUID) -> list[Burnt]:
    """What a recorded sale of a member burnt, in the order of Posting.spend; nothing is read when nothing was paid so."""
    if not sale.paid:
        return []
    causes = [sale.event_id, *(f"hold:{id}" for id in sale.holds)]
    rows = pipe.query(_sql(schema), text_array(causes), RULE, str(member))
    found = []
    for row in rows:
        ((lot,),) = (list(held.values()) for held in gathering.lots_of([row[3:]]).values())
        found.append(Burnt(str(row[0]), int(row[1] or 0), lot, UUID(row[2])))
    return found


def just_burnt(posting: Posting, sale: Sale) -> list[Burnt]:
    """The same of a sale that this very posting plans."""
    mine = [t for t in posting.transfers if t.cause == sale.event_id and t.kind == "spend" and t.rule == RULE]
    holders = {account_id(role, asset, member): member for member, asset, role in posting.balances}
    return [Burnt(t.asset, t.amount, posting.lots[t.debit][t.lot], holders[t.debit]) for t in mine if t.lot is not None]


def give(
    posting: Posting,
    sale: Sale,
    change: tuple[Returns, Returns],
    *,
    spent: Sequence[Burnt],
    why: Cause,
    now: datetime,
) -> tuple[dict[str, Any], ...]:
    """Post the difference between two sets of returns; rows as the contract shows effects, below zero what came back."""
    before, after = (_back(sale, returns) for returns in change)
    if sale.paid is None or before == after:
        return ()
    for one, units in _between(list(reversed(spent)), min(before, after), max(before, after)):
        _move(posting, sale, one, units if after > before else -units, why=why, now=now)
    money = sale.paid.money * (before - after) // sale.paid.units
    state = "returned" if after > before else "payment"
    return ({"kind": "paid", "wallet": sale.paid.wallet, "amount": before - after, "state": state, "money": money},)


def _back(sale: Sale, returns: Returns) -> int:
    """Units that these returns bring back: all of them when nothing is left."""
    left = returns.left(sale.order)
    if sale.paid is None:
        return 0
    if returns.undone or (left is not None and left.nothing):
        return sale.paid.units
    if left is None or sale.order is None:
        return 0
    otherwise = sale.in_money + sum(one.amount for one in sale.burnt)
    return paying.returned(sale.paid, net=sale.order.net, paid_otherwise=otherwise, refunded=left.refunded)


def _between(spent: Sequence[Burnt], since: int, until: int) -> list[tuple[Burnt, int]]:
    """The units from one place to another in what was burnt."""
    found, place = [], 0
    for one in spent:
        part = min(until, place + one.units) - max(since, place)
        if part > 0:
            found.append((one, part))
        place += one.units
    return found


def _move(posting: Posting, sale: Sale, one: Burnt, units: int, *, why: Cause, now: datetime) -> None:
    """Give units back to their lot, whoever of a household it belongs to; below zero: burn them again."""
    wallet, why = sale.programme.wallets[one.wallet], why._replace(rule=RULE)
    lot = card_paying.lot_of_return(replace(one.lot, remaining=0), wallet, now=now)
    if units > 0:
        posting.give_back(one.member, wallet.id, units, why, lot=lot)
    else:
        posting.spend_again(one.member, wallet.id, -units, why, now=now)
