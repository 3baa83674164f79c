"""Milestones and challenges: an event is counted, what it reaches gives once, and a return takes an unused gift back.

A gift is given once for ever; from then on it is the member's while its total is reached. A return that brings the total
below takes the gift back, as far as it was not used; reached again, the same gift comes back, never a second one. An entry
of `state["aims"]` says {"of", "n", "live", "gift": {"voucher"} or {"wallet", "amount", "expires_at", "month"}, "ended"}.
No database: everything is in the standing, which is locked and written anyway.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.posting import MEMBER, Cause, Posting, account_id
from ganbo.engine import aiming
from ganbo.engine.aims import Gift
from ganbo.engine.basket import Order
from ganbo.engine.decide import Decision, VoucherEffect
from ganbo.engine.programme import Programme
from ganbo.engine.refunds import Left
from ganbo.foundation.pipelines import Statement, text_array, uuid_array
from ganbo.journeys.gathering import Standing

Row = dict[str, Any]
Turn = Callable[[str, str], Row | None]  # (rule, issued or void) → the row of the voucher that turned


@dataclass(frozen=True, slots=True)
class Aimed:
    """What an event did: rows as the contract shows effects, vouchers to give, and rules whose voucher comes back."""

    rows: tuple[Row, ...] = ()
    vouchers: tuple[VoucherEffect, ...] = ()
    again: tuple[str, ...] = ()


NOTHING = Aimed()


def totals(standing: Standing) -> dict[str, int]:
    """The member's lifetime totals, by their names in `milestones.of`."""
    return {
        "points_earned": standing.state.get("earned", 0),
        "spend": standing.spend,
        "purchases": standing.purchases,
        "visits": standing.visits,
    }


def after(
    standing: Standing,
    request: EventRequest,
    order: Order | None,
    decision: Decision,
    programme: Programme,
    *,
    posting: Posting,
    before: Mapping[str, int],
) -> Aimed:
    """Count an event that was decided; `before`: the totals without it. Changes the standing, plans points that are given."""
    if not programme.aims.any:
        return NOTHING
    day = request.occurred_at.astimezone(programme.timezone).date()
    if not programme.runs.earns(day):
        return NOTHING
    state, trace, rows = standing.state, decision.trace.aims, list[Row]()
    if aiming.counts_points(programme):
        given = aiming.points_of(programme, [(e.wallet, e.amount) for e in decision.effects])
        state["earned"] = state.get("earned", 0) + given
        standing.touched = True
    fresh = _steps(standing, programme, before)
    if order is not None:
        aiming.forget(state, programme, day)
        for challenge in programme.aims.challenges:
            more = aiming.contribution(challenge, order, store=request.store, day=day)
            if not aiming.add(state, challenge, more):
                continue
            standing.touched = True
            have, rule = aiming.progress(state, challenge), aiming.rule_of(challenge)
            trace.append({"aim": rule, "have": have, "of": challenge.n})
            rows.append({"kind": "challenge", "challenge": challenge.id, "count": have, "of": challenge.n})
            if have >= challenge.n and rule not in state.get("aims", {}):
                fresh.append((rule, challenge.of, challenge.n, challenge.give))
    vouchers: list[VoucherEffect] = []
    why = Cause(request.id, request.occurred_at)
    for rule, of, n, gift in fresh:
        entry: Row = {"of": of, "n": n, "live": True, "gift": _promised(gift, programme, day)}
        state.setdefault("aims", {})[rule] = entry
        standing.touched = True
        trace.append({"aim": rule, "gift": _told(entry["gift"])})
        if gift.voucher:
            vouchers.append(VoucherEffect(gift.voucher, rule))
        else:
            rows.append(_earn(posting, standing, entry["gift"], why._replace(rule=rule)))
    again: list[str] = []
    back = reconcile(posting, standing, why, policies=_policies(programme), now=None, turn=_noting(again, state))
    trace += [{"aim": row["rule"], "gift": _told(state["aims"][row["rule"]]["gift"]), "again": True} for row in back]
    return Aimed((*rows, *back), tuple(vouchers), tuple(again))


def _steps(standing: Standing, programme: Programme, before: Mapping[str, int]) -> list[tuple[str, str, int, Gift]]:
    """Every step that was passed just now and was never given before."""
    milestones = programme.aims.milestones
    if milestones is None:
        return []
    was, is_ = before[milestones.of], totals(standing)[milestones.of]
    known, due = standing.state.get("aims", {}), standing.state.get("due", ())
    return [
        (rule, milestones.of, step.at, step.give)
        for step in milestones.steps
        if (was < step.at or aiming.rule_of_step(milestones, step) in due)
        and step.at <= is_
        and (rule := aiming.rule_of_step(milestones, step)) not in known
    ]


def unpaid(
    standing: Standing, decision: Decision, wanted: Sequence[VoucherEffect], given: Sequence[VoucherEffect]
) -> None:
    """Gifts that a budget with a hard stop could not pay are still due: the next event that finds room brings them."""
    for effect in wanted:
        if effect not in given:
            del standing.state["aims"][effect.rule]
            due: list[str] = standing.state.setdefault("due", [])
            if effect.rule not in due:
                due.append(effect.rule)
            for row in decision.trace.aims:
                if row["aim"] == effect.rule and row.pop("gift", None):
                    row["unpaid"] = True


def _promised(gift: Gift, programme: Programme, day: date) -> Row:
    if gift.wallet is None:
        return {"voucher": gift.voucher}
    expires = programme.wallets[gift.wallet].expires.expires_on(day)
    return {
        "wallet": gift.wallet,
        "amount": gift.amount,
        "expires_at": expires.isoformat() if expires else None,
        "month": day.replace(day=1).isoformat(),
    }


def _told(gift: Mapping[str, Any]) -> Row:
    return {key: gift[key] for key in ("voucher", "wallet", "amount") if key in gift}


def _earn(posting: Posting, standing: Standing, gift: Mapping[str, Any], why: Cause) -> Row:
    lot = _lot(standing, gift)
    expires = None if lot.expires_at == NEVER else lot.expires_at
    posting.earn(
        standing.member_id, gift["wallet"], gift["amount"], why, expires_at=expires, earned_month=lot.earned_month
    )
    return _row(gift, why.rule, gift["amount"], "available")


def _row(gift: Mapping[str, Any], rule: str, amount: int, state: str) -> Row:
    ends = gift["expires_at"] if amount > 0 else None
    return {"kind": "wallet", "wallet": gift["wallet"], "amount": amount, "rule": rule, "state": state} | {
        "expires_at": ends
    }


def _lot(standing: Standing, gift: Mapping[str, Any]) -> Lot:
    account, month = account_id(MEMBER, gift["wallet"], standing.member_id), date.fromisoformat(gift["month"])
    expires = datetime.fromisoformat(gift["expires_at"]) if gift["expires_at"] else NEVER
    return Lot(lots_.lot_id(account, expires, month), account, expires, month, 0)


def _noting(again: list[str], state: Mapping[str, Any]) -> Turn:
    """On the hot path vouchers are not read: the one that a return had taken comes back by its rule."""

    def turn(rule: str, into: str) -> Row | None:
        if into != "issued":
            return None  # an event only adds: it takes nothing back
        again.append(rule)
        return {"kind": "voucher", "reward": state["aims"][rule]["gift"]["voucher"], "rule": rule, "state": into}

    return turn


def _policies(programme: Programme) -> dict[str, str]:
    """What each wallet does on returns."""
    return {wallet.id: wallet.on_refund for wallet in programme.wallets.values()}


class Counted(Protocol):
    """A sale as far as aims counted it."""

    @property
    def programme(self) -> Programme: ...
    @property
    def order(self) -> Order | None: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def store(self) -> str | None: ...


def uncount(standing: Standing, sale: Counted, was: Left | None, is_: Left | None, *, points: int) -> None:
    """Take out what came back between two sets of returns, or count it again; `points` of its earning were taken."""
    programme = sale.programme
    day = sale.occurred_at.astimezone(programme.timezone).date()
    if not programme.aims.any or not programme.runs.earns(day):
        return  # it was never counted
    if aiming.counts_points(programme) and points:
        standing.state["earned"] = max(standing.state.get("earned", 0) - points, 0)
        standing.touched = True
    if sale.order is None or was is None or is_ is None:
        return
    for challenge in programme.aims.challenges:
        had, has = (
            aiming.contribution(challenge, sale.order, store=sale.store, day=day, left=left) for left in (was, is_)
        )
        lost = {value: n - has.get(value, 0) for value, n in had.items() if n > has.get(value, 0)}
        more = {value: n - had.get(value, 0) for value, n in has.items() if n > had.get(value, 0)}
        changed = aiming.add(standing.state, challenge, lost, times=-1)
        standing.touched = aiming.add(standing.state, challenge, more) or changed or standing.touched


def returned(
    posting: Posting, standing: Standing, programme: Programme, why: Cause, *, now: datetime, turn: Turn
) -> list[Row]:
    """After a return was counted: gifts that are not reached any more go, those that are reached again come back."""
    return reconcile(posting, standing, why, policies=_policies(programme), now=now, turn=turn)


def reconcile(
    posting: Posting,
    standing: Standing,
    why: Cause,
    *,
    policies: Mapping[str, str],
    now: datetime | None,
    turn: Turn,
) -> list[Row]:
    """Make every gift that was given stand as its total says; `now` None: nothing can be lost."""
    rows: list[Row] = []
    counters = totals(standing)
    for rule, entry in standing.state.get("aims", {}).items():
        reached, gift = aiming.reached(standing.state, entry, rule, counters), entry["gift"]
        if reached == entry["live"] or (now is None and not reached):
            continue
        row = None
        if "voucher" in gift:
            row = turn(rule, "issued" if reached else "void")
        elif gift["wallet"] in policies and reached:
            row = _give_again(posting, standing, entry, why._replace(rule=rule))
        elif now is not None and policies.get(gift["wallet"], "keep") not in ("keep", "only_pending"):
            row = _take(posting, standing, entry, why._replace(rule=rule), now=now)
        if row is not None:
            entry["live"], standing.touched = reached, True
            rows.append(row)
    return rows


def _take(posting: Posting, standing: Standing, entry: Row, why: Cause, *, now: datetime) -> Row:
    """Points of a gift go: what ended unused in their lot counts as gone, what was spent becomes owed."""
    gift, member, lot = entry["gift"], standing.member_id, _lot(standing, entry["gift"])
    ended = posting.take_back_ended(member, gift["wallet"], gift["amount"], why, lot=lot)
    if gift["amount"] - ended:
        posting.take_back(member, gift["wallet"], gift["amount"] - ended, why, lot=lot.id, now=now)
    entry["ended"] = ended
    return _row(gift, why.rule, -gift["amount"], "taken_back")


def _give_again(posting: Posting, standing: Standing, entry: Row, why: Cause) -> Row:
    gift, member, lot = entry["gift"], standing.member_id, _lot(standing, entry["gift"])
    ended = entry.pop("ended", 0)
    posting.end_again(member, gift["wallet"], ended, why, lot=lot)
    if gift["amount"] - ended:
        posting.restore(member, gift["wallet"], gift["amount"] - ended, why, lot=lot)
    return _row(gift, why.rule, gift["amount"], "given_back")


def vouchers_again(schema: str, again: Sequence[tuple[Any, str]]) -> list[Statement]:
    """SQL that gives life again to the vouchers of (member, rule) that returns had taken; nothing when there are none."""
    if not again:
        return []
    sql = (
        f"UPDATE \"{schema}\".rewards_voucher v SET state = 'issued' FROM unnest($1::uuid[], $2::text[]) d(member, rule)"
        " WHERE v.member_id = d.member AND v.rule = d.rule AND v.state = 'void'"
    )
    return [(sql, (uuid_array([member for member, _ in again]), text_array([rule for _, rule in again])))]
