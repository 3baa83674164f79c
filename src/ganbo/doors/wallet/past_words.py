"""Titles and reasons of the history's lines, one sentence or a few, in the page's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.utils.translation import gettext as _

from ganbo.books.events.queries import DecisionRow, EventRow
from ganbo.books.ledger.history import Movement
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.doors.wallet import shown
from ganbo.doors.wallet.past_rows import Happening
from ganbo.engine import aiming
from ganbo.engine.programme import Programme
from ganbo.features.programmes import aim_sentences, refund_sentences, why
from ganbo.features.programmes.in_force import Timeline
from ganbo.features.programmes.sentences import earning, holding
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n

MOST_REASONS = 3  # why nothing was earned: more nobody reads


@dataclass(frozen=True, slots=True)
class Words:
    """Knows the events and decisions behind the lines. `retell`: the page speaks another language than what was stored."""

    programme: Programme
    locale: str
    timeline: Timeline
    events: dict[str, EventRow]
    decisions: dict[str, DecisionRow]
    address: str | None
    retell: bool
    of_others: frozenset[str] = frozenset()  # causes that are others' of the member's household

    def event_of(self, cause: str) -> EventRow | None:
        """The event of a cause, also of its undoing; None for redemptions and for what nobody did."""
        return self.events.get(cause.removesuffix("/reverse"))

    def stamps(self) -> Unit:
        """How stamps are counted."""
        return Unit(_("stamps"))

    # --- titles

    def title(self, happening: Happening) -> str:
        """What happened, in a few words."""
        first = happening.first
        if happening.group == "spent":
            return self._name(first, None)
        if happening.group == "paid":
            return self._paid_title(happening)
        if happening.group == "got":
            return self._name(self._chief(happening), self.event_of(happening.cause))
        if happening.group == "filled":
            return self._filled(first)[1]
        if happening.group == "back":
            return self.back_title(happening.cause, self._reward(first.rule))
        return {
            "released": _("Now yours to use"),
            "again": _("Waiting again"),
            "cancelled": _("Waiting ended"),
            "ended": _("Points ended"),
            "opened": _("Brought over"),
        }[happening.group]

    def _chief(self, happening: Happening) -> Movement:
        """Of all that an event brought what the document names first; points before stamps."""
        place = {rule: n for n, rule in enumerate(self.programme.by_rule)}
        last = len(place)
        return min(reversed(happening.movements), key=lambda m: (m.stamps, place.get(m.rule, last)))

    def event_title(self, event: EventRow) -> str:
        """What somebody did: a purchase, a visit; an own kind of event by the name of its rule."""
        named = {
            "purchase": _("Purchase"),
            "topup": _("Topped up"),
            "refund": _("Returned"),
            "signup": _("Joined"),
            "review": _("Review"),
            "visit": _("Visit"),
            "checkin": _("Visit"),
            "share": _("Shared"),
            "survey": _("Survey"),
            "subscribe": _("Subscribed"),
        }
        return named.get(event.type) or event.type.removeprefix("custom.")

    def back_title(self, cause: str, reward: str = "") -> str:
        """What was undone."""
        event = self.event_of(cause)
        if event is None:
            return _("Given back: %(name)s") % {"name": reward} if reward else _("Undone")
        if not cause.endswith("/reverse"):
            return _("Returned")
        if event.type == "refund":
            return _("Return undone")
        return _("Undone: %(what)s") % {"what": self.event_title(event)}

    def _name(self, m: Movement, event: EventRow | None) -> str:
        """The rule, the card or the reward a movement comes from; else what somebody did."""
        judged = self.timeline.at(event.occurred_at).programme if event else self.programme
        for programme in (self.programme, judged):
            if m.rule in programme.by_rule:
                return programme.by_rule[m.rule].name.text(self.locale) or m.rule
            card = programme.by_card.get(m.rule.removeprefix("card:"))
            if card is not None:
                return card.name.text(self.locale) or card.id
        if aiming.is_aim(m.rule):
            return aim_sentences.name(m.rule, Speaker(self.programme, self.locale))
        return self._reward(m.rule) or (self.event_title(event) if event else _("From the shop"))

    def _reward(self, id: str) -> str:
        """The reward, or the partner where it happened."""
        where = id.removeprefix("partner:")
        for published in reversed(self.timeline.versions):
            if where != id and where in published.programme.partners:
                return published.programme.partners[where].name.text(self.locale) or where
            if id in published.programme.rewards:
                return published.programme.rewards[id].name.text(self.locale) or id
        return ""

    # --- reasons

    def why(self, happening: Happening) -> str:
        """Why it happened; never empty."""
        first, event = happening.first, self.event_of(happening.cause)
        return " ".join([self._because(happening, first, event), *self._settled(happening)])

    def _because(self, happening: Happening, first: Movement, event: EventRow | None) -> str:
        if happening.cause.removesuffix("/reverse") in self.of_others:
            return self._others(happening)
        match happening.group:
            case "got":
                return self.of_event(event) if event else _("The shop added it to your card.")
            case "released":
                return self._released(first, event)
            case "again":
                return _("A return was undone, so these points wait as they did before.")
            case "opened":
                return _("What you had with this shop before it came here.")
            case "cancelled":
                return self._cancelled(first, event)
            case "back":
                return self._back(happening, event)
            case "spent":
                return self._spent(happening)
            case "paid":
                return self._paid(happening)
            case "filled":
                card, reward = self._filled(first)
                said = {"card": card, "reward": reward}
                return _("%(card)s was full, so %(reward)s is yours; its code is under Gifts.") % said
            case _:
                return self._ended(first)

    def _others(self, happening: Happening) -> str:
        """What somebody else of the household did with the member's points."""
        if happening.group == "back":
            return _("Somebody in your household brought something back; these points are yours again.")
        day = self._day(happening.first.at)
        return _("Somebody in your household used them on %(day)s: you spend together.") % {"day": day}

    def of_event(self, event: EventRow) -> str:
        """Why an event earned what it did, or nothing."""
        decision = self._counting(event)
        answer: dict[str, Any] = orjson.loads(decision.answer)
        trace: dict[str, Any] = orjson.loads(decision.trace)
        if "refund" in trace:
            return self._of_refund(answer, trace, event)
        rules = trace.get("trace") or {}
        judged = self.timeline.at(event.occurred_at).programme
        if self.retell and rules:
            said = why.because(rules, judged, locale=self.locale, address=self.address)
        else:
            said = list(answer.get("because") or [])
        if not said and rules:
            said = why.because_not(rules, judged, locale=self.locale, address=self.address)[:MOST_REASONS]
        return " ".join(said) or _("It was recorded; nothing in the programme counts it.")

    def of_undoing(self, subject: str) -> str:
        """Why something was taken back or given again."""
        decision, event = self.decisions.get(subject), self.event_of(subject)
        if decision is not None and event is not None:
            return self._of_refund(orjson.loads(decision.answer), orjson.loads(decision.trace), event)
        return _("The shop undid it.")

    def _counting(self, event: EventRow) -> DecisionRow | EventRow:
        """The decision that counts: of the claim, of a return whose sale came later, else the first."""
        id = event.event_id
        return self.decisions.get(f"{id}/claim") or self.decisions.get(f"{id}/settled") or event

    def _of_refund(self, answer: dict[str, Any], trace: dict[str, Any], event: EventRow) -> str:
        told = trace.get("refund")
        if self.retell and told:
            judged = self.timeline.at(event.occurred_at).programme
            said = refund_sentences.because(told, judged, locale=self.locale, address=self.address)
        else:
            said = [] if self.retell else list(answer.get("because") or [])
        return " ".join(said) or _("The shop undid it.")

    def _back(self, happening: Happening, event: EventRow | None) -> str:
        if event is None:
            return _("The shop took the gift back, and what you paid for it is yours again.")
        if happening.cause.endswith("/reverse"):
            return self.of_undoing(happening.cause)
        return self.of_event(event)

    def _released(self, m: Movement, event: EventRow | None) -> str:
        said = {"rule": self._name(m, event), "day": self._day(event.occurred_at if event else m.at)}
        awaited = self._awaited(m, event)
        if awaited:
            said["event"] = awaited
            return _("Earned on %(day)s for: %(rule)s. They waited for %(event)s, which has come.") % said
        return _("Earned on %(day)s for: %(rule)s. Their wait is over.") % said

    def _cancelled(self, m: Movement, event: EventRow | None) -> str:
        awaited = self._awaited(m, event)
        if awaited:
            return _("They waited for %(event)s, which did not come in time.") % {"event": awaited}
        return _("What they waited for did not come in time.")

    def _awaited(self, m: Movement, event: EventRow | None) -> str:
        judged = self.timeline.at(event.occurred_at).programme if event else self.programme
        rule, wallet = judged.by_rule.get(m.rule), judged.wallets.get(m.asset)
        pending = (rule.pending if rule else None) or (wallet.pending if wallet else None)
        if pending is None or pending.kind != "until_event":
            return ""
        return earning.event(pending.event, Speaker(judged, self.locale))

    def _paid_title(self, happening: Happening) -> str:
        event = self.event_of(happening.cause)
        return _("Paid again") if event is not None and event.type == "refund" else _("Paid with it")

    def _paid(self, happening: Happening) -> str:
        event = self.event_of(happening.cause)
        day = self._day(event.occurred_at if event else happening.first.at)
        number = orjson.loads(event.body).get("order_id") if event else None
        if number:
            return _("It paid for receipt %(number)s of %(day)s.") % {"number": number, "day": day}
        return _("It paid for a purchase of %(day)s.") % {"day": day}

    def _spent(self, happening: Happening) -> str:
        reward = self._reward(happening.first.rule)
        if any(m.into for m in happening.movements):
            return _("Your points became money on your card.")
        if reward:
            return _("Your points became %(reward)s; what you have of it stands under Gifts.") % {"reward": reward}
        return _("Points turned into a gift; its code is under Gifts.")

    def _ended(self, m: Movement) -> str:
        wallet = self.programme.wallets.get(m.asset)
        if wallet is not None and wallet.expires.kind == "inactivity":
            return holding.expiry(wallet.expires, Speaker(self.programme, self.locale))
        return _("They could be used until %(day)s; the card says which end next.") % {
            "day": self._day(m.at, last=True)
        }

    def _filled(self, m: Movement) -> tuple[str, str]:
        card = self.programme.by_card.get(m.asset)
        name = (card.name.text(self.locale) if card else "") or m.asset
        return name, (self._reward(card.reward) if card else "") or name

    def _settled(self, happening: Happening) -> list[str]:
        """What made good a debt. What became owed is told by the return itself."""
        if happening.group not in ("got", "released"):
            return []
        found = []
        for (asset, stamps), amount in happening.netted().items():
            unit = self.stamps() if stamps else units.of_wallet(self.programme, asset, self.locale)
            if amount > 0:
                said = {"amount": unit.said(amount, self.locale)}
                found.append(_("%(amount)s of it made good what was owed from a return.") % said)
        if happening.waiting():
            found.append(_("What waits is usable later; your card says when."))
        return found

    def _day(self, at: datetime, *, last: bool = False) -> str:
        on = shown.last_day(at, self.programme) if last else at.astimezone(self.programme.timezone).date()
        return i18n.day(on, self.locale)
