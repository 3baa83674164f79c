"""One box for every code: what it is, what it takes off an order, using it for an order and giving it back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.engine import stacking
from ganbo.engine.basket import Order
from ganbo.engine.programme import Programme, Reward
from ganbo.engine.stacking import Offered
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import using
from ganbo.features.rewards.using import Held, Use
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import effects, reserving, using_codes
from ganbo.journeys.using_codes import Codes, Wanted, Wrong
from ganbo.kernel.refusal import Refusal

MOST_RELEASED = 200  # a transaction's worth


class NotRedeemed(Refusal):
    """This code was not redeemed for this order, so there is nothing to give back."""

    code = "codes.not_redeemed"


class Recorded(Refusal):
    """The sale with this code is recorded; a return of the sale gives the voucher back."""

    code = "codes.recorded"


@dataclass(frozen=True, slots=True)
class Typed:
    """A code typed for a member and an order; `pays`: how much of a gift card, all that fits when None."""

    code: str
    member: UUID | None
    order: Order | None
    cause: str = ""
    times: int = 1
    pays: int | None = None
    lasts: timedelta | None = None  # how long it is reserved for the order, if its sale does not come


def check(typed: Typed, *, locale: str, now: datetime, trusted: bool = False) -> dict[str, Any]:
    """What the code is and does, or why it cannot be used. Changes nothing; a `trusted` asker hears every reason."""
    business = context.current()
    timeline = programmes.timeline(business.schema)
    with transaction.atomic():
        found = _find(Pipeline.inside_django(), typed, now=None)
    held = found.meant(typed.code)
    reward = using_codes.reward_of(held, timeline, now) if held else None
    why = using_codes.wrong(held, reward, Wanted(typed.member, now, typed.order))
    shown = using_codes.told(why, held, typed.member, trusted=trusted) if why else None
    if held is None or reward is None or (shown and shown.code == "codes.not_valid"):
        return {"usable": False, "reason": shown}
    programme = timeline.at(now).programme
    return {"usable": why is None, **_row(held, reward, programme, typed.order, locale=locale), "reason": shown}


def redeem(typed: Typed, *, locale: str, now: datetime, trusted: bool = False) -> dict[str, Any]:
    """Use the code for an order, once per order. Raises FieldsRefused naming `code`."""
    with transaction.atomic():
        outcome = _redeem(typed, trusted=trusted, locale=locale, now=now)
    if isinstance(outcome, Wrong):
        raise FieldsRefused([FieldProblem("code", outcome.code, outcome.params)])
    return outcome


def in_vain(code: str) -> bool:
    """Whether this refusal is that of somebody who guesses."""
    return code in using_codes.HIDDEN or code in ("codes.not_valid", NotRedeemed.code)


def _redeem(typed: Typed, *, locale: str, now: datetime, trusted: bool) -> dict[str, Any] | Wrong:
    schema = context.current().schema
    timeline = programmes.timeline(schema)
    pipe = Pipeline.inside_django()
    found = _find(pipe, typed, now=now)
    held = found.meant(typed.code)
    reward = using_codes.reward_of(held, timeline, now) if held else None
    known = found.reserved.get((typed.cause, held.id)) if held else None
    if held is None or known is None:
        why = using_codes.wrong(held, reward, Wanted(typed.member, now, typed.order), times=typed.times)
        if why is not None:
            return using_codes.told(why, held, typed.member, trusted=trusted)
        assert held is not None and reward is not None
        use = _planned(typed, held, reward)
        if isinstance(use, Wrong):
            return use
        if typed.lasts is not None:
            use = replace(use, until=reserving.database_time(pipe) + typed.lasts)
        pipe.run(using.take(schema, [use], at=now))
        using_codes.note(found, [use])
        known = use
    assert reward is not None
    row = _row(held, reward, timeline.at(now).programme, typed.order, locale=locale)
    ends = {"reserved_until": known.until.isoformat() if known.until else None}
    return row | {"used": {"times": known.times, "amount": known.amount}, "state": known.state} | ends


def _planned(typed: Typed, held: Held, reward: Reward) -> Use | Wrong:
    """The use; of a gift card as much as was asked, else as the order needs. Without either a gift card cannot pay."""
    if reward.kind != "gift_card":
        return Use(chance.new_id(), held.id, typed.cause, typed.times, 0, using.REDEEMED)
    left = held.remaining or 0
    pays = typed.pays if typed.pays is not None else min(left, typed.order.total) if typed.order else None
    if not pays:
        return Wrong("codes.gift_card_unpaid")
    if pays > left:
        return Wrong("codes.gift_card_short", {"missing": pays - left})
    return Use(chance.new_id(), held.id, typed.cause, 1, pays, using.REDEEMED)


def release(typed: Typed, *, now: datetime) -> dict[str, Any]:
    """Give the code back, once; again the same answer. Raises NotRedeemed or Recorded."""
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        found = _find(pipe, typed, now=now)
        held = found.meant(typed.code)
        use = found.reserved.get((typed.cause, held.id)) if held else None
        if use is not None and use.state == using.RECORDED:
            raise Recorded()
        if use is not None:
            pipe.run(using.give_back(schema, [use], at=now))
    if held is None or use is None:
        raise NotRedeemed()
    return {"released": {"times": use.times, "amount": use.amount}, "voucher_id": str(held.id), "reward": held.reward}


def release_all(cause: str, *, now: datetime) -> None:
    """Give back whatever was redeemed for one order, once. Raises Recorded when a sale took it over."""
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        vouchers = sorted({use.voucher for use in using.uses(pipe.run([using.used_for(schema, [cause])])[0])})
        pipe.run([using.lock(schema, vouchers)])
        uses = using.uses(pipe.run([using.used_for(schema, [cause])])[0])
        if any(use.state == using.RECORDED for use in uses):
            raise Recorded()
        if uses:
            pipe.run(using.give_back(schema, uses, at=now))


def release_some(*, at: datetime) -> int:
    """Give back codes whose reservation is over, up to MOST_RELEASED; returns how many there were."""
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        vouchers = {use.voucher for use in using.uses(pipe.run([using.all_over(schema, most=MOST_RELEASED)])[0])}
        if not vouchers:
            return 0
        pipe.run([using.lock(schema, vouchers)])
        over = using.uses(pipe.run([using.over_of(schema, vouchers)])[0])
        for use in over:
            pipe.run(using.give_back(schema, [use], at=at))
    return len(over)


def _find(pipe: Pipeline, typed: Typed, *, now: datetime | None) -> Codes:
    schema = context.current().schema
    rows = pipe.run(
        [
            using.find(schema, [typed.code], lock=now is not None),
            using.used_for(schema, [typed.cause] if typed.cause else []),
            using.over(schema, [typed.code]),
        ]
    )
    found = Codes(schema)
    using_codes.remember(found, using.held(rows[0]), using.uses(rows[1]))
    using_codes.let_go(pipe, schema, found, using.uses(rows[2]), now=now)
    return found


def kind_of(held: Held, reward: Reward) -> str:
    """What the box says a code is: gift_card, coupon (whoever bears it), reward (redeemed for points) or voucher."""
    if reward.kind == "gift_card":
        return "gift_card"
    if held.member_id is None:
        return "coupon"
    return "reward" if held.redemption_id is not None else "voucher"


def _row(held: Held, reward: Reward, programme: Programme, order: Order | None, *, locale: str) -> dict[str, Any]:
    offered = Offered(str(held.id), reward, held.remaining or 0)
    money = {"currency": programme.currency}
    return {
        "kind": kind_of(held, reward),
        "voucher_id": str(held.id),
        "reward": reward.id,
        "name": reward.name.text(locale) or reward.id,
        "reward_kind": reward.kind,
        "takes_off": money | {"amount": stacking.takes_off(offered, order)} if order is not None else None,
        "left": money | {"amount": held.remaining} if held.remaining is not None else None,
        "uses_left": held.uses - held.used,
        "expires_at": effects.shown_expiry(held.expires_at, programme),
    }
