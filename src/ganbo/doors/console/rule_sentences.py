"""A programme as cards, in the order a member meets its parts; the sentences are those of the terms."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences import earning, gifts, holding, levels
from ganbo.features.programmes.sentences.said import Sentence, Speaker
from ganbo.kernel.local_text import LocalText


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the programme: its name, its sentence, further lines, and a condition only YAML can show."""

    id: str
    name: str
    sentence: str
    notes: tuple[str, ...] = ()
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    icon: str
    cards: tuple[Card, ...]
    empty: str


def sections(programme: Programme, locale: str) -> list[Section]:
    """Join, earn, stamps, tiers, rewards, how long points last."""
    speaker = Speaker(programme, locale)
    rules = [(rule.on, _card(rule.id, rule.name, earning.rule(rule, speaker), locale)) for rule in programme.rules]
    stamps = [_card(card.id, card.name, earning.card(card, speaker), locale) for card in programme.cards]
    rewards = [_card(r.id, r.name, gifts.reward(r, speaker, costs=True), locale) for r in programme.rewards.values()]
    wallets = [_card(w.id, w.name, holding.wallet(w, speaker), locale) for w in programme.wallets.values()]
    joining = tuple(card for on, card in rules if on == "signup")
    earn = tuple(card for on, card in rules if on != "signup")
    return [
        Section(_("Join"), "heart-handshake", joining, _("Nothing is given for joining.")),
        Section(_("Earn"), "coins", earn, _("Nothing earns points yet.")),
        *([Section(_("Stamp cards"), "stamp", tuple(stamps), "")] if stamps else []),
        Section(_("Tiers"), "crown", tuple(_tiers(speaker)), _("There are no tiers.")),
        Section(_("Rewards"), "gift", tuple(rewards), _("There are no rewards yet.")),
        Section(_("How long points last"), "hourglass", tuple(wallets), ""),
    ]


def _tiers(speaker: Speaker) -> list[Card]:
    programme, locale = speaker.programme, speaker.locale
    cards = [_card(level.id, level.name, levels.level(level, speaker), locale) for level in programme.levels]
    moving = levels.moving(programme.tiers, speaker) if programme.tiers else []
    return [*cards, Card("tiers", _("Moving up and down"), moving[0], tuple(moving[1:]))] if moving else cards


def _card(id: str, name: LocalText, said: Sentence, locale: str) -> Card:
    return Card(id, name.text(locale) or id, said.text, said.notes, said.unsaid)
