"""Perks as sentences: what one is, and how often."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.perks import Perk
from ganbo.features.programmes.sentences.said import Sentence, Speaker

_OFTEN = {
    "day": N_("%(n)s times a day"),
    "week": N_("%(n)s times a week"),
    "month": N_("%(n)s times a month"),
    "quarter": N_("%(n)s times a quarter"),
    "year": N_("%(n)s times a year"),
    "ever": N_("%(n)s times in all"),
}
_LEFT = {
    "day": N_("%(n)s left today"),
    "week": N_("%(n)s left this week"),
    "month": N_("%(n)s left this month"),
    "quarter": N_("%(n)s left this quarter"),
    "year": N_("%(n)s left this year"),
    "ever": N_("%(n)s left"),
}


def often(of: Perk, speaker: Speaker) -> str:
    """1 time a month; empty without a limit."""
    return speaker.say(_OFTEN[of.per], n=of.count) if of.count is not None else ""


def short(of: Perk, speaker: Speaker) -> str:
    """Free upsize (1 time a month)."""
    text, times = of.text.text(speaker.locale) or of.id, often(of, speaker)
    return f"{text} ({times})" if times else text


def left(of: Perk, n: int | None, speaker: Speaker) -> str:
    """1 left this month; empty without a limit."""
    return speaker.say(_LEFT[of.per], n=n) if n is not None else ""


def perk(of: Perk, speaker: Speaker) -> Sentence:
    """The perk with how often, as a card of the editor."""
    return Sentence(f"{short(of, speaker)}.")
