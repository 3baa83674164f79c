"""Vouchers on a quote: the member's own and the codes that were given, which of them to use, and what is then to pay."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ganbo.books.events.body import MOST_CODES
from ganbo.books.events.reading import EventRequest
from ganbo.engine import proposing, stacking
from ganbo.engine.basket import MILLI, Order
from ganbo.engine.programme import Programme, Reward
from ganbo.engine.stacking import Best, Offered
from ganbo.features.programmes import voucher_sentences
from ganbo.features.programmes.in_force import Timeline
from ganbo.features.rewards import codes, using
from ganbo.features.rewards.using import Held
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys import effects, gathering, guessing, using_codes
from ganbo.journeys.codes import kind_of
from ganbo.journeys.gathering import Snapshot
from ganbo.journeys.using_codes import Codes, Wanted, Wrong

BEST, GIVEN = CHOICES = ("best", "given")
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Known:
    """What was read for some quotes: members' own vouchers, and those that codes mean."""

    own: dict[UUID, list[Held]] = field(default_factory=dict)
    codes: Codes | None = None


@dataclass(slots=True)
class One:
    """A voucher that was given or is held: why it cannot be used, or what it takes."""

    held: Held | None
    reward: Reward | None
    given: int | None  # its place in data.codes
    code: str
    wrong: Wrong | None
    pieces: int = 1
    money: int = 0  # still on a gift card
    times: int = 0
    takes: int = 0
    lines: tuple[int, ...] = ()
    reason: Wrong | None = None  # why it is not used


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a quote proposes: every voucher, the bill with the best of them, and the `data` of the sale."""

    ones: Sequence[One]
    best: Best
    sale: dict[str, Any]


def ahead(schema: str, requests: Sequence[EventRequest], *, now: datetime) -> list[Statement]:
    """What members hold, to be read in trip one; nothing when nobody buys."""
    members = [r.member for r in requests if r.type == "purchase" and r.member]
    if not members:
        return []
    return [using.of_members(schema, gathering.who_sql(schema), gathering.member_arrays(members), at=now)]


def gather(pipe: Pipeline, schema: str, snapshot: Snapshot, requests: Sequence[EventRequest]) -> Known:
    """What `ahead` read, and in one more trip the codes that were given, when there are any."""
    known = Known(codes=using_codes.gather(pipe, schema, requests, now=None))
    for rows in snapshot.begun:
        for held in using.held(rows):
            if held.member_id is not None:
                known.own.setdefault(held.member_id, []).append(held)
    return known


def keep_guesses(pipe: Pipeline, schema: str, known: Known, *, at: datetime) -> None:
    """A quote changes nothing, but codes tried in vain count."""
    if known.codes is not None:
        guessing.keep(pipe, schema, known.codes.guesses, at=at)


def choose(
    known: Known,
    request: EventRequest,
    wanted: Wanted,
    timeline: Timeline,
    *,
    choice: str,
    lowered: bool,
    now: datetime,
) -> Chosen:
    """The best of the member's own vouchers and the given codes; with the choice `given` of the given codes only.

    `lowered`: the order wanted costs less than the request says, for offers have taken their part.

    Raises TooManyTries.
    """
    order = wanted.order
    assert order is not None
    ones = _given(known, request, wanted, timeline, now=now)
    there = {one.held.id for one in ones if one.held is not None}
    for held in known.own.get(wanted.member, ()) if wanted.member else ():
        if held.id not in there:
            ones.append(_one(held, codes.hidden(held.id), None, wanted, timeline))
    if choice == GIVEN:
        _leave_own(ones, "not_asked")
    best = _use(ones, order)
    if len(_codes(ones)) > MOST_CODES:
        _leave_own(ones, "too_many")
        best = _use(ones, order)
    data = {key: value for key, value in request.data.items() if key != "codes"}
    sale = proposing.proposed(data, order, best.bill) if lowered or best.vouchers or best.gift_cards else data
    used = _codes(ones)
    return Chosen(ones, best, sale | ({"codes": used} if used else {}))


def _leave_own(ones: Sequence[One], reason: str) -> None:
    for one in ones:
        if one.given is None and one.wrong is None:
            one.wrong = Wrong(reason)


def _given(known: Known, request: EventRequest, wanted: Wanted, timeline: Timeline, *, now: datetime) -> list[One]:
    """One for each voucher that a given code means, and for each code that means none."""
    found, typed = known.codes, request.data.get("codes") or []
    if found is None or not typed:
        return []
    if seconds := found.guesses.wait(request.store or "", at=now):
        raise guessing.TooManyTries(seconds=seconds)
    meant = [found.meant(code) for code in typed]
    times = Counter(held.id for held in meant if held is not None)
    ones, seen, tried = [], set(), 0
    for place, (code, held) in enumerate(zip(typed, meant, strict=True)):
        if held is None:
            ones.append(One(None, None, place, code, Wrong("codes.not_valid")))
            tried += 1
        elif held.id not in seen:
            seen.add(held.id)
            one = _one(held, code, place, wanted, timeline, times=times[held.id])
            _reserve(one, found, request)
            if one.wrong is not None:
                tried += one.wrong.code in using_codes.HIDDEN
                one.wrong = using_codes.told(one.wrong, held, wanted.member)
            ones.append(one)
    found.guesses.note(request.store or "", tried)
    return ones


def _reserve(one: One, found: Codes, request: EventRequest) -> None:
    """What is already reserved for this order was good then, and is used as it was reserved."""
    assert one.held is not None
    use = using_codes.reserved(found, request, one.held.id)
    if use is not None:
        one.wrong, one.pieces, one.money = None, use.times, use.amount


def _one(held: Held, code: str, given: int | None, wanted: Wanted, timeline: Timeline, *, times: int = 1) -> One:
    reward = using_codes.reward_of(held, timeline, wanted.at)
    wrong = using_codes.wrong(held, reward, wanted, times=times)
    return One(held, reward, given, code, wrong, _pieces(held, reward, wanted.order, times), held.remaining or 0)


def _pieces(held: Held, reward: Reward | None, order: Order | None, times: int) -> int:
    """How often a voucher may be used on the bill: as given; a free item for each piece, as far as it has uses."""
    if reward is None or reward.kind != "free_item" or order is None:
        return times
    there = sum(line.quantity for line in order.lines if line.sku == reward.sku) // MILLI
    return max(times, min(held.uses - held.used, there, stacking.MOST_TOGETHER))


def _use(ones: Sequence[One], order: Order) -> Best:
    """Note at each voucher what it does in the best combination."""
    for one in ones:
        one.times, one.takes, one.lines = 0, 0, ()
    usable = [one for one in ones if one.wrong is None]
    offered, owner = [], {}
    for one in sorted(usable, key=_first):
        assert one.held is not None and one.reward is not None
        for piece in range(one.pieces):
            key = f"{one.held.id}/{piece}"
            owner[key] = one
            offered.append(Offered(key, one.reward, one.money))
    best = stacking.best(offered, order)
    for part in (*best.vouchers, *best.gift_cards):
        one = owner[part.key]
        one.times, one.takes = one.times + 1, one.takes + part.takes
        one.lines = tuple(a + b for a, b in zip(one.lines or (0,) * len(part.lines), part.lines, strict=True))
    alone = any((reward := owner[part.key].reward) is not None and reward.exclusive for part in best.vouchers)
    for one in ones:
        one.reason = one.wrong if one.wrong is not None or one.times else _why_not(one, best, order, alone=alone)
    return best


def _first(one: One) -> tuple[bool, datetime, str]:
    """Of equals: what was given, then what ends first."""
    assert one.held is not None
    return one.given is None, one.held.expires_at or _NEVER, str(one.held.id)


def _why_not(one: One, best: Best, order: Order, *, alone: bool) -> Wrong | None:
    """What is handed over counts as used when its code was given; everything else unused has its reason."""
    assert one.reward is not None
    reason = stacking.why_unused(Offered("", one.reward, one.money), best, alone, order)
    if reason == "no_price" and one.given is not None:
        one.times = one.pieces
        return None
    return Wrong(reason)


def _codes(ones: Sequence[One]) -> list[str]:
    """What stands in `data.codes` of the sale: gift cards pay in this order."""
    used = sorted([one for one in ones if one.times], key=_first)
    return [one.code for one in used for _ in range(one.times)]


def rows(chosen: Chosen, programme: Programme, *, locale: str) -> list[dict[str, Any]]:
    """Every voucher of a quote: those that take something off, the gift cards that pay, those that are not used."""
    return [
        _row(one, programme, locale=locale)
        for one in sorted(chosen.ones, key=lambda one: (not one.times, one.money > 0, -one.takes))
    ]


def _row(one: One, programme: Programme, *, locale: str) -> dict[str, Any]:
    held, reward, wrong = one.held, one.reward, one.reason
    hidden = held is None or reward is None or (wrong is not None and wrong.code == "codes.not_valid")
    row: dict[str, Any] = {"code": one.code, "given": one.given, "used": bool(one.times), "times": one.times}
    row["takes_off"] = _money(one.takes, programme)
    row["lines"] = [{"line": n, "takes_off": _money(off, programme)} for n, off in enumerate(one.lines) if off]
    row["because"] = row["because_not"] = row["reason"] = None
    if one.times:
        assert reward is not None
        row["because"] = voucher_sentences.because(reward, one.takes, one.times, programme, locale=locale)
    else:
        assert wrong is not None
        row["reason"] = wrong.code
        row["because_not"] = voucher_sentences.because_not(
            wrong.code, wrong.params, None if hidden else reward, programme, locale=locale
        )
    return row | ({} if hidden else _about(held, reward, programme, locale))


def _about(held: Held | None, reward: Reward | None, programme: Programme, locale: str) -> dict[str, Any]:
    assert held is not None and reward is not None
    return {
        "voucher_id": str(held.id),
        "kind": kind_of(held, reward),
        "reward": reward.id,
        "reward_kind": reward.kind,
        "name": voucher_sentences.name_of(reward, locale),
        "uses_left": held.uses - held.used,
        "left": _money(held.remaining, programme) if held.remaining is not None else None,
        "expires_at": effects.shown_expiry(held.expires_at, programme),
    }


def _money(amount: int, programme: Programme) -> dict[str, Any]:
    return {"amount": amount, "currency": programme.currency}
