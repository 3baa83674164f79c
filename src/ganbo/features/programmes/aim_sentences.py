"""What a trace says of milestones and challenges, as sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.aims import Challenge
from ganbo.engine.programme import Programme
from ganbo.engine.trace import Trace
from ganbo.features.programmes.sentences import aims
from ganbo.features.programmes.sentences.said import Speaker


def because(trace: Trace, programme: Programme, *, locale: str) -> list[str]:
    """One sentence per gift, and per challenge that came forward without one."""
    speaker = Speaker(programme, locale)
    gifts = {row["aim"]: row for row in trace.aims if "gift" in row}
    sentences = [_given(row, speaker) for row in gifts.values()]
    for row in trace.aims:
        of = _challenge(row["aim"], programme)
        if of is not None and "have" in row and row["aim"] not in gifts and row["have"] < row["of"]:
            sentences.append(_forward(of, row, speaker))
    return sentences


def because_not(trace: Trace, programme: Programme, *, locale: str) -> list[str]:
    """One sentence per gift that the budget could not pay."""
    speaker = Speaker(programme, locale)
    template = N_("%(aim)s is reached, but the budget for its gift is used up; it comes as soon as there is room.")
    return [_said(template, row["aim"], speaker) for row in trace.aims if row.get("unpaid")]


def _said(template: str, rule: str, speaker: Speaker) -> str:
    called = name(rule, speaker)
    return speaker.say(template, aim=called[0].upper() + called[1:])


def name(rule: str, speaker: Speaker) -> str:
    """What a milestone or a challenge is called: its name, or the total that is reached."""
    kind, _, rest = rule.partition(":")
    if kind == "challenge":
        of = _challenge(rule, speaker.programme)
        return (of.name.text(speaker.locale) if of else "") or rest
    total, _, at = rest.rpartition("-")
    return aims.total(total, int(at), speaker)


def _challenge(rule: str, programme: Programme) -> Challenge | None:
    kind, _, id = rule.partition(":")
    return next((one for one in programme.aims.challenges if one.id == id), None) if kind == "challenge" else None


def _given(row: Mapping[str, Any], speaker: Speaker) -> str:
    found = row["gift"]
    voucher = found.get("voucher")
    gift = f"“{speaker.reward(voucher)}”" if voucher else speaker.points(found["amount"], found["wallet"])
    template = N_("%(aim)s reached again: you have %(gift)s again.")
    if not row.get("again"):
        template = N_("%(aim)s reached: you get %(gift)s.")
    called = name(row["aim"], speaker)
    return speaker.say(template, aim=called[0].upper() + called[1:], gift=gift)


def _forward(of: Challenge, row: Mapping[str, Any], speaker: Speaker) -> str:
    have, all_ = (speaker.money(n) if of.kind == "spend" else speaker.number(n) for n in (row["have"], row["of"]))
    called = of.name.text(speaker.locale) or of.id
    if when := aims.open_days(of, speaker) if of.until else "":
        return speaker.say(N_("%(aim)s: %(have)s of %(of)s, %(when)s."), aim=called, have=have, of=all_, when=when)
    return speaker.say(N_("%(aim)s: %(have)s of %(of)s."), aim=called, have=have, of=all_)
