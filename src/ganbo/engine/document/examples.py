"""`examples`: the document's own tests: single events, and stories of several."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.proof import Proof
from ganbo.engine.document.shapes import STRICT, Id, Words

Amount = Annotated[int, Field(ge=0)]
MOST_TIMES = 100
MOST_PEOPLE = 19  # besides the member


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
    household: Annotated[dict[Id, Literal["adult", "child"]], Field(max_length=MOST_PEOPLE)] = {}
    """Who is in a household with the member, its owner, as a story begins; their points are their own from the first.

    {household: {minh: adult, ty: child}}
    """


class ExampleEventDoc(BaseModel):
    """An event as the API takes it, without its id and member."""

    model_config = STRICT
    type: Words
    """Type of event.

    {type: review, occurred_at: 2026-11-23T10:00:00+07:00}
    """
    occurred_at: Words | None = None
    """When, with its offset; a story's later events may leave it out: they happen when their step comes.

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


class PackageStepDoc(BaseModel):
    """What happens to a package of the story's member; with several of one kind, to the one bought first that still lives."""

    model_config = STRICT
    sell: Id | None = None
    """The member buys this package.

    {sell: wash-10}
    """
    use: Id | None = None
    """Units of this kind are used.

    {use: wash}
    """
    quantity: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1
    """How many of `use`.

    {use: wash, quantity: 2}
    """
    pause: Id | None = None
    """This package's time stands still.

    {pause: wash-10}
    """
    resume: Id | None = None
    """This package's time goes on.

    {resume: wash-10}
    """
    refund: Id | None = None
    """What is left of this package is given back.

    {refund: wash-10}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(part is not None for part in (self.sell, self.use, self.pause, self.resume, self.refund)) != 1:
            raise ValueError("one_deed_of_a_package")
        if self.quantity != 1 and self.use is None:
            raise ValueError("one_deed_of_a_package")
        return self


class PartnerStepDoc(BaseModel):
    """A bill of the story's member at a partner's, or a return of their last one there."""

    model_config = STRICT
    at: Id
    """Which partner.

    {at: bookshop, bill: 250000}
    """
    bill: Annotated[int, Field(ge=1)] | None = None
    """What the bill comes to, in minor units.

    {at: bookshop, bill: 250000}
    """
    points: Amount = 0
    """How many points pay of it.

    {at: bookshop, bill: 250000, points: 5}
    """
    returned: Annotated[int, Field(ge=1)] | None = None
    """How much of the last bill there comes back, in minor units.

    {at: bookshop, returned: 100000}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.bill is None) == (self.returned is None) or (self.points and self.bill is None):
            raise ValueError("bill_or_return")
        return self


class ExpectDoc(BaseModel):
    """What must come out. Beside these keys each wallet may stand: what was given, less what returns took back."""

    model_config = {**STRICT, "extra": "allow"}
    stamps: dict[Id, Amount] | None = None
    """Stamps that were added, less what returns took back.

    {stamps: {coffee: 2}}
    """
    cards: dict[Id, Amount] | None = None
    """Stamps that stand on the card at the end.

    {cards: {coffee: 2}}
    """
    vouchers: dict[Id, Amount] | None = None
    """Vouchers that were given, by rules, cards and levels or for points, less what returns took back.

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
    pay: Amount | None = None
    """What the last purchase costs after offers, in minor units.

    {pay: 55000}
    """
    tier: Id | None = None
    """The level at the end.

    {tier: bronze}
    """

    units: dict[Id, Amount] | None = None
    """Units of packages that can be used at the end.

    {units: {wash: 9}}
    """
    units_ended: dict[Id, Amount] | None = None
    """Units of packages that ended unused.

    {units_ended: {wash: 2}}
    """
    handed_back: Amount | None = None
    """What was handed back for packages in all, in minor units.

    {handed_back: 0}
    """

    owed_by: dict[Id, int] | None = None
    """What each partner owes us at the end, in minor units; below zero we owe it.

    {owed_by: {bookshop: 0}}
    """

    __pydantic_extra__: dict[str, Amount]


class StepDoc(BaseModel):
    """One step of a story: time passes (`after: 3d`, `13mo`), then one thing happens: an event, a return, a choice …"""

    model_config = STRICT
    after: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(h|d|mo|y)$")] | None = None
    """Time that passes first: hours, days, months or years.

    {after: 13mo}
    """
    member: Id | None = None
    """Whose step it is, of the household; left out, the member's. What is expected of a step is theirs, too.

    {after: 1d, member: minh, event: {type: visit}}
    """
    leaves: bool = False
    """Whose step it is leaves the household.

    {after: 1d, member: minh, leaves: true}
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
    choose: Id | None = None
    """The member picks this reward from the open choice that has it; the one that ends first.

    {choose: ten-percent, refused: rewards.no_choice}
    """
    perk: Id | None = None
    """The member uses this perk of their level.

    {after: 1d, perk: upsize, refused: perks.used_up}
    """
    package: PackageStepDoc | None = None
    """A package is bought, used, paused, resumed or given back.

    {after: 1d, package: {sell: wash-10}}
    """
    partner: PartnerStepDoc | None = None
    """The member buys at a partner's, or returns something there.

    {after: 1d, partner: {at: bookshop, bill: 250000}}
    """
    proof: Proof | None = None
    """What the member shows for it, when the programme has `spend_proof`; without it nothing is shown.

    {after: 1d, redeem: ten-percent, proof: otp}
    """
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1
    """How many times this happens, with `after` before each.

    {after: 1d, event: {type: visit}, times: 5}
    """
    refused: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")] | None = None
    """The code of the refusal that must come, such as `ledger.insufficient`.

    {redeem: ten-percent, refused: rewards.not_for_points}
    """
    expect: ExpectDoc | None = None
    """What must be so after this step.

    {after: 1d, event: {type: visit}, expect: {balances: {points: 0}}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (
            sum(
                part is not None
                for part in (
                    self.event,
                    self.refund,
                    self.redeem,
                    self.choose,
                    self.perk,
                    self.package,
                    self.partner,
                    self.leaves or None,
                )
            )
            > 1
        ):
            raise ValueError("one_step_at_a_time")
        return self


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
    """Steps one after another, beginning with an event; carried out as they would be, nights included.

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
        first = self.event if self.story is None else self.story[0].event
        if first is None or first.occurred_at is None:
            raise ValueError("story_begins_with_event" if self.story else "event_needs_time")
        return self
