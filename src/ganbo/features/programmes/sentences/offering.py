"""Offers as sentences."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import BundlePart, Offer
from ganbo.features.programmes.sentences import conditions
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence


def offer(of: Offer, speaker: Speaker) -> Sentence:
    """What an offer takes off and when, then what bounds it."""
    said, unsaid = conditions.both([of.when, of.lines], speaker)
    if of.say is not None:
        said, unsaid = [of.say.text(speaker.locale)], ""
    text, said = what(of, speaker), [*conditions.during(of.during, speaker), *said]
    if said:
        text = speaker.say(N_("%(what)s, when %(conditions)s"), what=text, conditions=speaker.both(said))
    notes = []
    if of.members:
        notes.append(speaker.say(N_("For members only.")))
    return Sentence(sentence(text), tuple(notes), unsaid)


def what(of: Offer, speaker: Speaker) -> str:
    """50.000 ₫ a piece; 10 % off, at most 50.000 ₫; …"""
    if of.bundle:
        parts = speaker.both([_part(part, speaker) for part in of.bundle])
        return speaker.say(N_("%(parts)s together for %(money)s"), parts=parts, money=speaker.money(of.price or 0))
    if of.price is not None:
        return speaker.say(N_("%(money)s a piece"), money=speaker.money(of.price))
    if of.price_list is not None:
        return speaker.say(N_("the prices of the list “%(name)s”"), name=of.price_list)
    percent = speaker.number(of.percent or 0)
    if of.of == "units" and of.percent == 100:
        text = speaker.say(N_("of every %(every)s pieces the cheapest free"), every=speaker.number(of.every))
    elif of.of == "units":
        text = speaker.say(
            N_("of every %(every)s pieces the cheapest at %(percent)s%% off"),
            every=speaker.number(of.every),
            percent=percent,
        )
    elif of.of == "purchases":
        text = speaker.say(
            N_("%(percent)s%% off purchase number %(every)s, and again after as many"),
            every=speaker.number(of.every),
            percent=percent,
        )
    else:
        text = speaker.say(N_("%(percent)s%% off"), percent=percent)
    return (
        text
        if of.max is None
        else speaker.say(N_("%(what)s, at most %(money)s a bill"), what=text, money=speaker.money(of.max))
    )


_PARTS = {
    "category": N_("%(n)s × any “%(value)s”"),
    "sku": N_("%(n)s × “%(value)s”"),
    "label": N_("%(n)s × anything marked “%(value)s”"),
}


def _part(part: BundlePart, speaker: Speaker) -> str:
    return speaker.say(_PARTS[part.by], n=speaker.number(part.n), value=part.value)
