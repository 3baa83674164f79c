"""`examples`: the document's own tests: single events, and stories of several."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Id, Words

Amount = Annotated[int, Field(ge=0)]


class GivenMemberDoc(BaseModel):
    """The member before the event."""

    model_config = STRICT
    tier: Id | None = None
    age_days: Amount = 0
    purchases: Amount = 0
    spend: Amount = 0
    visits: Amount = 0
    days_since_purchase: Annotated[int, Field(ge=-1)] = -1
    stamps: dict[Id, Amount] = {}


class GivenDoc(BaseModel):
    model_config = STRICT
    member: GivenMemberDoc = GivenMemberDoc()


class ExampleEventDoc(BaseModel):
    """An event as the API takes it, without its id and member."""

    model_config = STRICT
    type: Words
    occurred_at: Words
    store: Words | None = None
    channel: Words | None = None
    data: dict[str, Any] = {}


class RefundDoc(BaseModel):
    """A return of the story's last purchase: lines by their place from 0, an amount, or all of it when neither."""

    model_config = STRICT
    lines: Annotated[list[Amount], Field(min_length=1)] | None = None
    amount: Annotated[int, Field(ge=1)] | None = None


class StepDoc(BaseModel):
    """One step of a story: time passes (`after: 3d`, `13mo`), then an event, a return or a redemption."""

    model_config = STRICT
    after: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(h|d|mo|y)$")] | None = None
    event: ExampleEventDoc | None = None
    refund: RefundDoc | None = None
    redeem: Id | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(part is not None for part in (self.event, self.refund, self.redeem)) > 1:
            raise ValueError("one_step_at_a_time")
        return self


class ExpectDoc(BaseModel):
    """What must come out. Beside these keys each wallet may stand with what was given in all."""

    model_config = {**STRICT, "extra": "allow"}
    stamps: dict[Id, Amount] | None = None
    vouchers: dict[Id, Amount] | None = None
    balances: dict[Id, int] | None = None
    owed: dict[Id, Amount] | None = None
    pending: dict[Id, Amount] | None = None
    expired: dict[Id, Amount] | None = None
    tier: Id | None = None

    __pydantic_extra__: dict[str, Amount]


class ExampleDoc(BaseModel):
    """One case: an `event`, or a `story`."""

    model_config = STRICT
    given: GivenDoc = GivenDoc()
    event: ExampleEventDoc | None = None
    story: Annotated[list[StepDoc], Field(min_length=1, max_length=50)] | None = None
    expect: ExpectDoc

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.event is None) == (self.story is None):
            raise ValueError("event_or_story")
        if self.story is not None and self.story[0].event is None:
            raise ValueError("story_begins_with_event")
        return self
