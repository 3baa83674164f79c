"""Tiers as sentences: how a level is reached, kept and lost, and what it brings."""

from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import wording
from ganbo.engine.programme import Level, Threshold, TierRules
from ganbo.features.programmes import perk_sentences
from ganbo.features.programmes.sentences import conditions, earning, holding
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence

_METRICS = {
    "spend": N_("%(n)s spent"),
    "purchases": N_("%(n)s purchases"),
    "points_earned": N_("%(n)s points earned"),
    "visits": N_("%(n)s visits"),
}


def level(of: Level, speaker: Speaker) -> Sentence:
    """How it is reached, then how it is kept, then its benefits."""
    rules = speaker.programme.tiers
    notes = []
    may_fall = rules is not None and rules.downgrade != "never" and not of.no_downgrade
    if may_fall and of.keep is not None and of.keep != of.enter:
        notes.append(speaker.say(N_("Kept with %(what)s."), what=threshold(of.keep, speaker)))
    if of.no_downgrade:
        notes.append(speaker.say(N_("Once reached it is kept for good.")))
    return Sentence(sentence(_reached(of, speaker)), (*notes, *benefits(of, speaker)))


def _reached(of: Level, speaker: Speaker) -> str:
    if of.invitation_only:
        return speaker.say(N_("By invitation only"))
    if of.enter is not None:
        return speaker.say(N_("Reached with %(what)s"), what=threshold(of.enter, speaker))
    if of.id == speaker.programme.first_tier:
        return speaker.say(N_("Where every member begins"))
    return speaker.say(N_("Given by the shop"))


def threshold(tree: Threshold, speaker: Speaker) -> str:
    """5.000.000 ₫ spent or 20 purchases."""
    if tree[0] == "least":
        return metric(tree[1], tree[2], speaker)
    parts = [threshold(part, speaker) for part in tree[1]]
    if tree[0] == "any":
        return speaker.either(parts)
    return speaker.both(parts)


def metric(name: str, least: int, speaker: Speaker) -> str:
    """An amount of what tiers count."""
    if name in _METRICS:
        n = speaker.money(least) if name == "spend" else speaker.number(least)
        return speaker.say(_METRICS[name], n=n)
    kind, of = speaker.programme.tiers.metrics[name] if speaker.programme.tiers else ("", name)
    if kind == "wallet":
        return speaker.points(least, of)
    events = speaker.either([earning.event(one, speaker) for one in sorted(of)])
    return speaker.say(N_("%(n)s times %(events)s"), n=speaker.number(least), events=events)


def benefits(of: Level, speaker: Speaker) -> list[str]:
    """One sentence for each thing the level brings."""
    said = []
    if of.multiply != 1:
        said.append(speaker.say(N_("Points from purchases count × %(by)s."), by=speaker.factor(of.multiply)))
    said += [_wallet_factor(one, speaker) for one in of.multiplies]
    for ids, template in (
        (of.on_enter, N_("On reaching it: %(rewards)s.")),
        (of.yearly, N_("Every year: %(rewards)s.")),
        (of.rewards, N_("Only here: %(rewards)s.")),
        (of.unlocks, N_("May be taken from here on: %(rewards)s.")),
    ):
        if ids:
            said.append(speaker.say(template, rewards=speaker.both([speaker.reward(id) for id in ids])))
    if of.perks:
        mine = [perk_sentences.short(speaker.programme.perks[id], speaker) for id in of.perks]
        said.append(speaker.say(N_("Besides: %(perks)s."), perks=speaker.both(mine)))
    if of.service_priority:
        said.append(speaker.say(N_("Served first.")))
    for wallet, expires in of.expires.items():
        said.append(f"{speaker.unit(wallet)}: {holding.expiry(expires, speaker)}")
    return said or [speaker.say(N_("Points from purchases count as they are."))]


def _wallet_factor(one: Any, speaker: Speaker) -> str:
    by = speaker.factor(one.by)
    if one.rules:
        names = speaker.both([f"“{speaker.rule(id)}”" for id in sorted(one.rules)])
        return speaker.say(N_("%(rules)s count × %(by)s."), rules=names, by=by)
    return speaker.say(N_("%(unit)s from purchases count × %(by)s."), unit=speaker.unit(one.wallet or ""), by=by)


_WINDOWS = {
    "rolling": N_("What counts are this month and the %(months)s months before it."),
    "calendar_year": N_("What counts is the calendar year."),
    "anniversary": N_("What counts is the year since you joined, and each year after."),
    "since_change": N_("What counts is the time since you last changed tier."),
    "lifetime": N_("What counts is everything since you joined."),
}
_DOWN = {
    "never": N_("A tier once reached is never lost."),
    "one_step": N_("Who no longer meets the conditions goes down one tier at a time."),
    "to_eligible": N_("Who no longer meets the conditions goes to the tier they do meet."),
}
_VALID = {
    "end_of_year": N_("A tier reached is kept at least to the end of the year."),
    "end_of_month": N_("A tier reached is kept at least to the end of the month."),
    "end_of_year+": N_("A tier reached is kept at least to the end of the year and %(months)s months more."),
    "end_of_month+": N_("A tier reached is kept at least to the end of the month and %(months)s months more."),
    "+": N_("A tier reached is kept for at least %(months)s months."),
}


def moving(of: TierRules, speaker: Speaker) -> list[str]:
    """What counts, when one moves up, and when down."""
    if not of.used:
        return []
    said = [
        speaker.say(_WINDOWS[of.window], months=of.window_months)
        if of.window_months
        else speaker.say(_WINDOWS[of.window])
    ]
    said += _counted(of, speaker)
    if of.upgrade == "at_once":
        said.append(speaker.say(N_("You move up as soon as you meet the conditions.")))
    else:
        said.append(speaker.say(N_("You move up at the end of the period.")))
    if of.valid_until or of.valid_months:
        key = (of.valid_until or "") + ("+" if of.valid_months else "")
        said.append(speaker.say(_VALID[key], months=of.valid_months) if of.valid_months else speaker.say(_VALID[key]))
    said.append(speaker.say(_DOWN[of.downgrade]))
    if of.downgrade != "never" and of.grace_days:
        said.append(speaker.say(N_("That happens %(days)s days later at the earliest."), days=of.grace_days))
    return said


def _counted(of: TierRules, speaker: Speaker) -> list[str]:
    said = []
    if of.counts is not None:
        parts = wording.parts(of.counts.source)
        told = speaker.both([conditions.clause(part, speaker) for part in parts]) if parts else ""
        if of.say is not None:
            told = of.say.text(speaker.locale)
        if told:
            said.append(speaker.say(N_("A purchase counts towards tiers when %(conditions)s."), conditions=told))
    if of.max_per_day:
        said.append(speaker.say(N_("At most %(n)s purchases a day count towards tiers."), n=of.max_per_day))
    return said
