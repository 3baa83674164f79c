"""Money on the card as sentences: what was paid in, what the shop added, what a bill took and what came back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.pots import TopUp
from ganbo.engine.programme import Programme
from ganbo.engine.trace import Trace
from ganbo.features.programmes.sentences.said import Speaker


def because(trace: Trace, programme: Programme, *, locale: str) -> list[str]:
    """What was topped up, and what the card paid."""
    speaker, said = Speaker(programme, locale), []
    if trace.topup is not None:
        said.append(topped_up(trace.topup, speaker))
    if trace.paid:
        parts = speaker.both([speaker.points(amount, wallet) for wallet, amount in trace.paid])
        said.append(speaker.say(N_("Paid from the card: %(parts)s."), parts=parts))
    return said


def topped_up(row: Mapping[str, Any], speaker: Speaker) -> str:
    """What went onto the card. `row`: pay, wallet, bonus, bonus_wallet."""
    paid = speaker.money(row["pay"])
    if not row["bonus"]:
        return speaker.say(N_("%(money)s went onto the card."), money=paid)
    bonus = speaker.points(row["bonus"], row["bonus_wallet"])
    return speaker.say(N_("%(money)s went onto the card, and the shop adds %(bonus)s."), money=paid, bonus=bonus)


def card_back(moved: Mapping[str, int], programme: Programme, *, locale: str) -> list[str]:
    """What a return put back onto the card, or its undoing took again (below zero)."""
    speaker, said = Speaker(programme, locale), []
    back = [speaker.points(n, wallet) for wallet, n in moved.items() if n > 0]
    again = [speaker.points(-n, wallet) for wallet, n in moved.items() if n < 0]
    if back:
        said.append(speaker.say(N_("Back on the card: %(parts)s."), parts=speaker.both(back)))
    if again:
        said.append(speaker.say(N_("Paid from the card again: %(parts)s."), parts=speaker.both(again)))
    return said


def undone(money: int, points: Mapping[str, int], programme: Programme, *, locale: str) -> list[str]:
    """A top-up that was undone: what is handed back, and what left the card."""
    speaker = Speaker(programme, locale)
    parts = speaker.both([speaker.points(n, wallet) for wallet, n in points.items() if n > 0])
    told = N_("The top-up is undone: hand back %(money)s. Gone from the card: %(parts)s.")
    return [speaker.say(told, money=speaker.money(money), parts=parts)]


def terms(programme: Programme, *, locale: str) -> list[str]:
    """What can be paid in, what is spent first, and what is never paid out."""
    speaker = Speaker(programme, locale)
    if not programme.topups:
        return []
    said = [offer(one, speaker) for one in programme.topups]
    first = next((one for one in programme.topups if one.bonus), None)
    if first is not None:
        order = [first.bonus_wallet, first.wallet] if first.bonus_first else [first.wallet, first.bonus_wallet]
        one, two = (speaker.unit(wallet) for wallet in order)
        said.append(speaker.say(N_("The card pays with %(first)s first, then with %(second)s."), first=one, second=two))
    said += [
        speaker.say(N_("Topping up earns nothing itself; what you buy with the card earns as if paid in cash.")),
        speaker.say(N_("When you return something paid from the card, the money goes back onto the card.")),
        speaker.say(N_("A top-up can be undone while all of it, its bonus included, is still on the card.")),
    ]
    return said


def offer(one: TopUp, speaker: Speaker) -> str:
    """One amount and what it brings."""
    if not one.bonus:
        return speaker.say(N_("Pay %(money)s onto the card."), money=speaker.money(one.pay))
    bonus = speaker.points(one.bonus, one.bonus_wallet)
    return speaker.say(N_("Pay %(money)s onto the card and get %(bonus)s."), money=speaker.money(one.pay), bonus=bonus)
