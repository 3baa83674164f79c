"""What is said of offers on a bill: what one takes off and how, or why it does not hold."""

from collections.abc import Mapping
from typing import Any

from ganbo.engine.programme import Offer, Programme
from ganbo.features.programmes import reasons
from ganbo.features.programmes.sentences import conditions, offering
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n


def because(offer: str, amount: int, programme: Programme, *, locale: str, how: bool = False) -> str:
    """What an offer takes off, minor units; with `how` also by which price or percentage. One that is gone by its id."""
    locale = i18n.known(locale)
    money = i18n.money(amount, programme.currency, locale)
    found = programme.by_offer.get(offer)
    if found is None or not how:
        return i18n.text(locale, "%(name)s: %(money)s off.", name=name_of(offer, programme, locale), money=money)
    return i18n.text(
        locale,
        "%(name)s: %(money)s off, for %(what)s.",
        name=name_of(offer, programme, locale),
        money=money,
        what=offering.what(found, Speaker(programme, locale)),
    )


def because_not(row: Mapping[str, Any], programme: Programme, *, locale: str) -> str:
    """Why an offer does not hold now."""
    locale = i18n.known(locale)
    offer = programme.by_offer[row["offer"]]
    return i18n.text(
        locale,
        "Offer %(name)s did not apply: %(reason)s.",
        name=name_of(offer.id, programme, locale),
        reason=_reason(row, offer, programme, locale),
    )


def _reason(row: Mapping[str, Any], offer: Offer, programme: Programme, locale: str) -> str:
    if row["reason"] == "no_member":
        return i18n.text(locale, "it is for members")
    if row["reason"] == "nth":
        if row["left"] == 1:
            return i18n.text(locale, "it is for the next purchase")
        return i18n.text(locale, "it is in %(left)s purchases", left=i18n.number(row["left"], locale))
    if row["reason"] == "during":
        speaker = Speaker(programme, locale)
        when = speaker.both(conditions.during(offer.during, speaker))
        return i18n.text(locale, "it counts only when %(conditions)s", conditions=when)
    return reasons.condition(row["missing"], offer, programme, locale)


def name_of(offer: str, programme: Programme, locale: str) -> str:
    """What people call it; an offer that the programme does not have by its id."""
    found = programme.by_offer.get(offer)
    return (found.name.text(locale) if found else "") or offer
