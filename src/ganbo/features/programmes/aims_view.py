"""How far a member is with milestones and challenges, as rows that doors can show."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import aiming
from ganbo.engine.aims import Challenge, Gift
from ganbo.engine.programme import Programme
from ganbo.features.programmes.sentences import aims
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class AimRow:
    """`have` of `of`; `done` when its gift was given; `last_on`: the last day, None without one. `gift` in words.

    `shown`: have and of as people read them; `note`: 4/7, until 31/03, or that it is reached.
    """

    id: str
    kind: str  # milestone, challenge
    name: str
    have: int
    of: int
    done: bool
    last_on: date | None
    gift: str
    reward: str | None
    shown: str
    note: str


def of_member(member: MemberRow, programme: Programme, *, locale: str, day: date) -> list[AimRow]:
    """The next milestone and those that were passed, then every challenge that is open on a local day or was fulfilled."""
    if not programme.aims.any:
        return []
    speaker, state = Speaker(programme, locale), member.state
    return [*_milestones(member, state, speaker), *_challenges(state, speaker, day)]


def _milestones(member: MemberRow, state: dict[str, Any], speaker: Speaker) -> list[AimRow]:
    milestones = speaker.programme.aims.milestones
    if milestones is None:
        return []
    have = state.get("earned", 0) if milestones.of == "points_earned" else getattr(member, milestones.of)
    rows, known = [], state.get("aims", {})
    for step in milestones.steps:
        rule = aiming.rule_of_step(milestones, step)
        done = bool(known.get(rule, {}).get("live"))
        if done or have < step.at:
            name = aims.total(milestones.of, step.at, speaker)
            row = _row(rule, name, have, step.at, step.give, speaker=speaker, money=milestones.of == "spend", done=done)
            rows.append(row)
            if not done:
                break
    return rows


def _challenges(state: dict[str, Any], speaker: Speaker, day: date) -> list[AimRow]:
    rows = []
    for one in speaker.programme.aims.challenges:
        done = bool(state.get("aims", {}).get(aiming.rule_of(one), {}).get("live"))
        if done or one.open_on(day):
            rows.append(_challenge(one, state, speaker, done=done))
    return rows


def _challenge(one: Challenge, state: dict[str, Any], speaker: Speaker, *, done: bool) -> AimRow:
    last = one.until - timedelta(days=1) if one.until else None
    name = one.name.text(speaker.locale) or one.id
    have = aiming.progress(state, one)
    return _row(
        aiming.rule_of(one),
        name,
        have,
        one.n,
        one.give,
        speaker=speaker,
        money=one.kind == "spend",
        done=done,
        last=last,
    )


def _row(
    rule: str,
    name: str,
    have: int,
    of: int,
    gift: Gift,
    *,
    speaker: Speaker,
    money: bool,
    done: bool,
    last: date | None = None,
) -> AimRow:
    kind, _, id = rule.partition(":")
    have = of if done else min(have, of)
    numbers = [speaker.money(n) if money else speaker.number(n) for n in (have, of)]
    shown = (" / " if money else "/").join(numbers)
    note = shown
    if done:
        note = speaker.say(N_("reached"))
    elif last:
        note = speaker.say(N_("%(shown)s, until %(day)s"), shown=shown, day=i18n.day(last, speaker.locale))
    said = aims.gift(gift, speaker)
    return AimRow(id, kind, name, have, of, done, last, said, gift.voucher, shown, note)
