"""Conditions in words: “the bill is from 10,000 ₫ and the day is Tuesday”."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import wording
from ganbo.engine.conditions import Condition
from ganbo.engine.programme import During
from ganbo.engine.wording import Clause
from ganbo.features.programmes.sentences.said import Speaker

_NAMES = {
    "order.net": N_("the bill is"),
    "order.gross": N_("the bill before discounts is"),
    "order.shipping": N_("the delivery fee is"),
    "order.discount": N_("the discount on the bill is"),
    "order.paid_with_points": N_("the part paid with points is"),
    "order.quantity": N_("the number of pieces is"),
    "local.weekday": N_("the day is"),
    "local.hour": N_("the hour is"),
    "local.date": N_("the date is"),
    "member.tier": N_("the tier is"),
    "member.purchases": N_("purchases so far are"),
    "member.visits": N_("visits so far are"),
    "member.spend": N_("spending so far is"),
    "member.age_days": N_("days as a member are"),
    "member.days_since_purchase": N_("days since the last purchase are"),
    "store": N_("the store is"),
    "channel": N_("the channel is"),
    "line.category": N_("the category is"),
    "line.sku": N_("the item is"),
    "line.quantity": N_("the pieces of one item are"),
    "line.weight": N_("the thousandths of one item are"),
    "line.unit_price": N_("the unit price is"),
    "line.net": N_("the line's price is"),
}
_OPERATORS = {
    "==": N_("%(value)s"),
    "!=": N_("anything but %(value)s"),
    ">=": N_("from %(value)s"),
    ">": N_("more than %(value)s"),
    "<=": N_("up to %(value)s"),
    "<": N_("less than %(value)s"),
}
_MONEY = {
    "order.net", "order.gross", "order.shipping", "order.discount", "order.paid_with_points", "member.spend",
    "line.unit_price", "line.net",
}  # fmt: skip
_WEEKDAYS = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"),
    "fri": N_("Friday"), "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip
_HAS = {
    ("has", "line.labels"): N_("the item is marked %(what)s"),
    ("has_not", "line.labels"): N_("the item is not marked %(what)s"),
    ("has", "member.segments"): N_("the member belongs to %(what)s"),
    ("has_not", "member.segments"): N_("the member does not belong to %(what)s"),
}


def both(conditions: Sequence[Condition | None], speaker: Speaker) -> tuple[list[str], str]:
    """What must hold, one text each; or nothing and the conditions as written when one has no words."""
    there = [condition for condition in conditions if condition is not None]
    said: list[str] = []
    for condition in there:
        parts = wording.parts(condition.source)
        if parts is None:
            return [], " && ".join(one.source for one in there)
        said += [clause(part, speaker) for part in parts]
    return said, ""


def clause(part: Clause, speaker: Speaker) -> str:
    """One clause in words."""
    kind = part[0]
    if kind == "compare":
        _, name, op, literal = part
        if (name, op) == ("member.purchases", "=="):
            return speaker.say(N_("it is purchase number %(n)s"), n=speaker.number(literal))
        return f"{_subject(name, speaker)} {speaker.say(_OPERATORS[op], value=_value(name, literal, speaker))}"
    if kind in ("in", "not_in"):
        listed = speaker.either([_value(part[1], literal, speaker) for literal in part[2]])
        return f"{_subject(part[1], speaker)} {speaker.say(_OPERATORS['==' if kind == 'in' else '!='], value=listed)}"
    if kind in ("has", "has_not"):
        return speaker.say(_HAS[(kind, part[1])], what=speaker.either([f"“{one}”" for one in part[2]]))
    if kind == "tier_at_least":
        return speaker.say(N_("the tier is %(tier)s or above"), tier=speaker.level(part[1]))
    if kind == "tier_below":
        return speaker.say(N_("the tier is below %(tier)s"), tier=speaker.level(part[1]))
    if kind in ("true", "false"):
        return _event(kind, part[1], speaker)
    inside = [clause(one, speaker) for one in part[1]]
    return speaker.either(inside) if kind == "any" else speaker.both(inside)


def _event(kind: str, name: str, speaker: Speaker) -> str:
    key = name.removeprefix("event.")
    if key == "verified":
        return speaker.say(N_("it is verified")) if kind == "true" else speaker.say(N_("it is not verified"))
    if kind == "true":
        return speaker.say(N_("“%(key)s” is noted"), key=key)
    return speaker.say(N_("“%(key)s” is not noted"), key=key)


def _subject(name: str, speaker: Speaker) -> str:
    if name in _NAMES:
        return speaker.say(_NAMES[name])
    return speaker.say(N_("“%(key)s” is"), key=name.removeprefix("event."))


def _value(name: str, literal: Any, speaker: Speaker) -> str:
    if isinstance(literal, bool):
        return speaker.say(N_("yes")) if literal else speaker.say(N_("no"))
    if isinstance(literal, int):
        if name == "local.hour":
            return _hour(literal, speaker)
        return speaker.money(literal) if name in _MONEY else speaker.number(literal)
    if name == "local.weekday" and literal in _WEEKDAYS:
        return speaker.say(_WEEKDAYS[literal])
    if name == "local.date":
        return speaker.day(literal)
    return speaker.level(literal) if name == "member.tier" else str(literal)


def _hour(hour: int, speaker: Speaker) -> str:
    return f"{hour} giờ" if speaker.locale == "vi" else f"{hour}:00"


def during(when: During | None, speaker: Speaker) -> list[str]:
    """The days and hours in which a rule holds."""
    if when is None:
        return []
    said = []
    if when.since and when.until:
        said.append(
            speaker.say(
                N_("the day is from %(since)s until before %(until)s"),
                since=speaker.day(when.since.isoformat()),
                until=speaker.day(when.until.isoformat()),
            )
        )
    elif when.since:
        said.append(speaker.say(N_("the day is from %(since)s on"), since=speaker.day(when.since.isoformat())))
    elif when.until:
        said.append(speaker.say(N_("the day is before %(until)s"), until=speaker.day(when.until.isoformat())))
    if when.weekdays:
        days = [speaker.say(name) for n, name in enumerate(_WEEKDAYS.values()) if n in when.weekdays]
        said.append(f"{speaker.say(_NAMES['local.weekday'])} {speaker.either(days)}")
    if (when.from_hour, when.to_hour) != (0, 24):
        first, last = _hour(when.from_hour, speaker), _hour(when.to_hour, speaker)
        said.append(speaker.say(N_("the time is between %(first)s and %(last)s"), first=first, last=last))
    return said
