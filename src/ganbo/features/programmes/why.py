"""A trace as sentences a cashier can read aloud, in Vietnamese and English, including why a rule did *not* apply."""

from collections.abc import Mapping
from typing import Any

from ganbo.engine.programme import Programme, Rule
from ganbo.engine.trace import Trace
from ganbo.foundation import i18n

_WEEKDAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip


def because(trace: Trace, programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """One sentence per wallet that was given something: the number first, then why."""
    locale = i18n.known(locale)
    sentences = []
    for row in trace.wallets:
        given = [e for e in trace.rules if e.get("given") and _wallet_of(programme, e["rule"]) == row["wallet"]]
        total = sum(e["given"] for e in given)
        if total:
            sentences.append(_earned(row, given, trace, programme, total, locale=locale, address=address))
    return sentences


def because_not(trace: Trace, programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """One sentence per rule that gave nothing, or less than it would have."""
    locale = i18n.known(locale)
    rules = {rule.id: rule for rule in programme.rules}
    sentences = []
    for entry in trace.rules:
        rule = rules.get(entry["rule"])
        if rule is not None and (not entry["passed"] or "limit" in entry):
            reason = _reason(entry, rule, programme, locale)
            sentences.append(i18n.text(locale, "%(rule)s: %(reason)s.", rule=name_of(rule, locale), reason=reason))
    return sentences


def name_of(rule: Rule, locale: str) -> str:
    """What the merchant calls the rule, else its id."""
    return rule.name.text(locale) or rule.id


def you(locale: str, address: str | None) -> str:
    """How a sentence begins that speaks to the member: Chị, Anh, Bạn, …; You."""
    if locale != "vi":
        return "You"
    form = address or "bạn"
    return form[0].upper() + form[1:]


def _wallet_of(programme: Programme, rule_id: str) -> str | None:
    for rule in programme.rules:
        if rule.id == rule_id and rule.give:
            return rule.give.wallet
    return None


def _earned(
    row: Mapping[str, Any],
    given: list[dict[str, Any]],
    trace: Trace,
    programme: Programme,
    total: int,
    *,
    locale: str,
    address: str | None,
) -> str:
    unit = programme.wallets[row["wallet"]].name.text(locale)
    parts = [_part(entry, programme, locale) for entry in given]
    parts += _times(row, given, trace, programme, locale)
    if isinstance(row["exact"], str):
        parts.append(i18n.text(locale, "rounded down"))
    if any("limit" in entry for entry in given):
        parts.append(i18n.text(locale, "up to the limit"))
    return i18n.text(
        locale,
        "%(you)s get %(amount)s %(unit)s: %(why)s.",
        you=you(locale, address),
        amount=i18n.number(total, locale),
        unit=unit,
        why=", ".join(parts),
    )


def _part(entry: Mapping[str, Any], programme: Programme, locale: str) -> str:
    rule = next(r for r in programme.rules if r.id == entry["rule"])
    give = rule.give
    assert give is not None
    unit = programme.wallets[give.wallet].name.text(locale)
    amount = i18n.number(give.amount, locale)
    if "per" not in entry:
        return i18n.text(locale, "%(amount)s %(unit)s for %(rule)s", amount=amount, unit=unit, rule=name_of(rule, locale))
    if entry["of"] == "quantity":
        return i18n.text(
            locale,
            "%(base)s items, %(amount)s %(unit)s for every %(per)s (%(rule)s)",
            base=i18n.number(entry["base"], locale),
            per=i18n.number(entry["per"], locale),
            amount=amount,
            unit=unit,
            rule=name_of(rule, locale),
        )
    return i18n.text(
        locale,
        "%(base)s, every %(per)s earns %(amount)s %(unit)s",
        base=i18n.money(entry["base"], programme.currency, locale),
        per=i18n.money(entry["per"], programme.currency, locale),
        amount=amount,
        unit=unit,
    )


def _times(
    row: Mapping[str, Any], given: list[dict[str, Any]], trace: Trace, programme: Programme, locale: str
) -> list[str]:
    """The multipliers that helped, the tier's last."""
    ids = {entry["rule"] for entry in given}
    rules = {rule.id: rule for rule in programme.rules}
    found = [
        i18n.text(
            locale,
            "%(rule)s times %(by)s",
            rule=name_of(rules[e["rule"]], locale),
            by=i18n.number(e["by"], locale),
        )
        for e in trace.rules
        if "by" in e and e["passed"] and (e.get("target") in ids or e.get("wallet") == row["wallet"])
    ]
    if row.get("tier"):
        level = programme.by_level.get(row["tier"])
        name = level.name.text(locale) if level else row["tier"]
        found.append(i18n.text(locale, "%(tier)s tier times %(by)s", tier=name, by=i18n.number(row["tier_by"], locale)))
    return found


def _reason(entry: Mapping[str, Any], rule: Rule, programme: Programme, locale: str) -> str:
    reason = entry.get("reason")
    if "limit" in entry:
        return _limit(entry["limit"], programme, rule, locale)
    if reason == "no_member":
        return i18n.text(locale, "the sale was recorded without a member; it can still be claimed")
    if reason == "no_lines":
        return i18n.text(locale, "no item on the bill counts for it")
    if reason == "below_step":
        missing = entry.get("per", 0) - (entry["base"] if isinstance(entry.get("base"), int) else 0)
        if entry.get("of") in ("net", "gross"):
            missing -= entry.get("carried", 0)
            return i18n.text(
                locale, "%(missing)s more was needed", missing=i18n.money(max(missing, 0), programme.currency, locale)
            )
        return i18n.text(locale, "the amount was below one step")
    parts = [_missing(part, programme, locale) for part in entry.get("missing", ())]
    return i18n.text(locale, "; ").join(parts) or i18n.text(locale, "its condition did not hold")


_MONEY = {"order.net", "order.gross", "order.shipping", "order.discount", "order.paid_with_points", "member.spend"}
_NAMES = {
    "order.net": "the bill",
    "order.gross": "the bill before discounts",
    "order.quantity": "the number of items",
    "order.shipping": "shipping",
    "order.discount": "the discount",
    "order.paid_with_points": "the part paid with points",
    "member.tier": "the tier",
    "member.purchases": "purchases so far",
    "member.spend": "spending so far",
    "member.visits": "visits so far",
    "member.age_days": "days as a member",
    "member.days_since_purchase": "days since the last purchase",
    "local.weekday": "the day",
    "local.hour": "the hour",
    "local.date": "the date",
    "store": "the store",
    "channel": "the channel",
}


def _missing(part: Mapping[str, Any], programme: Programme, locale: str) -> str:
    if "key" in part:
        return i18n.text(locale, "the event does not say “%(key)s”", key=part["key"].removeprefix("event."))
    if "text" in part:
        return i18n.text(locale, "the condition %(text)s did not hold", text=part["text"])
    name, op, want, have = part["name"], part["op"], part["want"], part["have"]
    label = i18n.text(locale, _NAMES[name]) if name in _NAMES else name
    if isinstance(want, int) and isinstance(have, int) and not isinstance(have, bool) and op in (">=", ">"):
        missing = want - have + (1 if op == ">" else 0)
        return i18n.text(
            locale,
            "%(what)s was %(have)s, %(want)s is needed, %(missing)s missing",
            what=label,
            have=_shown(name, have, programme, locale),
            want=_shown(name, want + (1 if op == ">" else 0), programme, locale),
            missing=_shown(name, missing, programme, locale),
        )
    template = {
        "==": "%(what)s was %(have)s, it must be %(want)s",
        "!=": "%(what)s was %(have)s, it must be another one",
        "<": "%(what)s was %(have)s, it must be less than %(want)s",
        "<=": "%(what)s was %(have)s, at most %(want)s counts",
    }.get(op, "%(what)s was %(have)s, it must be later than %(want)s")
    return i18n.text(
        locale,
        template,
        what=label,
        have=_shown(name, have, programme, locale),
        want=_shown(name, want, programme, locale),
    )


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
    "day": "today", "week": "this week", "month": "this month", "quarter": "this quarter", "year": "this year",
    "ever": "in all",
}  # fmt: skip


def _limit(limit: Mapping[str, Any], programme: Programme, rule: Rule, locale: str) -> str:
    if limit["period"] == "rolling":
        period = i18n.text(locale, "in %(days)s days", days=limit["days"])
    else:
        period = i18n.text(locale, _PERIODS[limit["period"]])
    if limit["kind"] == "count":
        return i18n.text(
            locale, "it counts at most %(most)s times %(period)s", most=i18n.number(limit["most"], locale), period=period
        )
    if limit["kind"] == "money":
        most = i18n.money(limit["most"], programme.currency, locale)
        return i18n.text(locale, "it counts at most %(most)s of spending %(period)s", most=most, period=period)
    unit = programme.wallets[rule.give.wallet].name.text(locale) if rule.give else ""
    return i18n.text(
        locale,
        "it gives at most %(most)s %(unit)s %(period)s",
        most=i18n.number(limit["most"], locale),
        unit=unit,
        period=period,
    )
