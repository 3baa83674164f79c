"""`wallets`: what can be earned, when it ends, when it may be used, and what a return takes back."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Day, DayOfYear, Id, LocalWords, On

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
    until: DayOfYear | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.days is None) == (self.until is None):
            raise ValueError("grace_needs")
        return self


class ExpiryDoc(BaseModel):
    """When points end, counted from the day they were earned."""

    model_config = STRICT
    kind: Literal["never", "rolling", "end_of_month", "end_of_quarter", "end_of_year", "fixed_dates", "inactivity"]
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    quarters: Annotated[int, Field(ge=0, le=40)] | None = None
    years: Annotated[int, Field(ge=0, le=10)] | None = None
    dates: Annotated[list[DayOfYear], Field(min_length=1, max_length=12)] | None = None
    reset_by: Annotated[list[On], Field(min_length=1, max_length=10)] | None = None
    grace: GraceDoc | None = None

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
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    date: Day | None = None
    event: On | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        given = {name for name in ("days", "date", "event") if getattr(self, name) is not None}
        wanted = {"none": set(), "after": {"days"}, "on_date": {"date"}, "until_event": {"event", "days"}}[self.kind]
        if given != wanted:
            raise ValueError("pending_needs")
        return self


class WalletDoc(BaseModel):
    """One currency of the programme."""

    model_config = STRICT
    name: LocalWords
    face_value: Annotated[int, Field(ge=1, le=10**9)] | None = None
    money: bool = False
    spendable: bool = True
    expires: ExpiryDoc = ExpiryDoc(kind="never")
    pending: PendingDoc = PendingDoc(kind="none")
    on_refund: Literal["keep", "only_pending", "within_balance", "unlimited"] = "within_balance"
    floor: Annotated[int, Field(ge=-(10**12), le=0)] | dict[Id, Annotated[int, Field(ge=-(10**12), le=0)]] | None = None
    returned: Annotated[int, Field(ge=1, le=3660)] | None = None
    notice_days: Annotated[list[Annotated[int, Field(ge=1, le=366)]], Field(max_length=5)] = [30, 7]

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.floor is not None) != (self.on_refund == "unlimited"):
            raise ValueError("floor_and_unlimited")
        if self.money and (self.face_value is not None or not self.spendable):
            raise ValueError("money_is_money")
        return self
