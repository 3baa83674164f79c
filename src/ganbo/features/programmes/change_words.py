"""What a new version changes, in words: old → new for every part, marked better or worse for members."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import comparing
from ganbo.engine.comparing import Change
from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences import earning, gifts, holding, levels
from ganbo.features.programmes.sentences.said import Sentence, Speaker
from ganbo.foundation import i18n

_MARKS = {
    "better": N_("better for members"),
    "worse": N_("worse for members"),
    "mixed": N_("better for some, worse for others"),
    "neutral": N_("the same for members"),
}
_PARTS = {
    "earn": N_("Rule"),
    "stamp_cards": N_("Stamp card"),
    "wallets": N_("Kind of points"),
    "levels": N_("Tier"),
    "rewards": N_("Reward"),
}
_ASPECTS = {
    "amount": N_("what it gives"), "rounding": N_("rounding"), "base": N_("what of the bill counts"),
    "condition": N_("its condition"), "lines": N_("which items count"), "during": N_("when it holds"),
    "limit": N_("its limits"), "tier_multiplier": N_("the tier's multiplier"), "expiry": N_("when it ends"),
    "pending": N_("when it may be used"), "worth": N_("what it is worth"), "spendable": N_("whether it can be spent"),
    "refund": N_("what a return takes back"), "size": N_("how many stamps it takes"), "head_start": N_("stamps given at the start"),
    "min_order": N_("the least bill"), "repeat": N_("whether it begins anew"), "reward": N_("what it brings"),
    "enter": N_("how it is reached"), "keep": N_("how it is kept"), "multiply": N_("its multiplier"),
    "priority": N_("service priority"), "benefits": N_("its benefits"), "window": N_("what time counts"),
    "counts": N_("which purchases count"), "upgrade": N_("when one moves up"), "downgrade": N_("when one moves down"),
    "valid": N_("how long a tier is kept"), "metrics": N_("what is counted"), "price": N_("its price"),
    "kind": N_("what it is"), "value": N_("how much it is"), "stacking": N_("use with other offers"),
    "stock": N_("how many there are"), "validity": N_("how long its voucher lasts"), "fulfil": N_("when it is handed over"),
    "words": N_("names and notes"),
}  # fmt: skip
_TOP = {
    "late_days": N_("Late purchases: %(old)s → %(new)s days"),
    "currency": N_("Currency: %(old)s → %(new)s"),
    "timezone": N_("Time zone: %(old)s → %(new)s"),
    "tables": N_("The tables of numbers changed"),
    "name": N_("Name: %(old)s → %(new)s"),
    "examples": N_("The examples changed"),
    "budget": N_("The budget changed"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One change: which part, its sentence with old → new, the verdict and the verdict in words."""

    part: str
    id: str
    kind: str
    verdict: str
    mark: str
    text: str


def told(old: Programme, new: Programme, *, locale: str) -> list[Told]:
    """Every change in the order a member meets the parts."""
    locale = i18n.known(locale)
    return [_told(change, Speaker(old, locale), Speaker(new, locale)) for change in comparing.changes(old, new)]


def worse(old: Programme, new: Programme, *, locale: str) -> list[str]:
    """The sentences of what is worse for members, or for some."""
    return [f"{one.text} ({one.mark})" for one in told(old, new, locale=locale) if one.verdict in ("worse", "mixed")]


def _told(change: Change, old: Speaker, new: Speaker) -> Told:
    text = _text(change, old, new)
    return Told(change.part, change.id, change.kind, change.verdict, new.say(_MARKS[change.verdict]), text)


def _text(change: Change, old: Speaker, new: Speaker) -> str:
    if change.part == "programme":
        olds, news = (_top_value(change.id, speaker) for speaker in (old, new))
        return new.say(_TOP[change.id], old=olds, new=news) if "%(" in _TOP[change.id] else new.say(_TOP[change.id])
    if change.part == "tiers":
        return _moving(change, old, new)
    before, after = (_sentence(change, speaker) for speaker in (old, new))
    name = f"{new.say(_PARTS[change.part])} “{_name(change, new if change.kind != 'removed' else old)}”"
    if change.kind == "added":
        return new.say(N_("%(part)s is new: %(new)s"), part=name, new=after)
    if change.kind == "removed":
        return new.say(N_("%(part)s is gone: %(old)s"), part=name, old=before)
    aspects = new.both([new.say(_ASPECTS[name]) for name in dict.fromkeys(a.name for a in change.aspects)])
    if before == after:
        return new.say(N_("%(part)s, %(aspects)s changed"), part=name, aspects=aspects)
    return new.say(N_("%(part)s, %(aspects)s: %(old)s → %(new)s"), part=name, aspects=aspects, old=before, new=after)


def _top_value(id: str, speaker: Speaker) -> str:
    programme = speaker.programme
    values = {
        "late_days": speaker.number(programme.late_days),
        "currency": programme.currency,
        "timezone": str(programme.timezone),
        "name": programme.name.text(speaker.locale),
    }
    return values.get(id, "")


def _moving(change: Change, old: Speaker, new: Speaker) -> str:
    before, after = (" ".join(levels.moving(s.programme.tiers, s)) if s.programme.tiers else "–" for s in (old, new))
    if change.kind != "changed":
        return new.say(N_("Moving between tiers: %(old)s → %(new)s"), old=before, new=after)
    aspects = new.both([new.say(_ASPECTS[name]) for name in dict.fromkeys(a.name for a in change.aspects)])
    return new.say(N_("Tiers, %(aspects)s: %(old)s → %(new)s"), aspects=aspects, old=before, new=after)


def _one(change: Change, programme: Programme) -> Any:
    found: dict[str, Any] = {
        "earn": programme.by_rule,
        "stamp_cards": programme.by_card,
        "wallets": programme.wallets,
        "levels": programme.by_level,
        "rewards": programme.rewards,
    }
    return found[change.part].get(change.id)


def _name(change: Change, speaker: Speaker) -> str:
    return _one(change, speaker.programme).name.text(speaker.locale) or change.id


def _sentence(change: Change, speaker: Speaker) -> str:
    """The part as the terms say it; empty when it is not there."""
    one = _one(change, speaker.programme)
    if one is None:
        return ""
    said: dict[str, Callable[[Any, Speaker], Sentence]] = {
        "earn": earning.rule,
        "stamp_cards": earning.card,
        "wallets": holding.wallet,
        "levels": levels.level,
        "rewards": gifts.reward,
    }
    sentence = said[change.part](one, speaker)
    return " ".join([sentence.text, *sentence.notes, sentence.unsaid]).strip()
