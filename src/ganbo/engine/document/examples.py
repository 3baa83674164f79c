"""`examples`: the document's own tests: single events, and stories of several."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Id, Words

Amount = Annotated[int, Field(ge=0)]


class GivenMemberDoc(BaseModel):
    """The member before the event."""

    model_config = STRICT
    tier: Id | None = None
    """The level; left out, the first.

    {tier: silver}
    """
    age_days: Amount = 0
    """Days as a member.

    {age_days: 30}
    """
    purchases: Amount = 0
    """Purchases before.

    {purchases: 2}
    """
    spend: Amount = 0
    """Spending before, in minor units.

    {spend: 1200000}
    """
    visits: Amount = 0
    """Days with a visit before.

    {visits: 5}
    """
    days_since_purchase: Annotated[int, Field(ge=-1)] = -1
    """Days since the last purchase; −1 when there was none.

    {days_since_purchase: 45}
    """
    stamps: dict[Id, Amount] = {}
    """Stamps that stand on cards already begun.

    {stamps: {coffee: 9}}
    """


class GivenDoc(BaseModel):
    model_config = STRICT
    member: GivenMemberDoc = GivenMemberDoc()
    """The member before the first event.

    {member: {tier: silver}}
    """


class ExampleEventDoc(BaseModel):
    """An event as the API takes it, without its id and member."""

    model_config = STRICT
    type: Words
    """Type of event.

    {type: review, occurred_at: 2026-11-23T10:00:00+07:00}
    """
    occurred_at: Words
    """When, with its offset.

    {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}
    """
    store: Words | None = None
    """In which store.

    {type: visit, occurred_at: 2026-11-23T10:00:00+07:00, store: hoan-kiem}
    """
    channel: Words | None = None
    """By which channel.

    {type: visit, occurred_at: 2026-11-23T10:00:00+07:00, channel: web}
    """
    data: dict[str, Any] = {}
    """What the event says, as in the API.

    {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 55000}}
    """


class RefundDoc(BaseModel):
    """A return of the story's last purchase: lines by their place from 0, an amount, or all of it when neither."""

    model_config = STRICT
    lines: Annotated[list[Amount], Field(min_length=1)] | None = None
    """Lines that come back, by their place from 0.

    {lines: [0]}
    """
    amount: Annotated[int, Field(ge=1)] | None = None
    """Or how much of the bill comes back, in minor units.

    {amount: 20000}
    """


class StepDoc(BaseModel):
    """One step of a story: time passes (`after: 3d`, `13mo`), then an event, a return or a redemption."""

    model_config = STRICT
    after: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(h|d|mo|y)$")] | None = None
    """Time that passes first: hours, days, months or years.

    {after: 13mo}
    """
    event: ExampleEventDoc | None = None
    """An event of the member.

    {event: {type: visit, occurred_at: 2026-11-25T10:00:00+07:00}}
    """
    refund: RefundDoc | None = None
    """A return of the story's last purchase; `{}` is all of it.

    {after: 3d, refund: {lines: [0]}}
    """
    redeem: Id | None = None
    """The member takes a reward for its price.

    {after: 1d, redeem: ten-percent}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(part is not None for part in (self.event, self.refund, self.redeem)) > 1:
            raise ValueError("one_step_at_a_time")
        return self


class ExpectDoc(BaseModel):
    """What must come out. Beside these keys each wallet may stand with what was given in all."""

    model_config = {**STRICT, "extra": "allow"}
    stamps: dict[Id, Amount] | None = None
    """Stamps that were added.

    {stamps: {coffee: 2}}
    """
    vouchers: dict[Id, Amount] | None = None
    """Vouchers that were given.

    {vouchers: {ten-percent: 1}}
    """
    balances: dict[Id, int] | None = None
    """Units that can be used at the end.

    {balances: {points: 5}}
    """
    owed: dict[Id, Amount] | None = None
    """Units owed at the end.

    {owed: {points: 0}}
    """
    pending: dict[Id, Amount] | None = None
    """Units that wait at the end.

    {pending: {points: 0}}
    """
    expired: dict[Id, Amount] | None = None
    """Units that ended.

    {expired: {points: 11}}
    """
    tier: Id | None = None
    """The level at the end.

    {tier: bronze}
    """

    __pydantic_extra__: dict[str, Amount]


class ExampleDoc(BaseModel):
    """One case: an `event`, or a `story`."""

    model_config = STRICT
    given: GivenDoc = GivenDoc()
    """The member before it.

    {given: {member: {tier: silver}}, event: {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}, expect: {points: 0}}
    """
    event: ExampleEventDoc | None = None
    """One event; either this or `story`.

    {event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 55000}}, expect: {points: 5}}
    """
    story: Annotated[list[StepDoc], Field(min_length=1, max_length=50)] | None = None
    """Steps one after another, beginning with an event.

    {story: [{event: {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}}, {after: 13mo}], expect: {expired: {points: 0}}}
    """
    expect: ExpectDoc
    """What must come out; a wallet's id beside these keys is what was given in all. What is not expected is not compared.

    {event: {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}, expect: {points: 0}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.event is None) == (self.story is None):
            raise ValueError("event_or_story")
        if self.story is not None and self.story[0].event is None:
            raise ValueError("story_begins_with_event")
        return self
