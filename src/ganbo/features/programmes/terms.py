"""The terms in plain words, made from the rules that are carried out; hashed, so that a member's yes is to these words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme
from ganbo.features.programmes import package_sentences, partner_sentences, pot_sentences, proof_sentences
from ganbo.features.programmes.sentences import aims, earning, gifts, holding, levels, offering, together
from ganbo.features.programmes.sentences import frame as around
from ganbo.features.programmes.sentences.said import Sentence, Speaker
from ganbo.foundation import i18n
from ganbo.kernel.local_text import LocalText

LONGEST_SENTENCE = 30  # words; look-and-words §5


@dataclass(frozen=True, slots=True)
class Part:
    """One heading and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The whole text in one language; `digest` is the SHA-256 of `text`."""

    lang: str
    title: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Plain Markdown, the same for the same rules."""
        lines = [f"# {self.title}"]
        for part in self.parts:
            lines += ["", f"## {part.title}", "", *(f"- {paragraph}" for paragraph in part.paragraphs)]
        return "\n".join(lines) + "\n"

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def parts_of(text: str) -> tuple[str, tuple[Part, ...]]:
    """Title and parts of terms that were kept as text: what `Terms.text` made of them, read back."""
    title, parts = "", list[tuple[str, list[str]]]()
    for line in text.splitlines():
        if line.startswith("# "):
            title = line.removeprefix("# ")
        elif line.startswith("## "):
            parts.append((line.removeprefix("## "), []))
        elif line.startswith("- ") and parts:
            parts[-1][1].append(line.removeprefix("- "))
        elif line and parts and parts[-1][1]:
            parts[-1][1][-1] += f" {line}"
    return title, tuple(Part(name, tuple(paragraphs)) for name, paragraphs in parts)


def of(programme: Programme, *, lang: str, organiser: str = "") -> Terms:
    """The terms of a programme in vi or en; `organiser` is the name of who runs it."""
    speaker = Speaker(programme, i18n.known(lang))
    parts = (
        _part(speaker, N_("Who runs it"), _organiser(speaker, organiser)),
        _part(speaker, N_("Joining"), _joining(speaker)),
        _part(speaker, N_("How you earn"), _earning(speaker)),
        _part(
            speaker,
            N_("Stamp cards"),
            [_named(c.name, c.id, earning.card(c, speaker), speaker) for c in programme.cards],
        ),
        _part(speaker, N_("Prepaid money"), pot_sentences.terms(programme, locale=speaker.locale)),
        _part(speaker, N_("Milestones and challenges"), _aims(speaker)),
        _part(speaker, N_("Packages"), package_sentences.terms(programme, locale=speaker.locale)),
        _part(speaker, N_("Household account"), together.terms(speaker)),
        _part(speaker, N_("At partners'"), partner_sentences.terms(programme, locale=speaker.locale)),
        _part(speaker, N_("How long it lasts, and returns"), _wallets(speaker)),
        _part(speaker, N_("Tiers"), _tiers(speaker)),
        _part(speaker, N_("Rewards and vouchers"), _rewards(speaker)),
        _part(speaker, N_("Offers"), _offers(speaker)),
        _part(speaker, N_("Keeping your points safe"), proof_sentences.safe(speaker)),
        _part(speaker, N_("What is left out"), around.never(speaker)),
        _part(speaker, N_("Changes"), _changes(speaker)),
        _part(speaker, N_("Leaving"), _leaving(speaker)),
    )
    title = speaker.say(N_("Terms of %(name)s"), name=programme.name.text(speaker.locale) or programme.id)
    return Terms(speaker.locale, title, tuple(part for part in parts if part.paragraphs))


def _part(speaker: Speaker, title: str, paragraphs: Iterable[str]) -> Part:
    return Part(speaker.say(title), tuple(paragraphs))


def _named(name: LocalText, id: str, said: Sentence, speaker: Speaker) -> str:
    """Name: sentence and notes, as one paragraph; a condition without words as it was written."""
    told = [said.text, *said.notes]
    if said.unsaid:
        told.append(speaker.say(N_("Only when %(condition)s."), condition=said.unsaid))
    return f"{name.text(speaker.locale) or id}: {' '.join(told)}"


def _organiser(speaker: Speaker, organiser: str) -> list[str]:
    programme = speaker.programme
    name = programme.name.text(speaker.locale) or programme.id
    if organiser:
        first = speaker.say(N_("%(organiser)s runs the loyalty programme “%(name)s”."), organiser=organiser, name=name)
    else:
        first = speaker.say(N_("This is the loyalty programme “%(name)s”."), name=name)
    zone = speaker.say(N_("Days and hours are those of %(zone)s."), zone=str(programme.timezone))
    return [first, *around.runs(speaker), zone, *around.legal(speaker)]


def _joining(speaker: Speaker) -> list[str]:
    said = [speaker.say(N_("Joining is free; a phone number or an e-mail address is enough."))]
    rules = [rule for rule in speaker.programme.rules if rule.on == "signup"]
    return said + [_named(rule.name, rule.id, earning.rule(rule, speaker), speaker) for rule in rules]


def _earning(speaker: Speaker) -> list[str]:
    rules = [rule for rule in speaker.programme.rules if rule.on != "signup"]
    said = [_named(rule.name, rule.id, earning.rule(rule, speaker), speaker) for rule in rules]
    if any(rule.on == "purchase" for rule in rules):
        said.append(speaker.say(N_("Free items and items paid for with a reward earn nothing.")))
        said.append(speaker.say(N_("What a purchase earns is rounded down to whole units.")))
        days = speaker.programme.late_days
        said.append(
            speaker.say(N_("A purchase that reaches us late counts if it is at most %(days)s days old."), days=days)
        )
    return said


def _aims(speaker: Speaker) -> list[str]:
    found = speaker.programme.aims
    said = aims.milestones(found.milestones, speaker) if found.milestones else []
    said += [_named(one.name, one.id, aims.challenge(one, speaker), speaker) for one in found.challenges]
    return said + aims.rules(speaker)


def _wallets(speaker: Speaker) -> list[str]:
    wallets = speaker.programme.wallets.values()
    return [_named(wallet.name, wallet.id, holding.wallet(wallet, speaker), speaker) for wallet in wallets]


def _tiers(speaker: Speaker) -> list[str]:
    programme = speaker.programme
    said = [_named(level.name, level.id, levels.level(level, speaker), speaker) for level in programme.levels]
    return said + (levels.moving(programme.tiers, speaker) if programme.tiers else [])


def _rewards(speaker: Speaker) -> list[str]:
    rewards = speaker.programme.rewards.values()
    said = [_named(reward.name, reward.id, gifts.reward(reward, speaker), speaker) for reward in rewards]
    said += around.offline(speaker) + around.holdout(speaker)
    if said:
        said.append(speaker.say(N_("Rewards and vouchers cannot be turned into cash.")))
    return said


def _offers(speaker: Speaker) -> list[str]:
    said = [_named(one.name, one.id, offering.offer(one, speaker), speaker) for one in speaker.programme.offers]
    if said:
        said.append(speaker.say(N_("Each piece is in one offer at most; the combination that costs you least counts.")))
        said.append(speaker.say(N_("Offers come off first, vouchers off what is left.")))
    return said


def _changes(speaker: Speaker) -> list[str]:
    return [
        speaker.say(N_("New terms apply to what happens from their day on; each purchase is judged by the terms of its own time.")),
        speaker.say(N_("What you earned before stays as it was.")),
        speaker.say(N_("Whatever becomes worse for you is named as such, beside the new terms.")),
    ]  # fmt: skip


def _leaving(speaker: Speaker) -> list[str]:
    return [
        speaker.say(N_("You may leave at any time; what you have not used then ends.")),
        speaker.say(N_("You may ask what we know about you, and have it erased.")),
    ]


@dataclass(frozen=True, slots=True)
class LongSentence:
    """A sentence of the terms that is hard to read: which part, the sentence, and how many words."""

    part: str
    sentence: str
    words: int


def long_sentences(terms: Terms, *, most: int = LONGEST_SENTENCE) -> list[LongSentence]:
    """Sentences of more than `most` words."""
    found = []
    for part in terms.parts:
        for paragraph in part.paragraphs:
            for one in re.split(r"(?<=[.;?])\s+", paragraph):
                count = len(re.findall(r"\w[\w.,']*", one))
                if count > most:
                    found.append(LongSentence(part.title, one, count))
    return found
