"""The price of a basket: what offers take off, before vouchers, and how the bill tells it line by line."""

from dataclasses import dataclass
from typing import Any

from ganbo.books.events.reading import EventRequest
from ganbo.engine import offers
from ganbo.engine.basket import Order
from ganbo.engine.facts import Facts
from ganbo.engine.offers import Prices, Reduced
from ganbo.engine.programme import Programme
from ganbo.engine.proposing import proposed
from ganbo.engine.stacking import Best, begin
from ganbo.features.programmes import offer_sentences
from ganbo.features.programmes.in_force import Published
from ganbo.journeys import effects, judging
from ganbo.journeys.gathering import Standing


@dataclass(frozen=True, slots=True)
class Priced:
    """A bill as it was asked (`plain`) and after offers. `not_held`: offers for these goods that do not hold, and why."""

    plain: Order
    reduced: Reduced
    not_held: tuple[dict[str, Any], ...] = ()

    @property
    def order(self) -> Order:
        return self.reduced.order

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What stands in `data.offers` of the sale."""
        return [{"offer": one.offer, "amount": one.amount} for one in self.reduced.taken]


def of(
    request: EventRequest,
    order: Order,
    standing: Standing | None,
    published: Published,
    *,
    prices: Prices | None = None,
) -> Priced:
    """The purchase with the best of the offers, `prices` by list and SKU; one that says its `offers` already has them in its discounts."""
    programme = published.programme
    if not programme.offers or "offers" in request.data:
        return Priced(order, Reduced(order, ()))
    days = judging.days_since_purchase(standing, request, published)
    after = effects.counted(standing, request, order, programme)
    facts = Facts(
        type=request.type,
        occurred_at=request.occurred_at,
        member=judging.member_facts(after, request, published, days),
        store=request.store,
        channel=request.channel,
        staff=request.staff,
        data=request.data,
        order=order,
        carried={},
        used={},
    )
    held, not_held = offers.holding(programme, facts)
    itemised = request.data.get("lines") is not None
    concerned = {one.id for one in offers.concerning(programme.offers, order)} if not_held and itemised else set()
    reduced = offers.reduce(order, held, itemised=itemised, prices=prices or {})
    return Priced(order, reduced, tuple(row for row in not_held if row["offer"] in concerned))


def sold(request: EventRequest, order: Order, standing: Standing | None, published: Published) -> EventRequest:
    """The purchase as a till records it: with what offers take off, without vouchers."""
    priced = of(request, order, standing, published)
    if not priced.reduced.taken:
        return request
    data = proposed(request.data, priced.order, begin(priced.order))
    return request._replace(data=data | {"offers": priced.rows})


def because_not(priced: Priced, programme: Programme, *, locale: str) -> list[str]:
    """Why offers for these goods do not hold, as sentences."""
    return [offer_sentences.because_not(row, programme, locale=locale) for row in priced.not_held]


def bill(priced: Priced, best: Best, programme: Programme, *, locale: str) -> dict[str, Any]:
    """The bill in all: `before` what was asked, less offers, less vouchers (`off`), less gift cards, to pay; and by line."""
    cards = sum(part.takes for part in best.gift_cards)
    amounts = {
        "before": priced.plain.total,
        "offers": priced.reduced.off,
        "off": best.off,
        "gift_cards": cards,
        "to_pay": best.pay,
    }

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": programme.currency}

    lines = []
    for n, line in enumerate(priced.plain.lines):
        taken = [(one.offer, one.lines[n]) for one in priced.reduced.taken if one.lines[n]]
        rows = [
            {
                "offer": offer,
                "amount": money(off),
                "because": offer_sentences.because(offer, off, programme, locale=locale, how=True),
            }
            for offer, off in taken
        ]
        lines.append(
            {
                "line": n,
                "plain": money(line.gross),
                "discount": money(line.gross - line.net),
                "offers": rows,
                "vouchers": money(sum(part.lines[n] for part in best.vouchers)),
                "net": money(best.bill.lines[n]),
            }
        )
    return {name: money(amount) for name, amount in amounts.items()} | {"lines": lines}
