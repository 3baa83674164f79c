"""Partners: their bills and returns, what they may ask about a card, terms agreed to, statements and settlements."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ganbo.books.events.body import Amount, EventId
from ganbo.doors.api import shapes
from ganbo.doors.api.app import MissingScope, NotFound, answer, api, locale_of, write
from ganbo.doors.api.codes import tried
from ganbo.doors.api.hot import Caller
from ganbo.doors.api.members import actor, programme_now
from ganbo.features.partners import queries, statements
from ganbo.features.partners.queries import Bill
from ganbo.features.partners.statements import Statement
from ganbo.foundation import clock
from ganbo.foundation.staff.keys import PARTNER
from ganbo.foundation.tenancy import context
from ganbo.journeys import partner_bills, partner_links, partner_lookup, settle_partner
from ganbo.journeys.partner_bills import Back, Told

_STRICT = ConfigDict(strict=True, extra="forbid")
Card = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
MOST_POINTS = 10**9


class GiftCardUsed(BaseModel):
    """How much a gift card pays, minor units."""

    model_config = _STRICT
    code: Card
    amount: Annotated[Amount, Field(ge=1)]


class BillTold(BaseModel):
    """A bill at the partner's, minor units; `reference` is the partner's own. `points`: how many pay it."""

    model_config = _STRICT
    reference: EventId
    amount: Annotated[Amount, Field(ge=1)]
    card: Card | None = None
    points: Annotated[int, Field(ge=0, le=MOST_POINTS)] = 0
    gift_card: GiftCardUsed | None = None

    @model_validator(mode="after")
    def _somebodys(self) -> "BillTold":
        if self.card is None and self.gift_card is None:
            raise ValueError("missing")
        return self


class ReturnTold(BaseModel):
    """A return at the partner's: of which bill, and how much of it; left out, all that is left."""

    model_config = _STRICT
    reference: EventId
    bill: EventId
    amount: Annotated[Amount, Field(ge=1)] | None = None


class CardAsked(BaseModel):
    model_config = _STRICT
    card: Card


class CardShown(BaseModel):
    """What a partner may know of a card: how many points can pay, and what they are worth there."""

    issuer: str
    points: int
    worth: shapes.Money | None


class BillShown(BaseModel):
    """What a bill moved, or a return of one moved back; `owed`: above zero the partner owes us for it."""

    id: str
    reference: str
    amount: shapes.Money
    earned: int
    points_used: int
    paid_by_points: shapes.Money
    paid_by_gift_card: shapes.Money
    owed: shapes.Money


class PartnerShown(BaseModel):
    """`owed`: above zero the partner owes us; `agreed`: its terms with us hold on both sides."""

    id: str
    name: str
    business: str | None
    agreed: bool
    terms: dict[str, Any]
    owed: shapes.Money
    months: list[str]


class StatementLine(BaseModel):
    id: str
    at: str
    ours: bool
    kind: str
    reference: str
    units: int
    amount: int


class StatementShown(BaseModel):
    """A month: `closing` is the one amount that one side pays; above zero the partner owes us."""

    partner: str
    month: str
    state: str
    currency: str
    opening: int
    closing: int
    lines: list[StatementLine]


class Agreed(BaseModel):
    partner: str
    terms: str


class SettledShown(BaseModel):
    """`amount`: above zero the partner paid us."""

    partner: str
    month: str
    amount: shapes.Money


Operation = Callable[..., HttpResponse]


def needs_partner(*, own: bool = False) -> Callable[[Operation], Operation]:
    """For keys with `partners:write`; unless it is `own` business, also for the partner's key, `partner:<id>`."""

    def decorate(operation: Operation) -> Operation:
        @wraps(operation)
        def within(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            caller: Caller = request.auth  # type: ignore[attr-defined]
            theirs = f"{PARTNER}{kwargs.get('partner', '')}"
            if "partners:write" not in caller.key.scopes and (own or theirs not in caller.key.scopes):
                raise MissingScope(scope="partners:write" if own else theirs)
            with context.within(caller.business):
                return operation(request, *args, **kwargs)

        return within

    return decorate


@api.get("/partners", response=shapes.statuses(shapes.Page, 200, 409), tags=["partners"])
@needs_partner(own=True)
def listed(request: HttpRequest) -> HttpResponse:
    """Every partner of the programme, whether its terms are agreed to, and what is owed."""
    programme, locale, now = programme_now(), locale_of(request), clock.now()
    rows = [
        {
            "id": one.id,
            "name": one.name.text(locale) or one.id,
            "business": one.business,
            "agreed": partner_links.holds(one.id, at=now),
            "terms": one.terms(programme.currency),
            "owed": {"amount": queries.balance(one.id), "currency": programme.currency},
            "months": queries.months(one.id),
        }
        for one in programme.partners.values()
    ]
    return answer({"items": rows, "next": None})


@api.post("/partners/{partner}/agree", response=shapes.statuses(Agreed, 200, 404, 409), tags=["partners"])
@needs_partner(own=True)
def agree(request: HttpRequest, partner: str) -> HttpResponse:
    """Agree to the terms on which the partner's points and gift cards are earned and taken here."""

    def work() -> tuple[int, Any]:
        terms = settle_partner.agree(partner, by=actor(request), now=clock.now())
        return 200, {"partner": partner, "terms": terms}

    return write(request, work)


@api.post("/partners/{partner}/card", response=shapes.statuses(CardShown, 200, 404, 409, 413, 415), tags=["partners"])
@needs_partner()
def card(request: HttpRequest, partner: str, data: CardAsked) -> HttpResponse:
    """Whether a card is one of ours, and how many points can pay; nothing else of its holder."""
    found = partner_lookup.card(partner, data.card, at=clock.now())
    worth = {"amount": found.worth, "currency": found.currency} if found.worth is not None else None
    return answer({"issuer": context.current().name, "points": found.points, "worth": worth})


@api.post("/partners/{partner}/bills", response=shapes.statuses(BillShown, 201, 404, 409, 413, 415), tags=["partners"])
@needs_partner()
def bill(request: HttpRequest, partner: str, data: BillTold) -> HttpResponse:
    """A bill of a member there: points earned and used, a gift card used, and what is owed; once per reference."""
    used = data.gift_card
    told = Told(
        data.reference,
        data.amount,
        data.card or "",
        data.points,
        used.code if used else "",
        used.amount if used else 0,
    )

    def work() -> tuple[int, Any]:
        return 201, _shown(partner_bills.sell(partner, told, by=actor(request), now=clock.now()))

    return tried(request, lambda: write(request, work))


@api.post(
    "/partners/{partner}/returns", response=shapes.statuses(BillShown, 201, 404, 409, 413, 415), tags=["partners"]
)
@needs_partner()
def give_back(request: HttpRequest, partner: str, data: ReturnTold) -> HttpResponse:
    """A return, of all or of a part: everything comes back in proportion, debts too; once per reference."""
    told = Back(data.reference, data.bill, data.amount)

    def work() -> tuple[int, Any]:
        return 201, _shown(partner_bills.give_back(partner, told, by=actor(request), now=clock.now()))

    return write(request, work)


@api.get(
    "/partners/{partner}/statements/{month}", response=shapes.statuses(StatementShown, 200, 404), tags=["partners"]
)
@needs_partner()
def statement(request: HttpRequest, partner: str, month: Month) -> HttpResponse:
    """A month: what was open, every line, and the closing."""
    found, currency = _statement(partner, month)
    return answer(
        {
            "partner": partner,
            "month": month,
            "state": found.state,
            "currency": currency,
            "opening": found.opening,
            "closing": found.closing,
            "lines": [
                {
                    "id": str(line.id), "at": line.at.isoformat(), "ours": line.ours, "kind": line.kind,
                    "reference": line.reference, "units": line.units, "amount": line.amount,
                }
                for line in found.lines
            ],
        }
    )  # fmt: skip


@api.post(
    "/partners/{partner}/statements/{month}/settle",
    response=shapes.statuses(SettledShown, 200, 404, 409),
    tags=["partners"],
)
@needs_partner(own=True)
def settle(request: HttpRequest, partner: str, month: Month) -> HttpResponse:
    """Say that everything up to this month was paid; of two businesses here, who is owed says so."""

    def work() -> tuple[int, Any]:
        paid = settle_partner.settle(partner, month, by=actor(request), now=clock.now())
        money = {"amount": paid.amount, "currency": programme_now().currency}
        return 200, {"partner": partner, "month": month, "amount": money}

    return write(request, work)


def _statement(partner: str, month: str) -> tuple[Statement, str]:
    link = partner_links.latest(partner)
    running = partner_bills.month_of(clock.now(), link.programme.timezone)
    found = statements.of(partner, month, running=running)
    if not found.lines and month not in (running, *queries.months(partner)):
        raise NotFound()
    return found, link.currency


def _shown(row: Bill) -> dict[str, Any]:
    link = partner_links.latest(row.partner)
    money = {"currency": link.currency}
    return {
        "id": str(row.id),
        "reference": row.reference,
        "amount": money | {"amount": row.amount},
        "earned": row.moved.earned,
        "points_used": row.moved.used,
        "paid_by_points": money | {"amount": row.moved.paid},
        "paid_by_gift_card": money | {"amount": row.moved.by_card},
        "owed": money | {"amount": queries.owed_for(row.partner, row.reference)},
    }
