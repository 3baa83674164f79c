"""The contract's shapes for OpenAPI and for strict bodies."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ganbo.books.events.body import Code

_STRICT = ConfigDict(strict=True, extra="forbid")


def _day(value: object) -> date:
    if isinstance(value, str) and len(value) == 10 and value.isascii():
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("date")


Day = Annotated[date, BeforeValidator(_day)]
Phone = Annotated[str, StringConstraints(min_length=3, max_length=32)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Name = Annotated[str, StringConstraints(max_length=120)]
AddressForm = Annotated[str, StringConstraints(pattern="^(anh|chị|cô|chú|bác|em|bạn|quý khách|)$")]
Locale = Annotated[str, StringConstraints(pattern="^(vi|en)$")]


class MemberNew(BaseModel):
    """Who to enrol: a phone or an e-mail is enough."""

    model_config = _STRICT
    phone: Phone | None = None
    email: Email | None = None
    external_id: Code | None = None
    card: Code | None = None
    name: Name = ""
    address_form: AddressForm = ""
    birthday: Day | None = None
    locale: Locale | None = None
    channel: Code | None = None
    store: Code | None = None


class MemberChange(BaseModel):
    """What to change of a member; what is left out stays."""

    model_config = _STRICT
    phone: Phone | None = None
    email: Email | None = None
    external_id: Code | None = None
    name: Name | None = None
    address_form: AddressForm | None = None
    birthday: Day | None = None
    locale: Locale | None = None
    tier: Code | None = None
    receipts_by_email: bool | None = None


class CardNew(BaseModel):
    model_config = _STRICT
    card: Code


class Member(BaseModel):
    id: str
    phone: str | None
    email: str | None
    external_id: str | None
    cards: list[str]
    name: str
    address_form: str
    birthday: str | None
    locale: str
    tier: str | None
    created_at: str


class Money(BaseModel):
    amount: int
    currency: str


class NextExpiry(BaseModel):
    amount: int
    at: str


class Together(BaseModel):
    """What a household holds of a wallet that it spends together; `may_spend`: whether this member may."""

    available: int
    may_spend: bool


class Balance(BaseModel):
    """`available` is the member's own; with `household` that is spent together."""

    available: int
    pending: int
    held: int
    owed: int
    worth: Money | None
    next_expiry: NextExpiry | None
    household: Together | None = None


class StampCard(BaseModel):
    name: str
    count: int
    of: int
    missing: int
    reward: str
    filled: int


class MemberJoined(Member):
    balances: dict[str, Balance]


class Lot(BaseModel):
    wallet: str
    amount: int
    remaining: int
    earned_at: str
    expires_at: str | None


class LedgerLine(BaseModel):
    id: str
    at: str
    wallet: str
    amount: int
    kind: str
    event_id: str | None
    because: list[str]


class Voucher(BaseModel):
    """`code` is null while a partner's code is still to come; `choose`: what can be chosen of an open choice."""

    id: str
    choose: list[str]
    code: str | None
    reward: str
    quantity: int
    state: str
    fulfilment: str | None
    expires_at: str | None
    created_at: str


class Chosen(BaseModel):
    """`reward`: which of the rewards of the choice."""

    model_config = _STRICT
    reward: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Price(BaseModel):
    """`plus`: money to be paid besides."""

    wallet: str
    amount: int
    plus: Money | None = None


class Reward(BaseModel):
    id: str
    name: str
    kind: str
    price: Price | None
    value: Money | None
    taste: str | None
    fulfil: str
    issuer: str | None
    stock: int | None
    limits: list[dict[str, Any]]
    locked: str | bool | None
    affordable: bool | None
    missing: int | None


class RedemptionVoucher(BaseModel):
    code: str
    expires_at: str | None


class Redemption(BaseModel):
    id: str
    member_id: str
    reward: str
    quantity: int
    price: Price
    state: str
    fulfilment: str | None = None
    voucher: RedemptionVoucher | None
    balances: dict[str, Any]


class Fulfilled(BaseModel):
    """`POST /redemptions/{id}/fulfil`."""

    model_config = _STRICT
    state: Literal["sent", "done"]


class Fulfilment(BaseModel):
    id: str
    fulfilment: str


class Effect(BaseModel):
    """`kind` offer, wallet, stamp, voucher, paid or tier; each has its own fields beside it. What was taken back is below zero."""

    model_config = ConfigDict(extra="allow")
    kind: str
    wallet: str | None = None
    amount: int | None = None
    rule: str | None = None
    state: str | None = None
    expires_at: str | None = None


class Recorded(BaseModel):
    event_id: str
    status: str
    member_id: str | None
    effects: list[Effect]
    balances: dict[str, Any]
    tier: dict[str, Any] | None
    because: list[str]


class Reversed(BaseModel):
    event_id: str
    status: str
    member_id: str | None
    taken_back: dict[str, int]
    given_back: dict[str, int]
    paid_back: dict[str, int]
    owed: dict[str, int]
    effects: list[dict[str, Any]]
    balances: dict[str, Any]
    because: list[str]


class Why(BaseModel):
    event_id: str
    lang: str
    because: list[str]
    because_not: list[str]


class ReverseBody(BaseModel):
    model_config = _STRICT
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Store(BaseModel):
    id: str
    name: str
    confirmed: bool


class StoreNew(BaseModel):
    model_config = _STRICT
    id: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Document(BaseModel):
    model_config = _STRICT
    document: Annotated[str, StringConstraints(min_length=1, max_length=262_144)]


class DocumentToPublish(Document):
    """`existing`: what a changed expiry does to points that are there: nothing, to all, or only to lengthen.

    With `expecting`, only when that is the latest version; `note` says why.
    """

    existing: Literal["new", "all", "extend"] = "new"
    in_force_from: Annotated[str, StringConstraints(max_length=40)] | None = None
    expecting: int | None = None
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class MovedMember(BaseModel):
    member_id: str
    points: int


class Moved(BaseModel):
    members: int
    points: int
    sample: list[MovedMember]


class WalletPreview(BaseModel):
    earlier: Moved
    later: Moved
    ending_now: int


class Preview(BaseModel):
    wallets: dict[str, WalletPreview]


class LevelMoves(BaseModel):
    """How many members go from one level to another; `null`: no levels. `sample`: ids of some of them."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str | None = Field(alias="from")
    to: str | None
    up: bool
    members: int
    sample: list[str]


class Moves(BaseModel):
    """`at_once`: who moves in the night after publishing; `later`: who of the others ends elsewhere than by today's rules."""

    members: int
    at_once: list[LevelMoves]
    later: list[LevelMoves]


class Advised(BaseModel):
    """One finding: where, why, what to do; never an error."""

    code: str
    path: str
    line: int
    severity: Literal["high", "medium", "low"]
    where: str
    why: str
    todo: str


class Checked(BaseModel):
    ok: bool
    rules: int
    rewards: int
    examples: int
    advice: list[Advised]
    assumptions: str


class TermsView(BaseModel):
    version: int
    in_force_from: str
    lang: str
    digest: str
    text: str
    worse_for_members: list[str]


class TermsYes(BaseModel):
    model_config = _STRICT
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    lang: Literal["vi", "en"] | None = None
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    channel: Code = "api"


class Acceptance(BaseModel):
    member_id: str
    version: int
    lang: str
    digest: str
    channel: str
    accepted_at: str


class Published(BaseModel):
    version: int
    in_force_from: str
    worse_for_members: list[str] = []


class ProgrammeView(BaseModel):
    version: int
    in_force_from: str
    document: dict[str, Any]
    source: str


class Page(BaseModel):
    """A list with where it goes on."""

    items: list[dict[str, Any]]
    next: str | None


class KpiRow(BaseModel):
    """A number: `value` is numerator ÷ denominator, of counts the numerator; null: not measured. Of money these are Money.

    `key`: the tier, store, product, source or wallet it is told for. `partial`: the month was not over.
    """

    month: str
    key: str
    value: float | Money | None
    numerator: int | Money
    denominator: int | None
    partial: bool


class Kpi(BaseModel):
    """A KPI in words, and its numbers. `unit`: share (0–1), money, count, number, points or nps (−100…100)."""

    name: str
    title: str
    says: str
    unit: str
    formula: str
    numerator: str
    denominator: str | None
    rows: list[KpiRow]


class Kpis(BaseModel):
    """KPIs as the warehouse had them when it was last filled."""

    model_config = ConfigDict(populate_by_name=True)
    filled_at: str
    from_: str = Field(alias="from")
    to: str
    by: str
    items: list[Kpi]
    next: None


class Keep(BaseModel):
    """What keeping the level still needs of each metric, by the end of `until`."""

    missing: dict[str, int]
    until: str


class MemberTier(BaseModel):
    """A member's level; `projected`: what the next review makes of it when nothing more comes."""

    id: str | None
    name: str | None
    next: str | None
    missing: dict[str, int]
    keep: Keep | None
    projected: str | None
    since: str | None
    benefits: list[str]
    sentences: list[str]


class BatchResult(BaseModel):
    event_id: str | None
    status: str
    recorded: Recorded | None
    problem: dict[str, Any] | None


class BatchAnswer(BaseModel):
    results: list[BatchResult]
    applied: int
    replayed: int
    parked: int
    refused: int


class FieldError(BaseModel):
    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457; more members may be present, such as `event_id` or `member_id`."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] = Field(default_factory=list)


def statuses(shape: Any, *codes: int) -> dict[int, Any]:
    """What an operation can answer: its shape for 2xx, a Problem for the rest that every call shares and `codes`."""
    good = [code for code in codes if code < 300] or [200]
    found: dict[int, Any] = dict.fromkeys(good, shape)
    for code in (400, 401, 403, 422, 429, 503, *codes):
        found.setdefault(code, Problem)
    return found
