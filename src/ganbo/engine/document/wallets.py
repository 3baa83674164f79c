"""`wallets`: what can be earned, when it ends, when it may be used, and what a return takes back."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Day, DayOfYear, Id, LocalWords, On, Share

_KEYS = {
    "never": ((), ()),
    "end_of_month": (("months",), ()),
    "rolling": (("months", "days"), ()),
    "end_of_quarter": ((), ("quarters",)),
    "end_of_year": ((), ("years",)),
    "fixed_dates": (("dates",), ()),
    "inactivity": (("months", "days"), ("reset_by",)),
}  # kind: (exactly one of these, any of those)


class GraceDoc(BaseModel):
    """Longer use after the period has ended: some days, or until the next such day of a year."""

    model_config = STRICT
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    """So many days more.

    {days: 30}
    """
    until: DayOfYear | None = None
    """Until the next such day of a year, that day included.

    {until: 06-30}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.days is None) == (self.until is None):
            raise ValueError("grace_needs")
        return self


class ExpiryDoc(BaseModel):
    """When points end, counted from the day they were earned."""

    model_config = STRICT
    kind: Literal["never", "rolling", "end_of_month", "end_of_quarter", "end_of_year", "fixed_dates", "inactivity"]
    """How the end is found; see below.

    {kind: never}
    """
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    """For `end_of_month`, `rolling` and `inactivity`.

    {kind: end_of_month, months: 12}
    """
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """For `rolling` and `inactivity`.

    {kind: rolling, days: 365}
    """
    quarters: Annotated[int, Field(ge=0, le=40)] | None = None
    """For `end_of_quarter`: how many after the one of earning.

    {kind: end_of_quarter, quarters: 4}
    """
    years: Annotated[int, Field(ge=0, le=10)] | None = None
    """For `end_of_year`: how many after the one of earning.

    {kind: end_of_year, years: 1}
    """
    dates: Annotated[list[DayOfYear], Field(min_length=1, max_length=12)] | None = None
    """For `fixed_dates`: the days of a year, each the last usable.

    {kind: fixed_dates, dates: [06-30, 12-31]}
    """
    reset_by: Annotated[list[On], Field(min_length=1, max_length=10)] | None = None
    """For `inactivity`: which events keep points alive; left out, purchases.

    {kind: inactivity, months: 18, reset_by: [purchase, visit]}
    """
    grace: GraceDoc | None = None
    """Longer use after the period has ended.

    {kind: end_of_year, grace: {until: 06-30}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        names = ("months", "days", "quarters", "years", "dates", "reset_by")
        given = {name for name in names if getattr(self, name) is not None}
        one_of, also = _KEYS[self.kind]
        if len(given & set(one_of)) != min(len(one_of), 1) or not given <= {*one_of, *also}:
            raise ValueError("expiry_needs")
        if self.grace is not None and self.kind in ("never", "inactivity"):
            raise ValueError("grace_without_end")
        return self


class PendingDoc(BaseModel):
    """When earned points may be used: at once, after days, on a day, or when another event of the member comes."""

    model_config = STRICT
    kind: Literal["none", "after", "on_date", "until_event"]
    """At once, after days, on a day, or when another event comes.

    {kind: none}
    """
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """For `after`: how many; for `until_event`: how long it is waited for, then they are cancelled.

    {kind: after, days: 14}
    """
    date: Day | None = None
    """For `on_date`: the day.

    {kind: on_date, date: 2027-01-01}
    """
    event: On | None = None
    """For `until_event`: which event.

    {kind: until_event, event: review, days: 30}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        given = {name for name in ("days", "date", "event") if getattr(self, name) is not None}
        wanted = {"none": set(), "after": {"days"}, "on_date": {"date"}, "until_event": {"event", "days"}}[self.kind]
        if given != wanted:
            raise ValueError("pending_needs")
        return self


class PayDoc(BaseModel):
    """How units pay bills: as money beside other money, or off the price."""

    model_config = STRICT
    rate: Annotated[int, Field(ge=1, le=10**9)] | None = None
    """What one unit pays, in minor units; left out, its `face_value`.

    {rate: 100}
    """
    min: Annotated[int, Field(ge=1, le=10**9)] = 1
    """How many units at least.

    {rate: 100, min: 50}
    """
    step: Annotated[int, Field(ge=1, le=10**9)] = 1
    """Only so many units at a time.

    {rate: 100, step: 10}
    """
    max_share: Share = Decimal(1)
    """How much of the bill at most: of the goods for a discount, of all there is to pay for a payment.

    {rate: 100, max_share: 0.5}
    """
    as_: Annotated[Literal["discount", "payment"], Field(alias="as")] = "payment"
    """A `discount` makes the bill smaller before anything pays it; a `payment` pays it and does not lessen what it earns.

    {rate: 100, as: discount}
    """
    earns_on_rest: bool = False
    """The part paid with points earns nothing; the rest does. A rule may still say `base: {paid_with_points: in}`.

    {rate: 100, earns_on_rest: true}
    """


class WalletDoc(BaseModel):
    """One currency of the programme."""

    model_config = STRICT
    name: LocalWords
    """What one unit is called.

    {name: {vi: xu, en: coins}}
    """
    face_value: Annotated[int, Field(ge=1, le=10**9)] | None = None
    """What one unit is worth, in minor units; shown, never paid out.

    {face_value: 100}
    """
    money: bool = False
    """Its units are minor units of money; no level multiplies them.

    {money: true}
    """
    refundable: bool = True
    """For money: whether it was paid for; say `false` of money the shop added, which is never paid out.

    {money: true, refundable: false}
    """
    spendable: bool = True
    """Whether rewards can cost it; say `false` of miles that only count for levels.

    {spendable: false}
    """
    expires: ExpiryDoc = ExpiryDoc(kind="never")
    """When units end.

    {expires: {kind: end_of_month, months: 12}}
    """
    pending: PendingDoc = PendingDoc(kind="none")
    """When units may be used.

    {pending: {kind: after, days: 7}}
    """
    on_refund: Literal["keep", "only_pending", "within_balance", "unlimited"] = "within_balance"
    """What a return takes back: nothing, only what waits, what is there (the rest becomes owed), or below zero to the `floor`.

    {on_refund: keep}
    """
    floor: Annotated[int, Field(ge=-(10**12), le=0)] | dict[Id, Annotated[int, Field(ge=-(10**12), le=0)]] | None = None
    """For `unlimited`: how far below zero, perhaps by level.

    {on_refund: unlimited, floor: {bronze: -100, silver: -500}}
    """
    returned: Annotated[int, Field(ge=1, le=3660)] | None = None
    """For how many days units that come back with a return may be used when they have ended meanwhile.

    {returned: 30}
    """
    notice_days: Annotated[list[Annotated[int, Field(ge=1, le=366)]], Field(max_length=5)] = [30, 7]
    """How many days before units end the member is told.

    {notice_days: [14, 3]}
    """

    pay: PayDoc | None = None
    """How units pay bills; left out, they do not. One kind of points can; money wallets pay anyway.

    {pay: {rate: 100, min: 50, step: 10, max_share: 0.5, as: payment}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.pay is not None and self.money:
            raise ValueError("money_pays_itself")
        if self.pay is not None and (self.pay.rate or self.face_value) is None:
            raise ValueError("pay_needs_rate")
        if self.pay is not None and not self.spendable:
            raise ValueError("pay_not_spendable")
        if (self.floor is not None) != (self.on_refund == "unlimited"):
            raise ValueError("floor_and_unlimited")
        if self.money and (self.face_value is not None or not self.spendable):
            raise ValueError("money_is_money")
        if not self.refundable and not self.money:
            raise ValueError("refundable_money")
        return self
