"""The draft as cards in the order a member meets its parts, each with the sentence the terms will print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ganbo.doors.console.editor import labels, parts
from ganbo.doors.console.editor.desk import Desk
from ganbo.doors.console.editor.parts import KINDS, Kind
from ganbo.engine.document import ProgrammeDoc
from ganbo.engine.partners import Partner
from ganbo.features.programmes import (
    goal_sentences,
    package_sentences,
    partner_sentences,
    perk_sentences,
    pot_sentences,
    proof_sentences,
)
from ganbo.features.programmes.advice_words import Advised
from ganbo.features.programmes.document_tree import Path
from ganbo.features.programmes.sentences import aims as aim_words
from ganbo.features.programmes.sentences import earning, gifts, holding, levels, offering, together
from ganbo.features.programmes.sentences import frame as around
from ganbo.features.programmes.sentences.said import Sentence, Speaker
from ganbo.foundation import i18n

_AROUND = ("budget", "accounts", "never", "claims", "runs", "offline", "holdout", "legal")
_FRAME = {"ganbo", "programme", "name", "currency", "timezone", "late_days"}


@dataclass(frozen=True, slots=True)
class Card:
    """One part: `kind` and `key` are its address (no kind: YAML only), `line` where it stands in the YAML."""

    kind: str
    key: str
    name: str
    said: Sentence
    line: int
    problems: tuple[str, ...] = ()
    advice: tuple[Advised, ...] = ()

    @property
    def anchor(self) -> str:
        return f"{self.kind or 'yaml'}-{self.key}"


@dataclass(frozen=True, slots=True)
class Section:
    """`advice` is about the section as a whole; `add`: (kind, words, what the new part is like)."""

    title: str
    cards: tuple[Card, ...]
    empty: str = ""
    add: tuple[tuple[str, str, str], ...] = ()
    advice: tuple[Advised, ...] = ()


def sections(desk: Desk) -> list[Section]:
    """Join, earn, stamps, tiers, rewards, how long points last and what returns take, the frame, what only YAML shows."""
    advice = desk.advice()
    found = {slug: _of_kind(kind, desk, advice) for slug, kind in KINDS.items()}
    joining = {key for key, rule in parts.entries(KINDS["rule"], desk.document) if rule.get("on") == "signup"}
    join = tuple(card for card in found["rule"] if card.key in joining)
    earn = tuple(card for card in found["rule"] if card.key not in joining)
    tiers = found["tiers"] if found["level"] else ()

    def section(title: str, cards: Iterable[Card], room: str, *add: str, empty: str = "") -> Section:
        told = tuple(one for one in advice if one.path == room)
        links = tuple(("rule" if slug == "welcome" else slug, _(labels.ADD[slug]), slug) for slug in add)
        return Section(title, tuple(cards), empty, links, told)

    reach = (*found["milestones"], *found["challenge"])
    aims = ("challenge",) if found["milestones"] else ("milestones", "challenge")
    frame = [slug for slug in ("base", *_AROUND) if not found[slug]]
    prepaid = (*found["topup"], *found["package"])
    frame += ["proof", "goal"]
    single = (*found["about"], *found["proof"], *found["goal"])
    rest = (*_yaml_only(desk), *_examples(desk))
    return [
        section(_("Join"), join, "", "welcome", empty=_("Nothing is given for joining.")),
        section(_("Earn"), (*found["base"], *earn), "earn", "rule", empty=_("Nothing earns points yet.")),
        section(_("Stamp cards"), found["card"], "stamp_cards", "card", empty=_("There are no stamp cards.")),
        section(_("Milestones and challenges"), reach, "challenges", *aims, empty=_("There is nothing to reach yet.")),
        section(_("Tiers"), (*found["level"], *found["perk"], *tiers), "tiers", "level", "perk", empty=_("There are no tiers.")),
        section(_("Rewards"), found["reward"], "rewards", "reward", empty=_("There are no rewards yet.")),
        section(_("Offers"), found["offer"], "offers", "offer", empty=_("There are no offers.")),
        section(_("Prepaid money"), prepaid, "topups", "topup", "package", empty=_("Nothing is paid in advance.")),
        section(_("Partners"), found["partner"], "partners", "partner", empty=_("There are no partners.")),
        section(_("How long points last, and returns"), found["wallet"], "wallets", "wallet", empty=_("There is no kind of points yet.")),
        section(_("Frame"), (*single, *(card for slug in _AROUND for card in found[slug])), "terms", *frame),
        *([section(_("Further parts"), rest, "")] if rest else []),
    ]  # fmt: skip


def card_of(kind: Kind, key: str, desk: Desk) -> Card | None:
    """One card."""
    return next((card for card in _of_kind(kind, desk, desk.advice()) if card.key == key), None)


def _of_kind(kind: Kind, desk: Desk, advice: list[Advised]) -> tuple[Card, ...]:
    if kind.slug == "about":
        written = [("-", desk.document)] if desk.document else []
    else:
        written = parts.entries(kind, desk.document)
    return tuple(_card(kind, key, one, desk, advice) for key, one in written)


def _card(kind: Kind, key: str, one: Mapping[str, Any], desk: Desk, advice: list[Advised]) -> Card:
    path = parts.path_of(kind, key, desk.document) or ()
    id_ = key if kind.keyed else str(one.get("id", ""))
    if isinstance(pay := one.get("pay"), int):  # a top-up is called by its amount
        id_ = i18n.money(pay, desk.shown.currency, desk.shown.locale)
    named = "" if kind.slug == "about" else parts.name_of(one.get("name"), desk.shown.locale)
    return Card(
        kind=kind.slug,
        key=key,
        name=named or id_ or _(labels.PARTS[kind.slug]),
        said=_said(kind, path, desk),
        line=desk.placed.place(path)[0] if desk.placed and path else 1,
        problems=tuple(p.text for p in desk.problems if within(p.path, kind, path)),
        advice=tuple(a for a in advice if within(a.path, kind, path)),
    )


def within(dotted: str, kind: Kind, path: Path) -> bool:
    """Whether something that stands at `dotted` is about this part."""
    if kind.slug == "about":
        return dotted.partition(".")[0] in _FRAME
    at = ".".join(str(part) for part in path)
    if kind.slug == "tiers" and dotted.startswith("tiers.levels"):
        return False
    return dotted == at or dotted.startswith(at + ".")


def _said(kind: Kind, path: Path, desk: Desk) -> Sentence:
    """The sentences of the terms; nothing for a part that is wrong."""
    if desk.told is None:
        return Sentence("")
    speaker = Speaker(desk.told.programme, desk.shown.locale)
    place = path[-1] if path else ""
    try:
        if isinstance(place, int) and desk.programme is None:
            place = desk.told.places[path]  # a part that was left out has none, and must not borrow a neighbour's
        return _SAID[kind.slug](speaker, place, path)
    except (LookupError, TypeError):
        return Sentence("")


def _reward(speaker: Speaker, place: Any, path: Path) -> Sentence:
    return gifts.reward(list(speaker.programme.rewards.values())[place], speaker, costs=True)


def _moving(speaker: Speaker, place: Any, path: Path) -> Sentence:
    moving = levels.moving(speaker.programme.tiers, speaker) if speaker.programme.tiers else []
    return Sentence(moving[0] if moving else _("Tiers are given by the shop."), tuple(moving[1:]))


def _milestones(speaker: Speaker, place: Any, path: Path) -> Sentence:
    found = speaker.programme.aims.milestones
    said = aim_words.milestones(found, speaker) if found else []
    return Sentence(said[0] if said else "", tuple(said[1:]))


def _challenge(speaker: Speaker, place: Any, path: Path) -> Sentence:
    return aim_words.challenge(speaker.programme.aims.challenges[place], speaker)


def _base(speaker: Speaker, place: Any, path: Path) -> Sentence:
    rules = [rule.give.base for rule in speaker.programme.rules if rule.give and rule.give.of in ("net", "gross")]
    said = earning.base(rules[0], speaker) if rules else []
    return Sentence(said[0] if said else _("As usual."), tuple(said[1:]))


def _budget(speaker: Speaker, place: Any, path: Path) -> Sentence:
    budget = speaker.programme.budget
    return around.budget(budget, speaker) if budget else Sentence("")


def _partner(of: Partner, speaker: Speaker) -> Sentence:
    said = partner_sentences.partner(of, speaker)
    return Sentence(said.text, (*said.notes, *partner_sentences.settling(of, speaker)))


def _proof(speaker: Speaker, place: int) -> Sentence:
    limits = [one.up_to for one in speaker.programme.spend_proof]
    at = limits.index(speaker.programme.document["spend_proof"][place].get("up_to"))
    return Sentence(proof_sentences.level(speaker, at))


def _listed(said: list[str]) -> Sentence:
    return Sentence(said[0] if said else _("Nothing is said yet."), tuple(said[1:]))


def _about(speaker: Speaker, place: Any, path: Path) -> Sentence:
    programme = speaker.programme
    return Sentence(f"{programme.name.text(speaker.locale)} · {programme.currency} · {programme.timezone.key}")


_SAID = {
    "rule": lambda speaker, place, path: earning.rule(speaker.programme.rules[place], speaker),
    "card": lambda speaker, place, path: earning.card(speaker.programme.cards[place], speaker),
    "level": lambda speaker, place, path: levels.level(speaker.programme.levels[place], speaker),
    "perk": lambda speaker, place, path: perk_sentences.perk(list(speaker.programme.perks.values())[place], speaker),
    "package": lambda speaker, place, path: package_sentences.package(
        list(speaker.programme.packages.values())[place], speaker
    ),
    "partner": lambda speaker, place, path: _partner(list(speaker.programme.partners.values())[place], speaker),
    "topup": lambda speaker, place, path: Sentence(pot_sentences.offer(speaker.programme.topups[place], speaker)),
    "wallet": lambda speaker, place, path: holding.wallet(speaker.programme.wallets[place], speaker),
    "reward": _reward,
    "offer": lambda speaker, place, path: offering.offer(speaker.programme.offers[place], speaker),
    "milestones": _milestones,
    "challenge": _challenge,
    "tiers": _moving,
    "base": _base,
    "budget": _budget,
    "accounts": lambda speaker, place, path: _listed(together.terms(speaker)),
    "about": _about,
    "never": lambda speaker, place, path: _listed(around.never(speaker)),
    "runs": lambda speaker, place, path: _listed(around.runs(speaker)),
    "offline": lambda speaker, place, path: _listed(around.offline(speaker)),
    "proof": lambda speaker, place, path: _proof(speaker, place),
    "claims": lambda speaker, place, path: _listed(proof_sentences.claims(speaker)),
    "holdout": lambda speaker, place, path: _listed(around.holdout(speaker)),
    "goal": lambda speaker, place, path: Sentence(goal_sentences.goal(speaker.programme.goals[place], speaker)),
    "legal": lambda speaker, place, path: _listed(around.legal(speaker)),
}


def _yaml_only(desk: Desk) -> list[Card]:
    """Parts that no form asks for: they stay, and stay visible."""
    asked = {kind.path[0] for kind in KINDS.values() if kind.path} | _FRAME | {"examples"}
    known = {told.alias or name for name, told in ProgrammeDoc.model_fields.items()}
    return [
        Card(
            kind="",
            key=key,
            name=key,
            said=Sentence(_("This part has no form; it is written as YAML."))
            if key in known
            else Sentence(_("ganbo does not know this part.")),
            line=desk.placed.place((key,))[0] if desk.placed else 1,
            problems=tuple(p.text for p in desk.problems if p.path == key or p.path.startswith(key + ".")),
        )
        for key in desk.document
        if key not in asked
    ]


def _examples(desk: Desk) -> list[Card]:
    """The document's own tests, and those that come out otherwise."""
    written = desk.document.get("examples")
    if not isinstance(written, list) or not written:
        return []
    problems = tuple(p.text for p in desk.problems if p.path.startswith("examples"))
    good = _("%(n)s cases stand in the document, and all come out as they say.") % {"n": len(written)}
    said = good if desk.ready else _("%(n)s cases stand in the document.") % {"n": len(written)}
    line = desk.placed.place(("examples",))[0] if desk.placed else 1
    return [Card("", "examples", _("Examples"), Sentence(said), line, problems)]
