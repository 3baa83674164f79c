"""A trace as sentences a cashier can read aloud, in Vietnamese and English, including why a rule did *not* apply."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme, Rule
from ganbo.engine.trace import Trace
from ganbo.features.programmes import aim_sentences, offer_sentences, pot_sentences, reasons, stamp_sentences
from ganbo.features.programmes.sentences import frame as around
from ganbo.features.programmes.sentences import own_level
from ganbo.foundation import i18n


def because(trace: Trace | Mapping[str, Any], programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """What offers took off, then one sentence per wallet that was given something: the number first, then why."""
    trace, locale = _read(trace), i18n.known(locale)
    rules = programme.by_rule
    sentences = [offer_sentences.because(one["offer"], one["amount"], programme, locale=locale) for one in trace.offers]
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
    sentences += pot_sentences.because(trace, programme, locale=locale)
    sentences += stamp_sentences.because(trace, programme, locale=locale)
    sentences += aim_sentences.because(trace, programme, locale=locale)
    if trace.tier:
        sentences.append(own_level.moved(trace.tier, programme, locale=locale, address=address))
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
    if any(entry.get("reason") == "history" for entry in trace.rules):
        return [i18n.text(locale, "It was brought in as history: it counts towards levels, and gave nothing anew.")]
    stopped = next((row for row in (*trace.rules, *trace.stamps) if row.get("reason") in ("never", "runs")), None)
    if stopped is not None:
        reason = around.stopped(stopped, programme, locale)
        said = [i18n.text(locale, "Nothing was earned: %(reason)s.", reason=reason)]
        return said + around.never_here(trace.never, programme, locale)
    sentences = []
    for entry in trace.rules:
        rule = programme.by_rule.get(entry["rule"])
        if rule is None or (entry["passed"] and "limit" not in entry):
            continue
        template = N_("Rule %(rule)s did not apply: %(reason)s.")
        if entry["passed"]:
            template = N_("Rule %(rule)s gave less: %(reason)s.")
        reason = reasons.of_rule(entry, rule, programme, locale)
        sentences.append(i18n.text(locale, template, rule=reasons.name_of(rule, locale), reason=reason))
    sentences += stamp_sentences.because_not(trace, programme, locale=locale)
    sentences += aim_sentences.because_not(trace, programme, locale=locale)
    return sentences + around.never_here(trace.never, programme, locale)


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


def _unit(amount: int | str, name: str, locale: str) -> str:
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
    amount = entry["value"] if give.formula is not None else give.amount
    numbers = {
        "amount": i18n.number(amount, locale),
        "unit": _unit(amount, unit, locale),
        "rule": reasons.name_of(rule, locale),
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
            name = reasons.name_of(programme.by_rule[e["rule"]], locale)
            found.append(i18n.text(locale, "%(rule)s times %(by)s", rule=name, by=i18n.number(by, locale)))
    if row.get("tier"):
        level = programme.by_level.get(row["tier"])
        name = level.name.text(locale) if level else row["tier"]
        found.append(i18n.text(locale, "%(tier)s tier times %(by)s", tier=name, by=i18n.number(row["tier_by"], locale)))
    return found
