"""What a reward is and when it can be used, in at most four plain lines, the most important first."""

from datetime import date

from ganbo.engine.programme import Programme, Reward
from ganbo.foundation import i18n

MOST_LINES = 4


def lines(
    reward: Reward, programme: Programme, *, locale: str, last_on: date | None = None, uses: int | None = None
) -> list[str]:
    """For a voucher with its last day and how often it still works; for a reward of the catalogue without both."""
    found = [worth(reward, programme, locale=locale), _when(reward, programme, locale, last_on)]
    found += [_with_others(reward, locale), _how_often(uses, locale)]
    return [line for line in found if line][:MOST_LINES]


def worth(reward: Reward, programme: Programme, *, locale: str) -> str:
    """What it takes off or brings; empty when its name says it all."""
    if reward.choose:
        found = (programme.rewards.get(id) for id in reward.choose)
        names = ", ".join(one.name.text(locale) or one.id for one in found if one is not None)
        return i18n.text(locale, "One of: %(gifts)s.", gifts=names)
    if reward.kind == "discount" and reward.percent is not None:
        if reward.max:
            most = i18n.money(reward.max, programme.currency, locale)
            return i18n.text(locale, "%(percent)s%% off, at most %(most)s.", percent=reward.percent, most=most)
        return i18n.text(locale, "%(percent)s%% off.", percent=reward.percent)
    if reward.amount is not None and reward.kind in ("discount", "gift_card"):
        amount = i18n.money(reward.amount, programme.currency, locale)
        return i18n.text(locale, "%(amount)s off the bill.", amount=amount)
    if reward.plus:
        plus = i18n.money(reward.plus, programme.currency, locale)
        return i18n.text(locale, "You pay %(plus)s besides.", plus=plus)
    if reward.kind == "free_delivery":
        return i18n.text(locale, "Free delivery of one order.")
    if reward.value:
        return i18n.text(locale, "Worth %(amount)s.", amount=i18n.money(reward.value, programme.currency, locale))
    return ""


def _when(reward: Reward, programme: Programme, locale: str, last_on: date | None) -> str:
    until = i18n.day(last_on, locale) if last_on else ""
    if reward.min_order:
        least = i18n.money(reward.min_order, programme.currency, locale)
        if until:
            return i18n.text(locale, "On bills from %(least)s, until %(day)s.", least=least, day=until)
        return i18n.text(locale, "On bills from %(least)s.", least=least)
    if reward.choose and reward.valid_days:
        return i18n.text(locale, "To be chosen within %(days)s days.", days=i18n.number(reward.valid_days, locale))
    if until:
        return i18n.text(locale, "Use it until %(day)s.", day=until)
    if reward.valid_days:
        days = i18n.number(reward.valid_days, locale)
        return i18n.text(locale, "To be used within %(days)s days.", days=days)
    return ""


def _with_others(reward: Reward, locale: str) -> str:
    if reward.exclusive:
        return i18n.text(locale, "Not together with other offers.")
    return i18n.text(locale, "Only for some items; the till knows which.") if reward.lines is not None else ""


def _how_often(uses: int | None, locale: str) -> str:
    if uses is None:
        return ""
    if uses == 1:
        return i18n.text(locale, "It works once.")
    return i18n.text(locale, "It still works %(n)s times.", n=i18n.number(uses, locale))
