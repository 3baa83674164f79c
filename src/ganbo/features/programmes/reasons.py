"""Why a rule gave nothing or less, a card no stamp: every reason of a trace in words, in both languages."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Offer, Programme, Rule, StampCard
from ganbo.features.programmes.sentences import conditions
from ganbo.features.programmes.sentences import frame as around
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n

_WEEKDAYS = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"),
    "fri": N_("Friday"), "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip


def of_rule(entry: Mapping[str, Any], rule: Rule, programme: Programme, locale: str) -> str:
    """Why a rule did not apply, or not in full: what was missing, with its numbers."""
    reason = entry.get("reason")
    if "limit" in entry:
        return _limit(entry["limit"], programme, rule, locale)
    if reason == "no_lines":
        return i18n.text(locale, "nothing on the bill counts for it")
    if reason == "below_one":
        return i18n.text(locale, "it came to less than one whole")
    if reason == "below_step":
        return _below_step(entry, programme, locale)
    if reason == "during" and rule.during is not None:
        speaker = Speaker(programme, locale)
        when = speaker.both(conditions.during(rule.during, speaker))
        return i18n.text(locale, "it counts only when %(conditions)s", conditions=when)
    if reason in ("never", "runs"):
        return around.stopped(entry, programme, locale)
    if reason == "budget":
        return i18n.text(locale, "the budget for it is used up for now")
    if reason == "tier" and rule.give is not None:
        speaker = Speaker(programme, locale)
        tiers = speaker.either([speaker.level(tier) for tier in rule.give.by_tier])
        return i18n.text(locale, "it is for members of %(tier)s", tier=tiers)
    if reason == "outdone":
        better = programme.by_rule.get(entry.get("instead", ""))
        name = name_of(better, locale) if better else i18n.text(locale, "a better one")
        return i18n.text(locale, "of several only the best counts, here %(rule)s", rule=name)
    return condition(entry.get("missing", ()), rule, programme, locale)


def condition(
    parts: Sequence[Mapping[str, Any]], of: Rule | StampCard | Offer, programme: Programme, locale: str
) -> str:
    """The parts of a condition that did not hold; one that cannot be taken apart is told whole."""
    if any("text" in part for part in parts):
        speaker = Speaker(programme, locale)
        said, _ = ([of.say.text(locale)], "") if of.say is not None else conditions.both([of.when], speaker)
        if said:
            return i18n.text(locale, "it counts only when %(conditions)s", conditions=speaker.both(said))
    return missing(parts, programme, locale=locale)


def missing(parts: Sequence[Mapping[str, Any]], programme: Programme, *, locale: str) -> str:
    """The parts of a condition that did not hold, as half a sentence: visits so far 3, from 5 needed, 2 missing."""
    locale = i18n.known(locale)
    said = [_missing(part, programme, locale) for part in parts]
    return "; ".join(said) or i18n.text(locale, "its condition did not hold")


def name_of(rule: Rule, locale: str) -> str:
    """What the merchant calls the rule, else its id."""
    return rule.name.text(locale) or rule.id


def _below_step(entry: Mapping[str, Any], programme: Programme, locale: str) -> str:
    if entry.get("of") == "quantity":
        pieces = Decimal(entry["base"]) + Decimal(entry.get("carried", 0))
        return i18n.text(
            locale,
            "%(have)s pieces so far, a step is %(want)s",
            have=i18n.number(str(pieces), locale),
            want=i18n.number(entry["per"], locale),
        )
    if entry.get("of") not in ("net", "gross"):
        return i18n.text(locale, "what it counts came to nothing")
    have = entry["base"] + entry.get("carried", 0)
    return i18n.text(
        locale,
        "%(have)s so far, a step is %(want)s, %(missing)s missing",
        have=i18n.money(have, programme.currency, locale),
        want=i18n.money(entry["per"], programme.currency, locale),
        missing=i18n.money(entry["per"] - have, programme.currency, locale),
    )


_MONEY = {"order.net", "order.gross", "order.shipping", "order.discount", "order.paid_with_points", "member.spend"}
_NAMES = {
    "order.net": N_("the bill"),
    "order.gross": N_("the bill before discounts"),
    "order.quantity": N_("the number of items"),
    "order.shipping": N_("shipping"),
    "order.discount": N_("the discount"),
    "order.paid_with_points": N_("the part paid with points"),
    "member.tier": N_("the tier"),
    "member.purchases": N_("purchases so far"),
    "member.spend": N_("spending so far"),
    "member.visits": N_("visits so far"),
    "member.age_days": N_("days as a member"),
    "member.days_since_purchase": N_("days since the last purchase"),
    "local.weekday": N_("the day"),
    "local.hour": N_("the hour"),
    "local.date": N_("the date"),
    "store": N_("the store"),
    "channel": N_("the channel"),
}


def _missing(part: Mapping[str, Any], programme: Programme, locale: str) -> str:
    if "key" in part:
        return i18n.text(locale, "the event does not say “%(key)s”", key=part["key"].removeprefix("event."))
    if "text" in part:
        return i18n.text(locale, "the condition %(text)s did not hold", text=part["text"])
    name, op, want, have = part["name"], part["op"], part["want"], part["have"]
    label = i18n.text(locale, _NAMES[name]) if name in _NAMES else f"“{name.removeprefix('event.')}”"
    shown = {"what": label, "have": _shown(name, have, programme, locale)}
    if op in (">=", ">") and type(want) is int and type(have) is int and name != "local.hour":
        least = want + (op == ">")
        return i18n.text(
            locale,
            "%(what)s %(have)s, from %(want)s needed, %(missing)s missing",
            want=_shown(name, least, programme, locale),
            missing=_shown(name, least - have, programme, locale),
            **shown,
        )
    return i18n.text(locale, _OTHERWISE[op], want=_shown(name, want, programme, locale), **shown)


_OTHERWISE = {
    "==": N_("%(what)s %(have)s, only %(want)s counts"),
    "!=": N_("%(what)s %(have)s, anything but %(want)s counts"),
    "<": N_("%(what)s %(have)s, below %(want)s counts"),
    "<=": N_("%(what)s %(have)s, up to %(want)s counts"),
    ">": N_("%(what)s %(have)s, after %(want)s counts"),
    ">=": N_("%(what)s %(have)s, from %(want)s counts"),
}


def _shown(name: str, value: Any, programme: Programme, locale: str) -> str:
    if isinstance(value, bool):
        return i18n.text(locale, "yes") if value else i18n.text(locale, "no")
    if isinstance(value, int):
        return i18n.money(value, programme.currency, locale) if name in _MONEY else i18n.number(value, locale)
    if name == "local.weekday" and value in _WEEKDAYS:
        return i18n.text(locale, _WEEKDAYS[value])
    if name == "member.tier":
        level = programme.by_level.get(value)
        return level.name.text(locale) if level else str(value)
    return str(value) or i18n.text(locale, "nothing")


_PERIODS = {
    "day": N_("a day"),
    "week": N_("a week"),
    "month": N_("a month"),
    "quarter": N_("a quarter"),
    "year": N_("a year"),
    "ever": N_("in all"),
}


_SCOPES = {
    "rule": N_("for everybody together"),
    "programme": N_("for everybody together"),
    "business": N_("for everybody together"),
    "store": N_("per store"),
    "code": N_("per voucher code"),
}


def _limit(limit: Mapping[str, Any], programme: Programme, rule: Rule, locale: str) -> str:
    """The limit that was reached, as the merchant set it."""
    if limit["period"] == "rolling":
        period = i18n.text(locale, "in %(days)s days", days=limit["days"])
    else:
        msgid = _PERIODS[limit["period"]]
        period = i18n.text(locale, msgid)
    shared = _SCOPES.get(limit["scope"])
    if shared is not None:
        period += " " + i18n.text(locale, shared)
    if limit["kind"] == "count":
        most = i18n.number(limit["most"], locale)
        return i18n.text(locale, "its limit of %(most)s %(period)s is reached", most=most, period=period)
    if limit["kind"] == "money":
        most = i18n.money(limit["most"], programme.currency, locale)
        return i18n.text(locale, "its limit of %(most)s of spending %(period)s is reached", most=most, period=period)
    wallet = programme.wallets.get((rule.give.wallet if rule.give else None) or "")
    unit = wallet.name.text(locale) if wallet else ""
    most = i18n.number(limit["most"], locale)
    return i18n.text(
        locale, "its limit of %(most)s %(unit)s %(period)s is reached", most=most, unit=unit, period=period
    )
