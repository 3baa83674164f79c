"""Gift cards over the counter: sold, topped up, their sale undone. What is left on one says POST /codes/check."""

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events.body import Amount
from ganbo.doors.api import shapes
from ganbo.doors.api.app import api, id_of, needs, write
from ganbo.doors.api.codes import tried
from ganbo.doors.api.members import actor, programme_now
from ganbo.features.rewards import codes
from ganbo.foundation import clock
from ganbo.journeys import effects, gift_cards
from ganbo.journeys.gift_cards import Sold

_STRICT = ConfigDict(strict=True, extra="forbid")
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CardSold(BaseModel):
    """`reward`: the programme's gift card."""

    model_config = _STRICT
    reward: Name
    store: Annotated[str, StringConstraints(max_length=64)] = ""


class CardToppedUp(BaseModel):
    """`amount` in minor units."""

    model_config = _STRICT
    code: Name
    amount: Annotated[Amount, Field(ge=1)]
    store: Annotated[str, StringConstraints(max_length=64)] = ""


class GiftCardShown(BaseModel):
    """A gift card; `expires_at`: the last second on which it can be used."""

    id: str
    code: str
    reward: str
    left: shapes.Money
    expires_at: str | None


class CardCancelled(BaseModel):
    id: str
    refunded: shapes.Money


@api.post("/gift-cards", response=shapes.statuses(GiftCardShown, 201, 409, 413, 415), tags=["gift cards"])
@needs("redemptions:write")
def sell_card(request: HttpRequest, data: CardSold) -> HttpResponse:
    """Sell a gift card; the money was taken. It earns nothing; what it pays later earns like money."""

    def work() -> tuple[int, Any]:
        sold = gift_cards.sell(data.reward, by=actor(request), now=clock.now(), store=data.store)
        return 201, _shown(sold)

    return _with_code(write(request, work))


@api.post("/gift-cards/top-up", response=shapes.statuses(GiftCardShown, 200, 404, 409, 413, 415), tags=["gift cards"])
@needs("redemptions:write")
def top_up_card(request: HttpRequest, data: CardToppedUp) -> HttpResponse:
    """More money on a card by its code; it then lasts as long as a new one."""

    def work() -> tuple[int, Any]:
        card = gift_cards.top_up(data.code, data.amount, by=actor(request), now=clock.now(), store=data.store)
        return 200, _shown(card)

    return tried(request, lambda: _with_code(write(request, work)))


@api.post("/gift-cards/{card_id}/cancel", response=shapes.statuses(CardCancelled, 200, 404, 409), tags=["gift cards"])
@needs("redemptions:write")
def cancel_card(request: HttpRequest, card_id: str) -> HttpResponse:
    """Undo the sale of a card that nothing was paid with or onto; `refunded` is the money to hand back."""

    def work() -> tuple[int, Any]:
        money = gift_cards.cancel(id_of(card_id), by=actor(request), now=clock.now())
        return 200, {"id": card_id, "refunded": {"amount": money, "currency": programme_now().currency}}

    return write(request, work)


def _shown(card: Sold) -> dict[str, Any]:
    """As stored: where the code will stand is the card's id."""
    programme = programme_now()
    return {
        "id": str(card.id),
        "code": codes.hidden(card.id),
        "reward": card.reward.id,
        "left": {"amount": card.left, "currency": programme.currency},
        "expires_at": effects.shown_expiry(card.expires_at, programme),
    }


def _with_code(answer: HttpResponse) -> HttpResponse:
    """The stored answer with its code in it; codes are never stored."""
    answer.content = codes.shown_in(answer.content.decode(), key=settings.CODE_KEY, pool={}).encode()
    return answer
