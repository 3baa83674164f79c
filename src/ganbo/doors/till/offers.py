"""Vouchers and codes on the bill: which to use, why not the others, what is then to pay, and the sale that is recorded."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.utils.translation import gettext as _

from ganbo.doors.till import identify, outcome, paying, purses, receipt, saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.purses import Purse
from ganbo.doors.till.receipt import Draft
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.engine.programme import Programme
from ganbo.features.programmes import offer_sentences, reward_conditions, voucher_sentences
from ganbo.features.rewards import codes
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import VoucherRow
from ganbo.foundation import i18n
from ganbo.journeys import codes as checking
from ganbo.journeys import sell
from ganbo.journeys.codes import Typed
from ganbo.journeys.offering import BEST, GIVEN
from ganbo.kernel.refusal import Refusal

MOST_SHOWN = 3
# Reasons of a voucher that could still be ticked instead of others; with any other reason it is greyed.
_CHOICES = frozenset(["not_asked", "beside", "outdone", "adds_nothing", "no_price"])


class UnfitError(Exception):
    """A code that was ticked cannot be used; the sentence for the cashier is the message."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One voucher or code as the till shows it: a tick, what it takes, or why not."""

    code: str
    name: str
    sub: str
    takes: int = 0
    pays: bool = False
    ticked: bool = False
    disabled: bool = False
    wrong: bool = False  # ticked, and cannot be used so
    known: bool = True  # else a code that means nothing, told once

    @property
    def own(self) -> bool:
        """A voucher of the member's, else a code that was typed."""
        return codes.named(self.code) is not None


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill as it stands; without amounts only `hint` and what could be used."""

    hint: str = ""
    before: int = 0
    to_pay: int | None = None
    offers: list[Offer] = field(default_factory=list)
    gains: list[tuple[int, Unit]] = field(default_factory=list)
    sale: dict[str, Any] = field(default_factory=dict)
    reductions: list[tuple[str, int]] = field(default_factory=list)  # what offers take off, by their names
    unfit: list[str] = field(default_factory=list)
    purse: Purse | None = None
    held: int = 0  # on the member's card
    card: int = 0  # what of `to_pay` the card pays

    @property
    def rest(self) -> int:
        """What the customer pays besides the card."""
        return (self.to_pay or 0) - self.card

    @property
    def own(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.own]

    @property
    def typed(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.own]

    @property
    def taking(self) -> list[Offer]:
        """What makes the bill smaller, in order."""
        return [offer for offer in self.offers if offer.takes]

    @property
    def proposed(self) -> str:
        """The codes that stand ticked, so that another choice is known as the cashier's."""
        return " ".join(offer.code for offer in self.offers if offer.ticked)


def bill(draft: Draft, at: Counter) -> Bill:
    """The bill with its vouchers; the best of them as long as the cashier has chosen none."""
    try:
        body = receipt.of(draft, at)
        choice = GIVEN if draft.chosen else BEST
        quoted = sell.quote(at.business, body | {"vouchers": choice} | draft.pays, now=at.now)
        if quoted.refusal is not None:
            raise quoted.refusal
    except receipt.UnreadableError as unreadable:
        return Bill("" if draft.empty else str(unreadable), offers=_before(draft, at))
    except Refusal as refusal:
        return Bill(saying.refusal(refusal), offers=_before(draft, at))
    return _bill(orjson.loads(quoted.answer or "{}"), body["data"], draft, at)


def sold(draft: Draft, body: dict[str, Any], at: Counter) -> dict[str, Any]:
    """The event to record: with what its codes take off. Raises UnfitError when one of them cannot be used."""
    if not draft.codes and not draft.card and not draft.pays and not at.programme.offers:
        return body
    quoted = sell.quote(at.business, body | {"vouchers": GIVEN} | draft.pays, now=at.now)
    if quoted.refusal is not None:
        raise quoted.refusal
    found = _bill(orjson.loads(quoted.answer or "{}"), body["data"], draft, at)
    if found.unfit:
        raise UnfitError(" ".join(found.unfit))
    if draft.shown.isdigit() and int(draft.shown) != found.card:
        raise UnfitError(_("The card holds another amount now. Look at the bill and press again."))
    if draft.pays and draft.seen and draft.seen != str(found.to_pay):
        raise UnfitError(_("What is to pay has changed meanwhile; look at it and press once more."))
    return body | {"data": found.sale}


def _bill(answer: dict[str, Any], data: dict[str, Any], draft: Draft, at: Counter) -> Bill:
    price, given = answer["price"], set(draft.codes)
    before = price["before"]["amount"]
    offers, handed, unfit = [], [], []
    for row in answer["vouchers"]:
        if row["reason"] == "codes.choose_first" and row["code"] not in given:
            continue  # it stands at the member, to be chosen
        by_hand = _handed_over(row, data)
        if row.get("voucher_id") is None:
            offers.append(Offer(row["code"], row["code"], _why(row["code"], draft, at), known=False))
            unfit.append(offers[-1].sub)
            continue
        offer = _offer(row, before, at.programme, asked=row["code"] in given, by_hand=by_hand)
        offers.append(offer)
        if row["code"] in given and by_hand:
            handed.append(row["code"])
        elif row["code"] in given and not row["used"]:
            unfit.append(offer.sub)
    sale = dict(answer["sale"])
    if handed:
        sale["codes"] = [*sale.get("codes", []), *handed]
    to_pay, held = price["to_pay"]["amount"], paying.held(draft, at)
    card = min(held, to_pay) if draft.card else 0
    return Bill(
        before=before,
        reductions=_reductions(answer["effects"], at),
        to_pay=to_pay,
        held=held,
        card=card,
        offers=offers,
        gains=_gains(answer["effects"], at),
        sale=paying.paid(sale, to_pay=to_pay, gift_cards=price["gift_cards"]["amount"], card=card),
        unfit=unfit,
        purse=purses.of(answer, draft, at) if draft.member else None,
    )


def _reductions(effects: list[dict[str, Any]], at: Counter) -> list[tuple[str, int]]:
    taken = [row for row in effects if row["kind"] == "offer"]
    return [(offer_sentences.name_of(row["offer"], at.programme, saying.locale()), row["amount"]) for row in taken]


def _handed_over(row: dict[str, Any], data: dict[str, Any]) -> bool:
    """A free item beside a bill without lines: it is given, and stands on no line."""
    return row["reason"] == "not_on_bill" and row.get("reward_kind") == "free_item" and "lines" not in data


def _offer(row: dict[str, Any], before: int, programme: Programme, *, asked: bool, by_hand: bool) -> Offer:
    typed = codes.named(row["code"]) is None
    if by_hand:
        sub = _("Handed over; it stands on no bill.")
    elif row["used"] and row["left"]:
        sub = _("%(money)s on it") % {"money": i18n.money(row["left"]["amount"], programme.currency, saying.locale())}
    elif row["used"]:
        sub = _until(row["expires_at"], programme) if row["takes_off"]["amount"] else _("Handed over.")
    else:
        sub = _sentence(row, before, programme)
    return Offer(
        code=row["code"],
        name=saying.reward(programme, row["reward"]),
        sub=sub,
        takes=row["takes_off"]["amount"],
        pays=row["reward_kind"] == "gift_card",
        ticked=row["used"] or (asked and (typed or by_hand)),
        wrong=asked and typed and not (row["used"] or by_hand),
        disabled=not (row["used"] or by_hand or row["reason"] in _CHOICES or typed),
    )


def _why(code: str, draft: Draft, at: Counter) -> str:
    """Why a typed code is no good: who is signed in at a till may know."""
    member = identify.picked(draft.member).member
    typed = Typed(code, member.id if member else None, None)
    found = checking.check(typed, locale=saying.locale(), now=at.now, trusted=True)
    reward, reason = at.programme.rewards.get(found.get("reward") or ""), found["reason"]
    told = reason.code if reason and reward and reason.code in voucher_sentences.REASONS else "codes.not_valid"
    return voucher_sentences.because_not(told, {}, reward, at.programme, locale=saying.locale())


def _sentence(row: dict[str, Any], before: int, programme: Programme) -> str:
    """Why it is not used, in the language of the page."""
    reward = programme.rewards.get(row.get("reward") or "")
    params = {"least": reward.min_order, "missing": max(reward.min_order - before, 0)} if reward else {}
    return voucher_sentences.because_not(row["reason"], params, reward, programme, locale=saying.locale())


def _until(last_second: str | None, programme: Programme) -> str:
    return _("until %(day)s") % {"day": outcome.day_of(last_second, programme)} if last_second else ""


def _before(draft: Draft, at: Counter) -> list[Offer]:
    """What the member could use, while there is no bill to count on; and the codes that were typed."""
    member = identify.picked(draft.member).member
    mine = rewards.vouchers_of(member.id) if member else []
    usable = [
        r
        for r in mine
        if not _is_choice(r, at) and r.state == "issued" and r.uses_left > 0 and not r.partners and not _over(r, at)
    ]
    ends = sorted(usable, key=lambda row: (row.expires_at is None, row.expires_at or at.now, row.id))
    offers = [_waiting(row, draft, at) for row in ends]
    typed = [code for code in draft.codes if codes.named(code) is None]
    return [*offers, *(Offer(code, code, "", ticked=True) for code in typed)]


def _is_choice(row: VoucherRow, at: Counter) -> bool:
    reward = at.programme.rewards.get(row.reward)
    return reward is not None and bool(reward.choose)


def _over(row: VoucherRow, at: Counter) -> bool:
    ended = row.expires_at is not None and row.expires_at <= at.now
    return ended or (row.usable_from is not None and row.usable_from >= at.now)


def _waiting(row: VoucherRow, draft: Draft, at: Counter) -> Offer:
    code, reward = codes.hidden(row.id), at.programme.rewards.get(row.reward)
    said = reward_conditions.lines(reward, at.programme, locale=saying.locale()) if reward else []
    last = _("until %(day)s") % {"day": outcome.last_day(row.expires_at, at.programme)} if row.expires_at else ""
    return Offer(code, saying.reward(at.programme, row.reward), last or " ".join(said[:1]), ticked=code in draft.codes)


def _gains(effects: list[dict[str, Any]], at: Counter) -> list[tuple[int, Unit]]:
    sums: dict[str, int] = {}
    for effect in (row for row in effects if row["kind"] == "wallet"):
        sums[effect["wallet"]] = sums.get(effect["wallet"], 0) + effect["amount"]
    gains = [(n, units.of_wallet(at.programme, w, saying.locale())) for w, n in sums.items() if n]
    stamped = sum(row["added"] for row in effects if row["kind"] == "stamp")
    return [*gains, (stamped, Unit(_("stamps")))] if stamped else gains
