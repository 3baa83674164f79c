"""What members pay sales from: the lots that are read for it, and points burnt in the very transaction that records the sale.

Nothing is read for a batch that pays with neither points nor card; of the card see card_paying.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.posting import Cause, Insufficient, Posting
from ganbo.engine import basket, paying
from ganbo.engine.basket import Order
from ganbo.engine.paying import Most, Payment
from ganbo.engine.programme import Programme
from ganbo.features.programmes import pay_sentences
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Statement, text_array
from ganbo.journeys import card_paying, gathering, pooling, reserving
from ganbo.journeys.gathering import Standing
from ganbo.kernel.points import shown_balance

RULE = "pay:"  # the transfers' rule; no id of the document looks so


@lru_cache(maxsize=4096)
def _lots_sql(schema: str, *, pooled: bool) -> str:
    return (
        gathering.who_sql(schema, pooled=pooled)
        + "SELECT l.id, l.account_id, l.expires_at, l.earned_month, l.remaining FROM"
        f' (SELECT DISTINCT id FROM who) w JOIN "{schema}".ledger_account a ON a.holder_id = w.id'
        " AND a.role = 'member' AND a.asset = ANY($6::text[])"
        f' JOIN "{schema}".ledger_lot l ON l.account_id = a.id WHERE l.remaining > 0'
    )


def statements(schema: str, timeline: Timeline, requests: Sequence[EventRequest], *, quoted: bool) -> list[Statement]:
    """What must be read to pay: lots of the members who pay with points or card; for a quote of all who could pay with points.

    Nothing for most programmes.
    """
    members, assets = [], set[str]()
    for request in requests:
        if request.type != "purchase" or not request.member:
            continue
        programme = timeline.at(request.occurred_at).programme
        wallets = set(programme.pots) if card_paying.wanted(request) else set()
        points = paying.wallet_of(programme) if quoted or paying.wishes(request.data) else None
        if points is not None:
            wallets.add(points.id)
        if wallets:
            members.append(request.member)
            assets |= wallets
    if not members:
        return []
    return [(_lots_sql(schema, pooled=timeline.pools), (*gathering.member_arrays(members), text_array(sorted(assets))))]


def keep(posting: Posting, lots: Mapping[UUID, dict[UUID, Lot]]) -> None:
    """Lots that were read before the posting moved anything; what it knows already stays as it is."""
    for account, held in lots.items():
        posting.lots.setdefault(account, held)


def available(
    posting: Posting, standing: Standing | None, programme: Programme, request: EventRequest, *, at: datetime
) -> int:
    """Units that could pay a sale at `at`, with what is held for it; what is shown below zero must be made good first."""
    wallet = paying.wallet_of(programme)
    if wallet is None or standing is None:
        return 0
    if not pooling.may_spend(standing, programme, wallet.id):
        return 0
    there = pooling.available(posting, standing, programme, wallet.id, at=at)
    owed, floor = posting.owed(standing.member_id, wallet.id), wallet.floor(standing.tier or programme.first_tier)
    kept = posting.kept_for(standing.member_id, wallet.id, reserving.order_of(request)) if posting.holds else 0
    return max(shown_balance(there, owed, floor)[0], 0) + kept


def plan(
    posting: Posting,
    request: EventRequest,
    standing: Standing | None,
    order: Order | None,
    *,
    programme: Programme,
    at: datetime,
) -> Payment | None:
    """What points will pay of an order. Changes nothing. Raises FieldsRefused, MayNotSpend or Insufficient."""
    if order is None or not paying.wishes(request.data):
        return None
    try:
        payment = paying.plan(programme, request.data, order, member=standing is not None)
    except basket.FieldRefused as refusal:
        problems = [FieldProblem(f"data.{name}", code, dict(params)) for name, code, params in refusal.errors]
        raise FieldsRefused(problems) from refusal
    if payment is None or standing is None:
        return None
    if not pooling.may_spend(standing, programme, payment.wallet):
        raise pooling.MayNotSpend()
    there = available(posting, standing, programme, request, at=at)
    if payment.units > there:
        raise Insufficient(needed=payment.units, available=there, asset=payment.wallet)
    return payment


def burn(
    posting: Posting,
    request: EventRequest,
    standing: Standing | None,
    payment: Payment | None,
    *,
    programme: Programme,
    at: datetime,
) -> Payment | None:
    """Burn what was planned, lot by lot, the first to expire first; with whose lots paid."""
    if payment is None or standing is None:
        return payment
    why = Cause(request.id, request.occurred_at, RULE)
    of = pooling.spend(
        posting, standing, programme, (payment.wallet, payment.units), why, now=at,
        order=reserving.order_of(request),
    )  # fmt: skip
    own = str(standing.member_id)
    return replace(
        payment,
        of=tuple((one["member_id"], one["amount"]) for one in of),
        others=sum(one["amount"] for one in of if one["member_id"] != own),
    )


def row(payment: Payment) -> dict[str, Any]:
    """What was paid, as an effect of the event: units of the wallet, and the money they paid or took off."""
    how = "discount" if payment.discount else "payment"
    found = {"kind": "paid", "wallet": payment.wallet, "amount": payment.units, "state": how, "money": payment.money}
    return found | ({"of": [{"member_id": who, "amount": n} for who, n in payment.of]} if payment.others else {})


def tell(
    recorded: dict[str, Any], payment: Payment | None, standing: Standing | None, programme: Programme, *, locale: str
) -> None:
    """Put what was paid into the answer of a sale."""
    if payment is None:
        return
    speaks, address = (standing.locale, standing.address_form) if standing else ("", None)
    recorded["effects"].append(row(payment))
    recorded["because"] += pay_sentences.because(payment, programme, locale=speaks or locale, address=address)


def payable(most: Most | None, programme: Programme) -> dict[str, Any] | None:
    """How much of a bill points could pay, as a quote shows it."""
    if most is None:
        return None
    money = {name: {"amount": amount, "currency": programme.currency} for name, amount in (
        ("amount", most.money), ("least", most.least), ("step", most.step))}  # fmt: skip
    how = "discount" if most.discount else "payment"
    return {"wallet": most.wallet, "points": most.units, "as": how} | money
