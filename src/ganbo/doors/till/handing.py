"""Vouchers for something that is handed over, without a bill: used for the form's id, once, and given back by undo."""

from dataclasses import dataclass
from uuid import UUID

from ganbo.books.events.reading import FieldsRefused
from ganbo.doors.till import identify, saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import Draft, UnreadableError
from ganbo.engine.stacking import LOWERING
from ganbo.features.programmes import voucher_sentences
from ganbo.features.rewards import codes as codes_
from ganbo.features.rewards import queries as rewards
from ganbo.journeys import codes, guessing
from ganbo.journeys.codes import Typed

_NEEDS_BILL = (LOWERING - {"free_item"}) | {"gift_card", "card_money"}


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over to whom under one form's id; `undone` when it was taken back."""

    names: list[str]
    member_id: UUID | None
    undone: bool


def hand_over(draft: Draft, at: Counter) -> None:
    """Use these vouchers without a bill. Raises UnreadableError with what to mend, TooManyTries."""
    holder = identify.picked(draft.member).member
    member = holder.id if holder else None
    asked = [Typed(code, member, None, draft.event_id) for code in dict.fromkeys(draft.codes)]
    for typed in asked:
        try:
            _check(typed, at)
        except UnreadableError:
            if not _again(draft):
                raise
    for typed in asked:
        try:
            codes.redeem(typed, locale=saying.locale(), now=at.now, trusted=True)
        except FieldsRefused as refused:
            problem = refused.problems[0]
            raise UnreadableError(_sentence(problem.code, typed.code, at)) from refused


def _again(draft: Draft) -> bool:
    """Whether this very form was sent before."""
    return bool(rewards.uses_of(draft.event_id))


def _check(typed: Typed, at: Counter) -> None:
    store = at.store.id if at.store else ""
    with guessing.trying(at.staff.actor, f"store:{store}", at=at.now) as attempt:
        found = codes.check(typed, locale=saying.locale(), now=at.now, trusted=True)
        reason = found["reason"]
        attempt.in_vain = reason is not None and codes.in_vain(reason.code)
    if reason is not None:
        raise UnreadableError(_sentence(reason.code, typed.code, at))
    if found["reward_kind"] in _NEEDS_BILL:
        raise UnreadableError(saying.bill_first())


def _sentence(reason: str, code: str, at: Counter) -> str:
    voucher = codes_.named(code)
    row = rewards.by_id(voucher) if voucher else rewards.by_code(code)
    reward = at.programme.rewards.get(row.reward) if row else None
    if reason not in voucher_sentences.REASONS or (reward is None and reason != "codes.unknown"):
        reason = "codes.not_valid"
    return voucher_sentences.because_not(reason, {}, reward, at.programme, locale=saying.locale())


def handed(cause: str, at: Counter) -> Handed | None:
    """What a form handed over; None when it did not."""
    uses = rewards.uses_of(cause)
    if not uses:
        return None
    rows = [row for use in uses if (row := rewards.by_id(use.voucher_id)) is not None]
    return Handed(
        names=[saying.reward(at.programme, row.reward) for row in rows],
        member_id=rows[0].member_id if rows else None,
        undone=all(use.state == "released" for use in uses),
    )


def take_back(cause: str, at: Counter) -> None:
    """The vouchers can be used again, once. Raises Recorded when a sale took them over."""
    codes.release_all(cause, now=at.now)
