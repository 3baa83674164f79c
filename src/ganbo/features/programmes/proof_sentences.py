"""What proves a spend, as sentences: in the terms, beside the balance, and when something more is needed."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as N_

from ganbo.engine import proof
from ganbo.engine.programme import Programme
from ganbo.engine.proof import CARD_PIN, MANAGER, OTP, TOKEN
from ganbo.features.programmes.sentences.said import Speaker

WAYS = {
    CARD_PIN: N_("your PIN"),
    TOKEN: N_("the changing code in your wallet"),
    OTP: N_("a one-time code"),
    MANAGER: N_("a manager's approval"),
}


def ways(by: Sequence[str], speaker: Speaker) -> str:
    """A PIN, the wallet's code or a one-time code."""
    said = [speaker.say(WAYS[way]) for way in by]
    if len(said) < 2:
        return "".join(said)
    return speaker.say(N_("%(some)s or %(last)s"), some=", ".join(said[:-1]), last=said[-1])


def spending(speaker: Speaker) -> list[str]:
    """What each level asks for; nothing for a programme that asks for nothing."""
    levels = speaker.programme.spend_proof
    if not levels:
        return []
    said = [speaker.say(N_("A card or phone number alone collects points; it never spends them."))]
    return said + [level(speaker, place) for place in range(len(levels))]


def level(speaker: Speaker, place: int) -> str:
    """One level."""
    levels = speaker.programme.spend_proof
    one, below = levels[place], levels[place - 1].up_to if place else None
    by = ways(one.by, speaker)
    if one.up_to is not None:
        told = N_("Spending up to %(money)s a day takes %(ways)s.")
        return speaker.say(told, money=speaker.money(one.up_to), ways=by)
    if below is not None:
        return speaker.say(
            N_("Spending more than %(money)s a day takes %(ways)s."), money=speaker.money(below), ways=by
        )
    return speaker.say(N_("Spending takes %(ways)s."), ways=by)


def claims(speaker: Speaker) -> list[str]:
    """How a forgotten sale is claimed."""
    found = speaker.programme.claims
    if found is None:
        return []
    days, most = found.within_days, found.max_per_day
    return [
        speaker.say(N_("Forgot your points? Scan the slip from the till within %(days)s days."), days=days),
        speaker.say(N_("You can claim at most %(most)s sales a day, each once."), most=most),
    ]


def safe(speaker: Speaker) -> list[str]:
    """The part of the terms."""
    return [*spending(speaker), *claims(speaker)]


def today(programme: Programme, spent: int, *, locale: str) -> str:
    """What the next spend takes when `spent` was spent today: up to the limit, and above it."""
    speaker, levels = Speaker(programme, locale), programme.spend_proof
    place = proof.level_at(levels, spent + 1)
    one = levels[place]
    if one.up_to is None:
        return speaker.say(N_("Spending takes %(ways)s."), ways=ways(one.by, speaker))
    told = N_("Today %(money)s more with %(ways)s; above that with %(above)s.")
    above = ways(levels[place + 1].by, speaker)
    return speaker.say(told, money=speaker.money(one.up_to - spent), ways=ways(one.by, speaker), above=above)


def needed(by: Sequence[str], spent: int, programme: Programme, *, locale: str) -> str:
    """Why more must be shown, and what is enough; `spent` is what the day comes to with it."""
    speaker = Speaker(programme, locale)
    place = proof.level_at(programme.spend_proof, spent)
    below = programme.spend_proof[place - 1].up_to if place else None
    if below is None:
        return speaker.say(N_("To keep the points safe, this takes %(ways)s."), ways=ways(by, speaker))
    told = N_("To keep the points safe, more than %(money)s a day takes %(ways)s.")
    return speaker.say(told, money=speaker.money(below), ways=ways(by, speaker))
