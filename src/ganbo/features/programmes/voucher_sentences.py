"""What a quote says of each voucher: what it takes off and why, or why it is not used."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme, Reward
from ganbo.foundation import i18n

REASONS = {
    "codes.not_valid": N_("This code cannot be used; check how it is written."),
    "codes.unknown": N_("This code is not of this shop; check how it is written."),
    "codes.used": N_("%(name)s was already used."),
    "codes.expired": N_("%(name)s has expired."),
    "codes.void": N_("%(name)s is no longer valid."),
    "codes.other_holder": N_("%(name)s belongs to another member."),
    "codes.not_here": N_("%(name)s is used at the partner's shop, not here."),
    "codes.choose_first": N_("%(name)s: one of its gifts is to be chosen first."),
    "codes.not_yet": N_("%(name)s can be used from the next order on."),
    "codes.min_order": N_("%(name)s needs a bill from %(least)s: %(missing)s are missing."),
    "codes.no_line": N_("%(name)s is for goods that are not on this bill."),
    "not_on_bill": N_("%(name)s is for something that is not on this bill."),
    "no_price": N_("%(name)s lowers no price; give its code to have it handed over."),
    "nothing_left": N_("%(name)s is not needed: nothing is left to pay."),
    "outdone": N_("%(name)s cannot be used with other vouchers, which together take off no less."),
    "beside": N_("%(name)s cannot be used beside the voucher that takes off more."),
    "adds_nothing": N_("%(name)s would take nothing more off."),
    "too_many": N_("%(name)s waits for the next bill: this one has as many codes as a bill may have."),
    "not_asked": N_("%(name)s was not chosen."),
}


def because(reward: Reward, taken: int, times: int, programme: Programme, *, locale: str) -> str:
    """What a used voucher does; `taken` in minor units."""
    name, money = name_of(reward, locale), i18n.money(taken, programme.currency, locale)
    if reward.kind == "gift_card":
        return i18n.text(locale, "%(name)s pays %(money)s.", name=name, money=money)
    if not taken:
        return i18n.text(locale, "%(name)s is handed over.", name=name)
    if times > 1:
        name = f"{i18n.number(times, locale)} × {name}"
    return i18n.text(locale, "%(name)s: %(money)s off.", name=name, money=money)


def because_not(
    reason: str, params: Mapping[str, Any], reward: Reward | None, programme: Programme, *, locale: str
) -> str:
    """Why a voucher is not used."""
    shown = {key: i18n.money(value, programme.currency, locale) for key, value in params.items()}
    name = name_of(reward, locale) if reward else ""
    return i18n.text(locale, REASONS[reason], name=name, **shown)


def name_of(reward: Reward, locale: str) -> str:
    return reward.name.text(locale) or reward.id
