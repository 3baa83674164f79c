"""Sales here to a partner's member: our sale and the bill in the issuer's books are one transaction; so are undos and returns.

The current business is the partner; the issuer's books are written inside its own schema. Our sale names no member.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ganbo.books.events import reading
from ganbo.features.partners import queries
from ganbo.features.partners.queries import Bill
from ganbo.foundation import jobs
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction
from ganbo.journeys import partner_bills, partner_links, record_all
from ganbo.journeys.partner_bills import Back, Told
from ganbo.journeys.partner_links import Link, Side
from ganbo.journeys.record_events import Asked


@dataclass(frozen=True, slots=True)
class Paying:
    """What of the issuer's pays: the card's number, points, and a gift card with how much of it, minor units."""

    number: str = ""
    points: int = 0
    gift_card: str = ""
    by_card: int = 0


def sell(link: Link, body: dict[str, Any], amount: int, paying: Paying, *, by: str, now: datetime) -> Bill:
    """Record our sale of `amount` to pay and the issuer's bill with the event's id as its reference. Raises what refused it.

    `link` is the issuer's, as partner_links.issuers gives it.
    """
    business = context.current()
    request = reading.read(body, region=business.country)
    told = Told(request.id, amount, paying.number, paying.points, paying.gift_card, paying.by_card)
    with transaction.atomic():
        outcome = record_all.record_inside(Pipeline.inside_django(), Asked(business, now), request)
        if outcome.refusal is not None:
            raise outcome.refusal
        with context.within(link.ours.business):
            bill = partner_bills.sell(link.partner.id, told, by=by, now=now)
    jobs.wake(business.id)
    return bill


def issuer(event_id: str) -> Side | None:
    """The books of the issuer whose points or cards one of our sales used; None for any other sale."""
    partner = queries.whose(event_id)
    return partner_links.latest(partner).other if partner else None


@needs_transaction
def undo(event_id: str, *, by: str, now: datetime) -> None:
    """Our sale is undone: what is left of its bill at the issuer's is returned, too."""
    _back(event_id, Back(f"{event_id}.undo"[-128:], event_id), by=by, now=now)


@needs_transaction
def returned(sale_id: str, refund_id: str, amount: int, *, by: str, now: datetime) -> None:
    """Goods of our sale came back for `amount` minor units: its bill is returned as far."""
    if amount:
        _back(sale_id, Back(refund_id, sale_id, amount), by=by, now=now)


def _back(sale_id: str, told: Back, *, by: str, now: datetime) -> None:
    side = issuer(sale_id)
    if side is None:
        return
    with context.within(side.business):
        sale = queries.bill(side.partner, sale_id)
        left = sale.amount - queries.returned(sale.id)[0] if sale else 0
        if left:
            amount = min(told.amount, left) if told.amount is not None else None
            partner_bills.give_back(side.partner, Back(told.reference, told.sale, amount), by=by, now=now)
