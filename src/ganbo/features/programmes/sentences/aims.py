"""Milestones and challenges as sentences: what is to be reached, until when, and what it gives."""

from datetime import timedelta

from django.utils.translation import gettext_noop as N_

from ganbo.engine.aims import Challenge, Gift, Milestones, Step
from ganbo.features.programmes.sentences import conditions
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence
from ganbo.foundation import i18n

_DISTINCT = {
    "sku": N_("Buy %(n)s different items"),
    "category": N_("Buy from %(n)s different categories"),
    "store": N_("Buy in %(n)s different stores"),
}
_NEEDS = {
    "count": N_("Make %(n)s purchases"),
    "units": N_("Buy %(n)s pieces"),
    "spend": N_("Spend %(n)s"),
}
_TOTALS = {
    "purchases": N_("%(n)s purchases in all"),
    "visits": N_("%(n)s visits in all"),
    "points_earned": N_("%(n)s points earned in all"),
    "spend": N_("%(n)s spent in all"),
}
ONCE = N_("Each gift is given once.")
TAKEN_BACK = N_("If a return falls below, an unused gift goes back; reached again, the same one comes back.")


def gift(of: Gift, speaker: Speaker) -> str:
    """What is given: the reward, or 100 points."""
    return speaker.points(of.amount, of.wallet) if of.wallet else f"“{speaker.reward(of.voucher or '')}”"


def total(of: str, n: int, speaker: Speaker) -> str:
    """100 purchases in all; 5,000,000 ₫ spent in all."""
    return speaker.say(_TOTALS[of], n=speaker.money(n) if of == "spend" else speaker.number(n))


def step(milestones: Milestones, of: Step, speaker: Speaker) -> str:
    """One milestone and its gift."""
    at = total(milestones.of, of.at, speaker)
    return speaker.say(N_("%(total)s bring %(gift)s."), total=at[0].upper() + at[1:], gift=gift(of.give, speaker))


def milestones(of: Milestones, speaker: Speaker) -> list[str]:
    """Every step, and what holds for all."""
    return [step(of, one, speaker) for one in of.steps]


def rules(speaker: Speaker) -> list[str]:
    """What holds for every gift; nothing in a programme without any."""
    return [speaker.say(ONCE), speaker.say(TAKEN_BACK)] if speaker.programme.aims.any else []


def needs(of: Challenge, speaker: Speaker) -> str:
    """What is to be done, without when and what for."""
    n = speaker.money(of.n) if of.kind == "spend" else speaker.number(of.n)
    return speaker.say(_DISTINCT[of.by] if of.kind == "distinct" else _NEEDS[of.kind], n=n)


def challenge(of: Challenge, speaker: Speaker) -> Sentence:
    """What is to be done, which items count, when, and what it gives."""
    said, unsaid = conditions.both([of.lines], speaker)
    if of.say is not None:
        said, unsaid = [of.say.text(speaker.locale)], ""
    text = speaker.say(N_("%(needs)s: you get %(gift)s"), needs=needs(of, speaker), gift=gift(of.give, speaker))
    notes = []
    if said:
        notes.append(speaker.say(N_("Only items where %(conditions)s."), conditions=speaker.both(said)))
    if when := open_days(of, speaker):
        notes.append(sentence(when))
    return Sentence(sentence(text), tuple(notes), unsaid)


def open_days(of: Challenge, speaker: Speaker) -> str:
    """From its first to its last day; nothing when it is always open."""
    first = i18n.day(of.since, speaker.locale) if of.since else ""
    last = i18n.day(of.until - timedelta(days=1), speaker.locale) if of.until else ""
    if first and last:
        return speaker.say(N_("from %(first)s to %(last)s"), first=first, last=last)
    if last:
        return speaker.say(N_("until %(last)s"), last=last)
    return speaker.say(N_("from %(first)s on"), first=first) if first else ""
