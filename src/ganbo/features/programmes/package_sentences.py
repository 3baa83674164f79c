"""Packages as sentences: what is in one, for how long, and what comes back for what is not used."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.packages import Package
from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences.said import Sentence, Speaker


def package(of: Package, speaker: Speaker) -> Sentence:
    """What it holds and costs, then its terms."""
    units = speaker.both([f"{speaker.number(n)} {of.unit_name(unit, speaker.locale)}" for unit, n in of.units.items()])
    notes = []
    if of.months:
        notes.append(speaker.say(N_("To be used within %(months)s months."), months=of.months))
    else:
        notes.append(speaker.say(N_("It does not end.")))
    if of.pause_days:
        notes.append(
            speaker.say(N_("It may be paused for %(days)s days in all; it then ends later."), days=of.pause_days)
        )
    if of.shared:
        household = speaker.programme.accounts is not None
        said = (
            N_("Everybody in your household may use it.")
            if household
            else N_("Up to five people you name may use it with you.")
        )
        notes.append(speaker.say(said))
    if of.refundable:
        notes.append(speaker.say(N_("For unused units their part of the price is handed back.")))
    else:
        notes.append(speaker.say(N_("Nothing is handed back for unused units.")))
    said = speaker.say(N_("%(units)s for %(money)s."), units=units, money=speaker.money(of.price))
    return Sentence(said, tuple(notes))


def terms(programme: Programme, *, locale: str) -> list[str]:
    """Every package with its terms."""
    speaker, said = Speaker(programme, locale), []
    for one in programme.packages.values():
        told = package(one, speaker)
        said.append(" ".join([f"{one.name.text(locale) or one.id}: {told.text}", *told.notes]))
    if said:
        said.append(speaker.say(N_("What is used from a package is paid already: it earns no points and no stamps.")))
    return said
