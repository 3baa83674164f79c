"""A trace as sentences a cashier can read aloud, in Vietnamese and English, including why a rule did *not* apply."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme, Rule
from ganbo.engine.trace import Trace
from ganbo.features.programmes import stamp_sentences, tier_sentences
from ganbo.foundation import i18n

_WEEKDAYS = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"),
    "fri": N_("Friday"), "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip


def because(trace: Trace | Mapping[str, Any], programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """One sentence per wallet that was given something: the number first, then why."""
    trace, locale = _read(trace), i18n.known(locale)
    rules = programme.by_rule
    sentences = []
    for row in trace.wallets:
        given = [e for e in trace.rules if e.get("given") and _gives(rules.get(e["rule"]), row["wallet"])]
        if given:
            total: int = sum([e["given"] for e in given])
            numbers = {
                "you": you(locale, address),
                "amount": i18n.number(total, locale),
                "unit": _unit(total, programme.wallets[row["wallet"]].name.text(locale), locale),
                "why": _why(row, given, trace, programme, locale),
            }
            sentences.append(i18n.text(locale, "%(you)s get %(amount)s %(unit)s: %(why)s.", **numbers))
    sentences += stamp_sentences.because(trace, programme, locale=locale)
    if trace.tier:
        sentences.append(tier_sentences.moved(trace.tier, programme, locale=locale, address=address))
    return sentences


def because_not(
    trace: Trace | Mapping[str, Any], programme: Programme, *, locale: str, address: str | None
) -> list[str]:
    """One sentence per rule that gave nothing, or less than it would have; what was missing is named."""
    trace, locale = _read(trace), i18n.known(locale)
    if any(entry.get("reason") == "no_member" for entry in trace.rules):
        return [
            i18n.text(locale, "The sale was recorded without a member, so it earned nothing; it can still be claimed.")
        ]
    sentences = []
    for entry in trace.rules:
        rule = programme.by_rule.get(entry["rule"])
        if rule is None or (entry["passed"] and "limit" not in entry):
            continue
        template = N_("Rule %(rule)s did not apply: %(reason)s.")
        if entry["passed"]:
            template = N_("Rule %(rule)s gave less: %(reason)s.")
        reason = _reason(entry, rule, programme, locale)
        sentences.append(i18n.text(locale, template, rule=name_of(rule, locale), reason=reason))
    return sentences + stamp_sentences.because_not(trace, programme, locale=locale)


def name_of(rule: Rule, locale: str) -> str:
    """What the merchant calls the rule, else its id."""
    return rule.name.text(locale) or rule.id


def you(locale: str, address: str | None) -> str:
    """How a sentence begins that speaks to the member: Chị, Anh, Bạn, …; You."""
    if locale != "vi":
        return "You"
    form = address or "bạn"
    return form[0].upper() + form[1:]


def _read(trace: Trace | Mapping[str, Any]) -> Trace:
    return trace if isinstance(trace, Trace) else Trace.from_json(dict(trace))


def _gives(rule: Rule | None, wallet: str) -> bool:
    return rule is not None and rule.give is not None and rule.give.wallet == wallet


def _unit(amount: int, name: str, locale: str) -> str:
    """The wallet's name; in English without its plural s after one."""
    return name.removesuffix("s") if amount == 1 and locale == "en" else name


def _why(row: Mapping[str, Any], given: list[dict[str, Any]], trace: Trace, programme: Programme, locale: str) -> str:
    """What the rules gave, times what, and how it was rounded."""
    unit = programme.wallets[row["wallet"]].name.text(locale)
    parts = [_part(entry, programme, unit, locale) for entry in given]
    parts += _times(row, given, trace, programme, locale)
    if isinstance(row["exact"], str):
        parts.append(i18n.text(locale, "rounded down"))
    if any("limit" in entry for entry in given):
        parts.append(i18n.text(locale, "as far as the limit allows"))
    return ", ".join(parts)


def _part(entry: Mapping[str, Any], programme: Programme, unit: str, locale: str) -> str:
    """What one rule gave, before multipliers: on how much, and how much for every step."""
    rule = programme.by_rule[entry["rule"]]
    give = rule.give
    assert give is not None
    per: int | None = entry.get("per")
    numbers = {
        "amount": i18n.number(give.amount, locale),
        "unit": _unit(give.amount, unit, locale),
        "rule": name_of(rule, locale),
    }
    if per is None:
        return i18n.text(locale, "%(amount)s %(unit)s for %(rule)s", **numbers)
    if entry["of"] == "quantity":
        base, step = i18n.number(entry["base"], locale), i18n.number(per, locale)
        return i18n.text(
            locale, "%(rule)s: %(base)s, %(amount)s %(unit)s for every %(per)s", base=base, per=step, **numbers
        )
    base, step = (i18n.money(n, programme.currency, locale) for n in (entry["base"], per))
    template = N_("%(base)s, every %(per)s earns %(amount)s %(unit)s")
    if rule.lines is not None:
        template = N_("%(rule)s: %(base)s, every %(per)s earns %(amount)s %(unit)s")
    return i18n.text(locale, template, base=base, per=step, **numbers)


def _times(
    row: Mapping[str, Any], given: list[dict[str, Any]], trace: Trace, programme: Programme, locale: str
) -> list[str]:
    """The multipliers that helped, the tier's last."""
    found = []
    for e in trace.rules:
        by = e.get("by")
        if by is None or not e["passed"]:
            continue
        if e.get("wallet") == row["wallet"] or any(e.get("target") == g["rule"] for g in given):
            name = name_of(programme.by_rule[e["rule"]], locale)
            found.append(i18n.text(locale, "%(rule)s times %(by)s", rule=name, by=i18n.number(by, locale)))
    if row.get("tier"):
        level = programme.by_level.get(row["tier"])
        name = level.name.text(locale) if level else row["tier"]
        found.append(i18n.text(locale, "%(tier)s tier times %(by)s", tier=name, by=i18n.number(row["tier_by"], locale)))
    return found


def _reason(entry: Mapping[str, Any], rule: Rule, programme: Programme, locale: str) -> str:
    reason = entry.get("reason")
    if "limit" in entry:
        return _limit(entry["limit"], programme, rule, locale)
    if reason == "no_lines":
        return i18n.text(locale, "nothing on the bill counts for it")
    if reason == "below_one":
        return i18n.text(locale, "it came to less than one whole")
    if reason == "below_step":
        return _below_step(entry, programme, locale)
    parts = [_missing(part, programme, locale) for part in entry.get("missing", ())]
    return "; ".join(parts) or i18n.text(locale, "its condition did not hold")


def _below_step(entry: Mapping[str, Any], programme: Programme, locale: str) -> str:
    if entry.get("of") not in ("net", "gross"):
        return i18n.text(locale, "it was less than one step")
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
    label = i18n.text(locale, _NAMES[name]) if name in _NAMES else name
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


def _limit(limit: Mapping[str, Any], programme: Programme, rule: Rule, locale: str) -> str:
    """The limit that was reached, as the merchant set it."""
    if limit["period"] == "rolling":
        period = i18n.text(locale, "in %(days)s days", days=limit["days"])
    else:
        msgid = _PERIODS[limit["period"]]
        period = i18n.text(locale, msgid)
    if limit["kind"] == "count":
        most = i18n.number(limit["most"], locale)
        return i18n.text(locale, "its limit of %(most)s %(period)s is reached", most=most, period=period)
    if limit["kind"] == "money":
        most = i18n.money(limit["most"], programme.currency, locale)
        return i18n.text(locale, "its limit of %(most)s of spending %(period)s is reached", most=most, period=period)
    unit = programme.wallets[rule.give.wallet].name.text(locale) if rule.give else ""
    most = i18n.number(limit["most"], locale)
    return i18n.text(
        locale, "its limit of %(most)s %(unit)s %(period)s is reached", most=most, unit=unit, period=period
    )
