"""Goals in words: what each figure is called, and how its numbers are written."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme
from ganbo.engine.purposes import Goal
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n

SHARES = frozenset(
    {"repeat_purchase_rate", "crr", "churn", "receipts_with_member", "engagement_share", "csat"}
)  # fractions of one
MONEY = frozenset({"aov", "revenue"})  # minor units
NAMES = {
    "repeat_purchase_rate": N_("Repeat purchase rate"),
    "crr": N_("Retention rate"),
    "churn": N_("Churn"),
    "aov": N_("Average bill"),
    "purchase_frequency": N_("Purchases per member and month"),
    "active_members": N_("Active members"),
    "new_members": N_("New members"),
    "revenue": N_("Revenue from members"),
    "receipts_with_member": N_("Receipts with a member"),
    "engagement_share": N_("Share of sales by members"),
    "nps": N_("Net promoter score"),
    "csat": N_("Satisfied members"),
    "ces": N_("Ease for members"),
}


def name(kpi: str, locale: str) -> str:
    """What people call the figure; its id when it has no words."""
    return i18n.text(locale, NAMES[kpi]) if kpi in NAMES else kpi


def value(kpi: str, figure: Decimal | float, programme: Programme, locale: str) -> str:
    """The figure as people write it: 38 %, 65.000 ₫, 3,2."""
    exact = Decimal(str(figure))
    if kpi in SHARES:
        return i18n.percent(Fraction(exact), locale, places=1)
    if kpi in MONEY:
        return i18n.money(int(exact.to_integral_value(ROUND_HALF_UP)), programme.currency, locale)
    written = f"{exact.quantize(Decimal('0.1'), ROUND_HALF_UP):f}"
    return i18n.number(int(written[:-2]) if written.endswith(".0") else written, locale)


def goal(of: Goal, speaker: Speaker) -> str:
    """Repeat purchase rate: from 38 % to 45 % by 30/6/2027."""
    told, locale = speaker.programme, speaker.locale
    params = {
        "kpi": name(of.kpi, locale),
        "to": value(of.kpi, of.target, told, locale),
        "day": i18n.day(of.by, locale),
    }
    if of.start is None:
        return speaker.say(N_("%(kpi)s: to %(to)s by %(day)s."), **params)
    return speaker.say(
        N_("%(kpi)s: from %(start)s to %(to)s by %(day)s."), start=value(of.kpi, of.start, told, locale), **params
    )
