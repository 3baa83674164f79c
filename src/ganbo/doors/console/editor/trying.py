"""A bill to try: what the draft would give for it and why, without the database."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ganbo.doors.console import showing
from ganbo.doors.console.editor.desk import Desk
from ganbo.engine import basket
from ganbo.engine.basket import FieldRefused
from ganbo.engine.decide import decide
from ganbo.engine.facts import Facts, MemberFacts, StampState
from ganbo.engine.programme import Programme
from ganbo.features.programmes import why

LINES = 3
MOST = 10**12
USUAL = 110_000  # the bill that stands there at first


@dataclass(frozen=True, slots=True)
class Bill:
    """What was typed; `problem` names what cannot be read."""

    tier: str
    purchases: int
    amount: int
    at: datetime
    lines: tuple[dict[str, Any], ...]
    stamps: int
    store: str | None = None
    problem: str = ""


def context(desk: Desk, typed: QueryDict) -> dict[str, Any]:
    """The panel: the form as typed, and what comes out; parts that are wrong are left out of it."""
    programme = desk.told.programme if desk.told else None
    bill = _bill(typed, programme, desk)
    result = None
    if programme is not None and not bill.problem:
        try:
            result = _result(bill, programme, desk)
        except FieldRefused as refusal:
            detail = ", ".join(code for _field, code, _params in refusal.errors)
            bill = replace(bill, problem=_("This bill cannot be worked out: %(detail)s") % {"detail": detail})
    lines = [bill.lines[n] if n < len(bill.lines) else {} for n in range(max(LINES, len(bill.lines)))]
    return {
        "try": {
            "bill": bill,
            "amount": desk.shown.number(bill.amount),
            "at": f"{bill.at:%Y-%m-%dT%H:%M}",
            "lines": lines,
            "tiers": [(lv.id, lv.name.text(desk.shown.locale) or lv.id) for lv in programme.levels]
            if programme
            else [],
            "stores": list(showing.store_names().items()),
            "cards": bool(programme and programme.cards),
            "result": result,
            "partly": bool(desk.programme is None and programme),
        }
    }


def _bill(post: QueryDict, programme: Programme | None, desk: Desk) -> Bill:
    zone = programme.timezone if programme else desk.shown.zone
    now = desk.shown.now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    at, problem = now, ""
    try:
        at = datetime.fromisoformat(post["t.at"]) if post.get("t.at") else now
        at = at.replace(tzinfo=None)
        if not 2000 <= at.year <= 2100:
            raise ValueError(at)
    except ValueError:
        at = now
        problem = _("The time should look like 2026-11-24T17:00.")
    lines = []
    for n in range(20):
        price = _whole(post.get(f"t.{n}.price", ""))
        if price:
            lines.append(
                {
                    "sku": post.get(f"t.{n}.sku", "").strip()[:64],
                    "category": post.get(f"t.{n}.category", "").strip()[:64],
                    "quantity": _whole(post.get(f"t.{n}.quantity", "")) or 1,
                    "unit_price": price,
                }
            )
    amount = _whole(post["t.amount"]) if "t.amount" in post else USUAL
    levels = [level.id for level in programme.levels] if programme else []
    tier = post.get("t.tier", "")
    return Bill(
        tier=tier if tier in levels else (levels[0] if levels else ""),
        purchases=_whole(post.get("t.purchases", "")),
        amount=amount,
        at=at.replace(tzinfo=zone),
        lines=tuple(lines),
        stamps=_whole(post.get("t.stamps", "")),
        store=post.get("t.store") or None,
        problem=problem,
    )


def _whole(typed: str) -> int:
    digits = re.sub(r"\D", "", typed)[:12]
    return min(int(digits), MOST) if digits else 0


def _result(bill: Bill, programme: Programme, desk: Desk) -> dict[str, Any]:
    data: dict[str, Any] = {"lines": list(bill.lines)} if bill.lines else {"amount": bill.amount}
    order = basket.order_of(data, programme.currency)
    member = MemberFacts(
        id="somebody",
        tier=bill.tier or None,
        age_days=30,
        purchases=bill.purchases + 1,
        spend=order.net,
        visits=bill.purchases + 1,
        days_since_purchase=7 if bill.purchases else -1,
        stamps={c.id: StampState(min(bill.stamps, c.size - 1), begun=True) for c in programme.cards}
        if bill.stamps
        else {},
    )
    facts = Facts(
        type="purchase", occurred_at=bill.at, member=member, store=bill.store, channel="till", staff=None,
        data=data, order=order, carried={}, used={},
    )  # fmt: skip
    decision = decide(facts, programme)
    shown, locale = desk.shown, desk.shown.locale
    sums: dict[str, int] = {}
    for effect in decision.effects:
        sums[effect.wallet] = sums.get(effect.wallet, 0) + effect.amount
    names = {w.id: w.name.text(locale) or w.id for w in programme.wallets.values()}
    cards = {c.id: c.name.text(locale) or c.id for c in programme.cards}
    rewards = {r.id: r.name.text(locale) or r.id for r in programme.rewards.values()}
    return {
        "total": shown.money(order.total),
        "gains": [
            *((f"+{shown.number(n)}", names[wallet]) for wallet, n in sums.items()),
            *((f"+{s.added}", _("stamps: %(card)s") % {"card": cards[s.card]}) for s in decision.stamps if s.added),
            *(("1", _("voucher: %(reward)s") % {"reward": rewards.get(v.reward, v.reward)}) for v in decision.vouchers),
        ],
        "because": why.because(decision.trace, programme, locale=locale, address=None),
        "not": why.because_not(decision.trace, programme, locale=locale, address=None),
    }
