"""What a trace says of stamp cards and of vouchers given by rules, as sentences."""

from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme, StampCard
from ganbo.engine.trace import Trace
from ganbo.features.programmes import reasons
from ganbo.features.programmes.sentences import frame as around
from ganbo.foundation import i18n


def because(trace: Trace, programme: Programme, *, locale: str) -> list[str]:
    """One sentence per card that was stamped, and per voucher that a rule gave."""
    sentences = []
    for row in trace.stamps:
        card = programme.by_card.get(row["card"])
        if card is not None and row["added"]:
            sentences.append(_stamped(card, row, programme, locale))
    for entry in trace.rules:
        rule = programme.by_rule.get(entry["rule"])
        if rule is not None and entry["passed"] and entry.get("voucher"):
            name, gift = rule.name.text(locale) or rule.id, _reward(programme, entry["voucher"], locale)
            sentences.append(i18n.text(locale, "%(rule)s: a voucher for %(reward)s.", rule=name, reward=gift))
    return sentences


def because_not(trace: Trace, programme: Programme, *, locale: str) -> list[str]:
    """One sentence per card that could have been stamped, or stamped more, and was not."""
    sentences = []
    for row in trace.stamps:
        card = programme.by_card.get(row["card"])
        if card is not None and row.get("reason"):
            template = (
                N_("Fewer stamps on %(card)s: %(reason)s.") if row["added"] else N_("No stamp on %(card)s: %(reason)s.")
            )
            if row["reason"] == "budget":
                template = N_("No gift from %(card)s yet: %(reason)s.")
            reason = _reason(row, card, programme, locale)
            sentences.append(i18n.text(locale, template, card=_name(card, locale), reason=reason))
    return sentences


def _stamped(card: StampCard, row: dict[str, Any], programme: Programme, locale: str) -> str:
    numbers = {
        "card": _name(card, locale),
        "added": i18n.number(row["added"] + row.get("head_start", 0) * (not row["filled"]), locale),
        "count": i18n.number(row["count"], locale),
        "of": i18n.number(row["of"], locale),
    }
    if row["filled"]:
        gift = _reward(programme, card.reward, locale)
        if row["filled"] > 1:
            gift = f"{i18n.number(row['filled'], locale)} × {gift}"
        if row["count"]:
            return i18n.text(
                locale,
                "%(card)s: %(added)s more, a full card brings %(reward)s; the next has %(count)s of %(of)s.",
                reward=gift,
                **numbers,
            )
        return i18n.text(locale, "%(card)s: %(added)s more, a full card brings %(reward)s.", reward=gift, **numbers)
    if row["added"] == 1 and not row.get("head_start"):
        return i18n.text(locale, "%(card)s: one more stamp, now %(count)s of %(of)s.", **numbers)
    if row.get("head_start"):
        numbers["head"] = i18n.number(row["head_start"], locale)
        return i18n.text(
            locale,
            "%(card)s: %(added)s more stamps, %(head)s of them as a head start, now %(count)s of %(of)s.",
            **numbers,
        )
    return i18n.text(locale, "%(card)s: %(added)s more stamps, now %(count)s of %(of)s.", **numbers)


def _reason(row: dict[str, Any], card: StampCard, programme: Programme, locale: str) -> str:
    reason = row["reason"]
    if reason == "min_order":
        least = i18n.money(row["min_order"], programme.currency, locale)
        missing = i18n.money(row["min_order"] - row["net"], programme.currency, locale)
        return i18n.text(locale, "bills from %(least)s count, %(missing)s missing", least=least, missing=missing)
    if reason == "per_day":
        return i18n.text(locale, "the most for one day is %(most)s", most=i18n.number(row["most"], locale))
    if reason in ("never", "runs"):
        return around.stopped(row, programme, locale)
    if reason == "budget":
        return i18n.text(locale, "it is full; its gift comes with a later stamp, once the budget for it allows")
    if reason == "card_done":
        return i18n.text(locale, "the card is full already")
    if reason == "no_lines":
        return i18n.text(locale, "nothing on the bill counts for it")
    return reasons.condition(row.get("missing", ()), card, programme, locale)


def _name(card: StampCard, locale: str) -> str:
    return card.name.text(locale) or card.id


def _reward(programme: Programme, reward_id: str, locale: str) -> str:
    reward = programme.rewards.get(reward_id)
    return (reward.name.text(locale) if reward else "") or reward_id
