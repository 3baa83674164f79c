"""Accounts of several people as sentences: who spends together, what, and what one leaves with."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.accounts import ROLES, Accounts
from ganbo.features.programmes.sentences.said import Sentence, Speaker

_ROLES = {"owner": N_("the owner"), "adult": N_("adults"), "child": N_("children")}


def account(of: Accounts, speaker: Speaker) -> Sentence:
    """What is spent together and by how many, then who may, how one joins and leaves, and whose points pay."""
    kinds = speaker.both([speaker.unit(name) for name in speaker.programme.wallets if name in of.wallets])
    first = speaker.say(
        N_("Up to %(people)s people of a household spend %(kinds)s together."), people=of.people, kinds=kinds
    )
    return Sentence(
        first,
        (
            speaker.say(N_("The owner invites; who is invited accepts within %(days)s days."), days=of.invite_days),
            *_spenders(of, speaker),
            speaker.say(N_("What ends first is spent first, whoever earned it; of equals your own.")),
            speaker.say(N_("Returned goods bring points back to those whose they were, and take them from who earned them.")),
            speaker.say(N_("Whoever leaves takes along what they earned and nobody spent.")),
            *([speaker.say(N_("Everybody keeps a tier of their own."))] if speaker.programme.levels else []),
        ),
    )  # fmt: skip


def _spenders(of: Accounts, speaker: Speaker) -> list[str]:
    may = speaker.both([speaker.say(_ROLES[role]) for role in ROLES if role in of.may_spend])
    rest = [speaker.say(_ROLES[role]) for role in ROLES if role not in of.may_spend]
    if not rest:
        return [speaker.say(N_("Everybody in it may spend."))]
    return [
        speaker.say(N_("Only %(may)s may spend; %(rest)s earn for the household."), may=may, rest=speaker.both(rest))
    ]


def terms(speaker: Speaker) -> list[str]:
    """All of it; nothing when everybody spends alone."""
    if speaker.programme.accounts is None:
        return []
    said = account(speaker.programme.accounts, speaker)
    return [said.text, *said.notes]
