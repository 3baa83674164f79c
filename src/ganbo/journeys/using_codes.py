"""Codes on an order: found and locked in one more trip when there are any, judged with the sale, used together with it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.engine import stacking
from ganbo.engine.basket import Order
from ganbo.engine.programme import Reward
from ganbo.features.programmes.in_force import Timeline
from ganbo.features.rewards import codes, using
from ganbo.features.rewards.using import Held, Use
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys import guessing

HIDDEN = frozenset(["codes.unknown", "codes.used", "codes.expired", "codes.void", "codes.other_holder"])


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a code cannot be used: `codes.…` and the numbers of its sentence."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a code is wanted for: by whom, when, for which order."""

    member: UUID | None
    at: datetime
    order: Order | None


@dataclass
class Codes:
    """The vouchers a batch's orders name, locked; `planned` is to be written with them."""

    schema: str
    vouchers: dict[UUID, Held] = field(default_factory=dict)
    by_hash: dict[bytes, Held] = field(default_factory=dict)
    reserved: dict[tuple[str, UUID], Use] = field(default_factory=dict)  # (cause, voucher) → a reservation that stands
    planned: list[Use] = field(default_factory=list)
    guesses: guessing.Guesses = field(default_factory=guessing.Guesses)

    def meant(self, typed: str) -> Held | None:
        """The voucher a typed code means."""
        voucher = codes.named(typed)
        if voucher is not None:
            held = self.vouchers.get(voucher)
            return held if held is not None and held.member_id is not None else None
        return next((self.by_hash[h] for h in codes.hashes(typed) if h in self.by_hash), None)


def gather(pipe: Pipeline, schema: str, requests: Sequence[EventRequest], *, now: datetime | None) -> Codes | None:
    """The vouchers these orders name, locked; None, without a trip, when they name none. Without `now` they are looked at only."""
    wanted = [r for r in requests if r.type == "purchase" and r.data.get("codes")]
    if not wanted:
        return None
    typed = {code for r in wanted for code in r.data["codes"]}
    causes = {cause for r in wanted for cause in causes_of(r)}
    found = Codes(schema)
    rows = pipe.run(
        [
            using.find(schema, typed, lock=now is not None),
            using.used_for(schema, causes),
            guessing.look(schema, {r.store or "" for r in wanted}),
            using.over(schema, typed),
        ]
    )
    remember(found, using.held(rows[0]), using.uses(rows[1]))
    let_go(pipe, schema, found, using.uses(rows[3]), now=now)
    found.guesses = guessing.Guesses.of(rows[2])
    return found


def let_go(pipe: Pipeline, schema: str, found: Codes, over: Sequence[Use], *, now: datetime | None) -> None:
    """Reservations whose time is over are released before anything else happens; without `now` (no lock) in memory only."""
    for use in over:
        held = found.vouchers.get(use.voucher)
        found.reserved.pop((use.cause, use.voucher), None)
        if held is None:
            continue
        if held.remaining is not None and use.amount:
            held.remaining += use.amount
        else:
            held.used -= use.times
        held.state = "issued" if held.state == "used" else held.state
        if now is not None:
            pipe.run(using.give_back(schema, [use], at=now))


def remember(found: Codes, vouchers: Sequence[Held], uses: Sequence[Use]) -> None:
    """Put what was read where it is looked up."""
    for held in vouchers:
        found.vouchers[held.id] = held
        found.by_hash[held.code_hash] = held
    found.reserved = {(u.cause, u.voucher): u for u in uses}


def causes_of(request: EventRequest) -> list[str]:
    """Under which names a code may already be reserved for this order."""
    order_id = request.data.get("order_id")
    return [request.id, *([f"order:{order_id}"] if order_id else [])]


def reward_of(held: Held, timeline: Timeline, at: datetime) -> Reward | None:
    """The reward as it was when the voucher was issued; as it is at `at` when that is not known."""
    now = timeline.at(at).programme.rewards.get(held.reward)
    then = next((v for v in timeline.versions if v.version == held.version), None)
    return then.programme.rewards.get(held.reward, now) if then is not None else now


def wrong(held: Held | None, reward: Reward | None, wanted: Wanted, *, times: int = 1) -> Wrong | None:
    """Why this voucher cannot be used so; None when it can. What is reserved for the order was usable then."""
    if held is None:
        return Wrong("codes.unknown")
    if held.member_id is not None and held.member_id != wanted.member:
        return Wrong("codes.other_holder")
    if held.state == "void" or reward is None:
        return Wrong("codes.void")
    if reward.choose:
        if held.expires_at is not None and wanted.at >= held.expires_at:
            return Wrong("codes.expired")
        return Wrong("codes.choose_first")
    if reward.imported or reward.kind == "card_money":
        return Wrong("codes.not_here")
    if held.state == "used" or held.used + times > held.uses or held.remaining == 0:
        return Wrong("codes.used")
    if held.expires_at is not None and wanted.at >= held.expires_at:
        return Wrong("codes.expired")
    if held.usable_from is not None and wanted.at <= held.usable_from:
        return Wrong("codes.not_yet")
    found = stacking.misfit(reward, wanted.order) if wanted.order is not None else None
    return Wrong(found.code, dict(found.params)) if found else None


def told(found: Wrong, held: Held | None, member: UUID | None, *, trusted: bool = False) -> Wrong:
    """The reason as this asker may know it: who is neither the holder nor trusted hears one and the same."""
    if found.code not in HIDDEN or trusted:
        return found
    if held is not None and held.member_id is not None and held.member_id == member:
        return found
    return Wrong("codes.not_valid")


def plan(
    found: Codes,
    request: EventRequest,
    wanted: Wanted,
    timeline: Timeline,
    *,
    new_id: Callable[[], UUID],
    now: datetime,
) -> list[Use]:
    """The uses of this order's codes, checked, not yet counted. Raises FieldsRefused naming `data.codes.N`."""
    if seconds := found.guesses.wait(request.store or "", at=now):
        raise guessing.TooManyTries(seconds=seconds)
    meant = [found.meant(code) for code in request.data["codes"]]
    rewards = [reward_of(held, timeline, wanted.at) if held else None for held in meant]
    times = Counter(held.id for held in meant if held)
    known = {h.id: reserved(found, request, h.id) for h in meant if h}
    _check_each(found, request, wanted, list(zip(meant, rewards, strict=True)), times=times, known=known)
    clash = stacking.together([r for r in rewards if r is not None])
    if clash is not None:
        raise FieldsRefused([FieldProblem(f"data.codes.{clash}", "codes.exclusive", {})])
    pairs = {h.id: (h, r) for h, r in zip(meant, rewards, strict=True) if h is not None and r is not None}
    assert wanted.order is not None
    pays = _paying(request, wanted.order, list(pairs.values()), known)
    return [_use(request.id, h, times[h.id], pays.get(h.id, 0), known[h.id], new_id=new_id) for h, _ in pairs.values()]


def _check_each(
    found: Codes,
    request: EventRequest,
    wanted: Wanted,
    pairs: Sequence[tuple[Held | None, Reward | None]],
    *,
    times: Counter[UUID],
    known: Mapping[UUID, Use | None],
) -> None:
    """Every code by itself; what is already reserved for this order was good then. Raises FieldsRefused."""
    problems, tried = [], 0
    for place, (held, reward) in enumerate(pairs):
        if held is not None and known[held.id] is not None:
            continue
        why = wrong(held, reward, wanted, times=times[held.id] if held else 1)
        if why is not None:
            tried += why.code in HIDDEN
            shown = told(why, held, wanted.member)
            problems.append(FieldProblem(f"data.codes.{place}", shown.code, shown.params))
    found.guesses.note(request.store or "", tried)
    if problems:
        raise FieldsRefused(problems)


def reserved(found: Codes, request: EventRequest, voucher: UUID) -> Use | None:
    """What is already reserved of a voucher for this order."""
    return next((u for cause in causes_of(request) if (u := found.reserved.get((cause, voucher)))), None)


def _paying(
    request: EventRequest, order: Order, pairs: Sequence[tuple[Held, Reward]], known: Mapping[UUID, Use | None]
) -> dict[UUID, int]:
    """What each gift card pays: in all what `paid` says was paid so, else the bill. Raises FieldsRefused when it is short."""
    cards = [held for held, reward in pairs if reward.kind == "gift_card"]
    if not cards:
        return {}
    paid = request.data.get("paid")
    left = order.total if paid is None else sum(p["amount"] for p in paid if p["with"] == "gift_card")
    left -= sum(use.amount for use in known.values() if use is not None)
    found = {}
    for card in cards:
        if known[card.id] is None:
            found[card.id] = min(max(left, 0), card.remaining or 0)
            left -= found[card.id]
    last = len(request.data["codes"]) - 1
    if left > 0 and paid is not None:
        raise FieldsRefused([FieldProblem(f"data.codes.{last}", "codes.gift_card_short", {"missing": left})])
    if not all(found.values()):
        raise FieldsRefused([FieldProblem(f"data.codes.{last}", "codes.gift_card_unpaid", {})])
    return found


def _use(cause: str, held: Held, times: int, pays: int, known: Use | None, *, new_id: Callable[[], UUID]) -> Use:
    if known is not None:
        return Use(known.id, held.id, cause, known.times, known.amount, using.RECORDED, known=True)
    return Use(new_id(), held.id, cause, times, pays)


def note(found: Codes, planned: Sequence[Use]) -> None:
    """Count planned uses, so that the next order of the batch sees them."""
    for use in planned:
        held = found.vouchers[use.voucher]
        if use.known:
            continue
        if held.remaining is not None and use.amount:
            held.remaining -= use.amount
        else:
            held.used += use.times
    found.planned += planned


def subjects(request: EventRequest, found: Codes | None) -> tuple[str, ...]:
    """What limits by code count by: the ids of the order's vouchers, each once."""
    if request.type != "purchase" or not request.data.get("codes"):
        return ()
    meant = [codes.named(code) if found is None else _id(found.meant(code)) for code in request.data["codes"]]
    return tuple(dict.fromkeys(str(voucher) for voucher in meant if voucher is not None))


def _id(held: Held | None) -> UUID | None:
    return held.id if held is not None else None


def kept(request: EventRequest, found: Codes | None) -> EventRequest:
    """The event as it is kept: vouchers by their ids, no codes."""
    if found is None or not request.data.get("codes"):
        return request
    named = [codes.hidden(held.id) for code in request.data["codes"] if (held := found.meant(code))]
    return request._replace(data=request.data | {"codes": named})


def rows(planned: Sequence[Use], found: Codes) -> list[dict[str, Any]]:
    """What was used, as effects of the event; `amount` is what a gift card paid."""
    return [
        {"kind": "voucher_used", "voucher_id": str(u.voucher), "reward": found.vouchers[u.voucher].reward,
         "times": u.times, "amount": u.amount}
        for u in planned
    ]  # fmt: skip


def statements(schema: str, found: Codes | None, *, now: datetime, emptied: Collection[str] = ()) -> list[Statement]:
    """SQL that uses them, and gives back those of sales that were returned before they came."""
    if found is None or not found.planned:
        return []
    back = [use for use in found.planned if use.cause in emptied]
    return [*using.take(schema, found.planned, at=now), *using.give_back(schema, back, at=now)]
