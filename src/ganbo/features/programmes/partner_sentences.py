"""Partners as sentences: what is earned there, what of ours pays there, and what members should know."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.partners import Partner
from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences.said import Sentence, Speaker


def partner(of: Partner, speaker: Speaker) -> Sentence:
    """What members get there."""
    said = []
    if of.per:
        given = speaker.points(of.amount, of.wallet)
        said.append(speaker.say(N_("%(given)s for every full %(money)s."), given=given, money=speaker.money(of.per)))
    if of.takes_points:
        one, money = speaker.points(1, of.wallet), speaker.money(of.rate)
        said.append(speaker.say(N_("Points pay there: %(one)s is worth %(money)s."), one=one, money=money))
    if of.takes_gift_cards:
        said.append(speaker.say(N_("Our gift cards pay there.")))
    if not said:
        said.append(speaker.say(N_("Their points and gift cards are taken here, as their own terms say.")))
    return Sentence(said[0], tuple(said[1:]))


def settling(of: Partner, speaker: Speaker) -> list[str]:
    """What the business and the partner pay each other; not for members."""
    said = []
    if of.per:
        said.append(
            speaker.say(N_("For each point earned there it pays us %(money)s."), money=speaker.money(of.pays_us))
        )
    if of.takes_points:
        said.append(speaker.say(N_("For each point used there we pay it %(money)s."), money=speaker.money(of.we_pay)))
    if of.takes_gift_cards:
        said.append(speaker.say(N_("What a gift card pays there we pay it in full.")))
    return said


def terms(programme: Programme, *, locale: str) -> list[str]:
    """Every partner where something is earned or used, and what holds for all."""
    speaker, said = Speaker(programme, locale), []
    for one in programme.partners.values():
        if one.per or one.accepts:
            told = partner(one, speaker)
            said.append(" ".join([f"{one.name.text(locale) or one.id}: {told.text}", *told.notes]))
    if said:
        said.append(
            speaker.say(
                N_("Partners learn your card's number and what can be paid with it, not your name or phone number.")
            )
        )
        if programme.levels:
            said.append(speaker.say(N_("Purchases at partners' count towards no tier.")))
    return said
