"""What a new version changes, in words: old → new for every part, marked better or worse for members."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import comparing
from ganbo.engine.aims import Step
from ganbo.engine.comparing import Change
from ganbo.engine.programme import Programme
from ganbo.features.programmes import (
    package_sentences,
    partner_sentences,
    perk_sentences,
    pot_sentences,
    proof_sentences,
)
from ganbo.features.programmes.sentences import aims, earning, frame, gifts, holding, levels, offering, together
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
    "milestones": N_("Milestone"),
    "challenges": N_("Challenge"),
    "wallets": N_("Kind of points"),
    "levels": N_("Tier"),
    "rewards": N_("Reward"),
    "topups": N_("Top-up"),
    "offers": N_("Offer"),
    "perks": N_("Perk"),
    "packages": N_("Package"),
    "partners": N_("Partner"),
}
_ASPECTS = {
    "amount": N_("what it gives"), "rounding": N_("rounding"), "base": N_("what of the bill counts"),
    "condition": N_("its condition"), "lines": N_("which items count"), "during": N_("when it holds"),
    "limit": N_("its limits"), "tier_multiplier": N_("the tier's multiplier"), "expiry": N_("when it ends"),
    "pending": N_("when it may be used"), "worth": N_("what it is worth"), "spendable": N_("whether it can be spent"),
    "refund": N_("what a return takes back"), "pay": N_("how it pays bills"),
    "size": N_("how many stamps it takes"), "head_start": N_("stamps given at the start"),
    "min_order": N_("the least bill"), "repeat": N_("whether it begins anew"), "reward": N_("what it brings"), "lot": N_("who has it"),
    "enter": N_("how it is reached"), "keep": N_("how it is kept"), "multiply": N_("its multiplier"),
    "priority": N_("service priority"), "benefits": N_("its benefits"), "window": N_("what time counts"),
    "counts": N_("which purchases count"), "upgrade": N_("when one moves up"), "downgrade": N_("when one moves down"),
    "valid": N_("how long a tier is kept"), "metrics": N_("what is counted"), "price": N_("its price"),
    "kind": N_("what it is"), "value": N_("how much it is"), "choices": N_("what can be chosen"), "stacking": N_("use with other offers"),
    "stock": N_("how many there are"), "validity": N_("how long its voucher lasts"), "fulfil": N_("when it is handed over"),
    "pot_order": N_("which money is spent first"), "words": N_("names and notes"), "needs": N_("what is to be done"),
    "settling": N_("what is paid between the businesses"),
}  # fmt: skip
_TOP = {
    "late_days": N_("Late purchases: %(old)s → %(new)s days"),
    "currency": N_("Currency: %(old)s → %(new)s"),
    "timezone": N_("Time zone: %(old)s → %(new)s"),
    "tables": N_("The tables of numbers changed"),
    "name": N_("Name: %(old)s → %(new)s"),
    "examples": N_("The examples changed"),
    "budget": N_("Given only while the budget set aside for it lasts: %(old)s → %(new)s"),
    "never": N_("What is left out: %(old)s → %(new)s"),
    "runs": N_("How long it runs: %(old)s → %(new)s"),
    "accounts": N_("Spending together: %(old)s → %(new)s"),
    "offline": N_("Without a network: %(old)s → %(new)s"),
    "legal": N_("Who answers for it: %(old)s → %(new)s"),
    "spend_proof": N_("What is shown before spending: %(old)s → %(new)s"),
    "claims": N_("Claiming forgotten sales: %(old)s → %(new)s"),
    "holdout": N_("Left out of what nobody was promised: %(old)s → %(new)s of the members"),
    "goals": N_("The goals changed"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One change: which part, its sentence with old → new, the verdict and the verdict in words.

    The same apart: `head` names the part and what of it, `old` and `new` are its sentences; all empty where one sentence
    says everything.
    """

    part: str
    id: str
    kind: str
    verdict: str
    mark: str
    text: str
    head: str = ""
    old: str = ""
    new: str = ""


def told(old: Programme, new: Programme, *, locale: str) -> list[Told]:
    """Every change in the order a member meets the parts."""
    locale = i18n.known(locale)
    return [_told(change, Speaker(old, locale), Speaker(new, locale)) for change in comparing.changes(old, new)]


def worse(old: Programme, new: Programme, *, locale: str) -> list[str]:
    """The sentences of what is worse for members, or for some."""
    return [f"{one.text} ({one.mark})" for one in told(old, new, locale=locale) if one.verdict in ("worse", "mixed")]


def _told(change: Change, old: Speaker, new: Speaker) -> Told:
    mark = new.say(_MARKS[change.verdict])
    if change.part == "programme":
        return Told(change.part, change.id, change.kind, change.verdict, mark, _top(change, old, new))
    if change.part == "tiers":
        before, after = (" ".join(levels.moving(s.programme.tiers, s)) if s.programme.tiers else "" for s in (old, new))
        text, name = _moving(change, before or "–", after or "–", new), new.say(N_("Moving between tiers"))
    else:
        before, after = (_sentence(change, speaker) for speaker in (old, new))
        name = f"{new.say(_PARTS[change.part])} “{_name(change, new if change.kind != 'removed' else old)}”"
        text = _text(change, name, before, after, new)
    if change.kind == "changed":
        name = new.say(N_("%(part)s: %(aspects)s"), part=name, aspects=_aspects(change, new))
    return Told(
        change.part, change.id, change.kind, change.verdict, mark, text,
        head=name,
        old=before,
        new=after if after != before else "",
    )  # fmt: skip


def _text(change: Change, name: str, before: str, after: str, new: Speaker) -> str:
    if change.kind == "added":
        return new.say(N_("%(part)s is new: %(new)s"), part=name, new=after)
    if change.kind == "removed":
        return new.say(N_("%(part)s is gone: %(old)s"), part=name, old=before)
    aspects = _aspects(change, new)
    if before == after:
        return new.say(N_("%(part)s, %(aspects)s changed"), part=name, aspects=aspects)
    return new.say(N_("%(part)s, %(aspects)s: %(old)s → %(new)s"), part=name, aspects=aspects, old=before, new=after)


def _aspects(change: Change, speaker: Speaker) -> str:
    return speaker.both([speaker.say(_ASPECTS[name]) for name in dict.fromkeys(a.name for a in change.aspects)])


def _top(change: Change, old: Speaker, new: Speaker) -> str:
    olds, news = (_top_value(change.id, speaker) for speaker in (old, new))
    if change.id == "budget" and olds == news:
        return new.say(N_("The budget changed"))
    return new.say(_TOP[change.id], old=olds, new=news) if "%(" in _TOP[change.id] else new.say(_TOP[change.id])


def _top_value(id: str, speaker: Speaker) -> str:
    programme = speaker.programme
    values = {
        "late_days": speaker.number(programme.late_days),
        "currency": programme.currency,
        "timezone": str(programme.timezone),
        "name": programme.name.text(speaker.locale),
        "budget": _budget(speaker),
        "never": " ".join(frame.never(speaker)) or "–",
        "runs": " ".join(frame.runs(speaker)) or "–",
        "accounts": " ".join(together.terms(speaker)) or "–",
        "offline": " ".join(frame.offline(speaker)) or "–",
        "legal": " ".join(frame.legal(speaker)) or "–",
        "spend_proof": " ".join(proof_sentences.spending(speaker)) or "–",
        "claims": " ".join(proof_sentences.claims(speaker)) or "–",
        "holdout": i18n.percent(programme.holdout, speaker.locale),
    }
    return values.get(id, "")


def _budget(speaker: Speaker) -> str:
    """The rewards whose line stops; what is planned is no member's matter, and they read this too."""
    budget, rewards = speaker.programme.budget, speaker.programme.rewards.values()
    stopped = [speaker.reward(r.id) for r in rewards if budget and r.cost and r.budget in budget.hard]
    return speaker.both(stopped) or "–"


def _moving(change: Change, before: str, after: str, new: Speaker) -> str:
    if change.kind != "changed":
        return new.say(N_("Moving between tiers: %(old)s → %(new)s"), old=before, new=after)
    return new.say(N_("Tiers, %(aspects)s: %(old)s → %(new)s"), aspects=_aspects(change, new), old=before, new=after)


def _one(change: Change, programme: Programme) -> Any:
    found: dict[str, Any] = {
        "earn": programme.by_rule,
        "stamp_cards": programme.by_card,
        "wallets": programme.wallets,
        "levels": programme.by_level,
        "rewards": programme.rewards,
        "perks": programme.perks,
        "packages": programme.packages,
        "partners": programme.partners,
        "topups": {str(one.pay): one for one in programme.topups},
        "offers": programme.by_offer,
        "milestones": comparing.steps(programme),
        "challenges": {one.id: one for one in programme.aims.challenges},
    }
    return found[change.part].get(change.id)


def _step(step: Step, speaker: Speaker) -> Sentence:
    milestones = speaker.programme.aims.milestones
    return Sentence(aims.step(milestones, step, speaker)) if milestones else Sentence("")


def _name(change: Change, speaker: Speaker) -> str:
    if change.part == "topups":
        return speaker.money(int(change.id))
    if change.part == "milestones":
        of, _, at = change.id.rpartition("-")
        return aims.total(of, int(at), speaker)
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
        "perks": perk_sentences.perk,
        "packages": package_sentences.package,
        "partners": partner_sentences.partner,
        "topups": lambda topup, by: Sentence(pot_sentences.offer(topup, by)),
        "offers": offering.offer,
        "milestones": _step,
        "challenges": aims.challenge,
    }
    sentence = said[change.part](one, speaker)
    return " ".join([sentence.text, *sentence.notes, sentence.unsaid]).strip()
