"""A proposal in words: what the member gets, what it would have cost, and what was supposed to find that out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ganbo.doors.console.showing import Showing
from ganbo.doors.console.starting import customers
from ganbo.features.programmes import fitted
from ganbo.features.programmes.fitted import Dials, Shop
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import i18n


def name(kind: str, locale: str) -> str:
    """What the proposal is called."""
    return fitted.NAMES[kind][locale != "vi"]


def gets(kind: str, dials: Dials, shop: Shop, locale: str) -> str:
    """What a member gets, in one sentence."""
    told = {
        "visits": dials.visits,
        "gift": i18n.money(dials.gift, shop.currency, locale),
        "larger": i18n.money(fitted.larger(shop), shop.currency, locale),
        "two": i18n.money(fitted.for_two(shop), shop.currency, locale),
        "share": i18n.percent(dials.gift / (dials.visits * shop.bill), locale, places=1),
    }
    found = {
        "stamps": _("Every bill is a stamp; after %(visits)s visits %(gift)s off the next bill."),
        "points": _("Every bill earns points; about %(visits)s visits bring a voucher of %(gift)s."),
        "cashback": _("%(share)s of every bill comes back to the card, taken out as vouchers of %(gift)s."),
        "big_stamps": _("A stamp for every bill from %(larger)s on; after %(visits)s of them %(gift)s off."),
        "big_points": _("Points on every bill, twice as many from %(larger)s on; they buy a voucher of %(gift)s."),
        "big_voucher": _("About %(visits)s visits bring %(gift)s off a bill of at least %(larger)s."),
        "pair_stamps": _("Every bill is a stamp; after %(visits)s visits %(gift)s off a bill for two, from %(two)s on."),
        "family_points": _("A family collects points together; about %(visits)s visits bring a voucher of %(gift)s."),
        "pair_cashback": _("%(share)s of every bill comes back, taken out as %(gift)s off a bill for two, from %(two)s on."),
    }  # fmt: skip
    return found[kind] % told


def card(one: ProposalRow, sales: SalesRow, shop: Shop, shown: Showing) -> dict[str, Any]:
    """Everything the page shows of a proposal; without figures while the first estimate is made."""
    dials = Dials(one.gift, one.visits, one.months)
    return {
        "id": one.id,
        "place": one.place + 1,
        "name": name(one.kind, shown.locale),
        "gets": gets(one.kind, dials, shop, shown.locale) if one.gift else "",
        "lasts": _lasts(one) if one.gift else "",
        "figures": figures(one.exact or one.estimate, sales, shown),
        "estimate": one.exact is None and one.estimate is not None,
        "working": one.working,
        "problem": problem(one.problem) if one.problem else "",
        "over": _over(one, sales),
    }


def _lasts(one: ProposalRow) -> str:
    if "stamps" in one.kind:
        return ngettext("The gift lasts %(n)s month.", "The gift lasts %(n)s months.", one.months) % {"n": one.months}
    if "cashback" in one.kind:
        text = ngettext(
            "The money ends after %(n)s month without a visit.", "The money ends after %(n)s months without a visit.", one.months
        )  # fmt: skip
        return text % {"n": one.months}
    return ngettext("Points last %(n)s month.", "Points last %(n)s months.", one.months) % {"n": one.months}


def problem(code: str) -> str:
    """Why it could not be tried."""
    told = {
        "ended": _("Trying it needs more memory than this machine has. Start from a smaller file."),
        "refused": _("These dials make no programme that can be published. Turn them a little."),
    }
    return told.get(code, _("Our mistake: it could not be tried. Turn a dial to try again."))


def _over(one: ProposalRow, sales: SalesRow) -> bool:
    found = one.exact or one.estimate
    return bool(found and found["share"] and found["share"] > sales.cap / 10_000)


def figures(found: Mapping[str, Any] | None, sales: SalesRow, shown: Showing) -> dict[str, str] | None:
    """The five figures as people read them."""
    if found is None:
        return None

    def money(amount: int) -> str:
        return i18n.money(amount, sales.currency, shown.locale)

    days = found["days"]
    return {
        "cost": money(found["cost"]),
        "share": "–" if found["share"] is None else i18n.percent(found["share"], shown.locale),
        "reached": shown.number(found["reached"]),
        "of": shown.number(found["members"]),
        "days": "–" if days is None else ngettext("%(n)s day", "%(n)s days", days) % {"n": shown.number(days)},
        "worst": money(found["worst"]["cost"]),
        "worst_month": customers.month(found["worst"]["month"]),
        "liability": money(found["liability"]),
    }


def assumptions(sales: SalesRow, shown: Showing, *, kinds: Sequence[str]) -> list[str]:
    """What was supposed; it stands beside the figures, always open."""
    months = len(sales.found["months"][-12:])
    lines = [
        ngettext(
            "Past sales of the last %(n)s month are lived through again, bill by bill, under each programme.",
            "Past sales of the last %(n)s months are lived through again, bill by bill, under each programme.",
            months,
        )
        % {"n": months},
        _("Every customer with a name joins with the first bill, takes each gift as soon as it can be had, and uses it: the dearest case."),
        _("Nobody buys more because of it. What it brings on top is not counted."),
        _("A gift costs its full amount. Given as goods, it costs you only what you pay for them."),
        *customers.supposed(sales, shown),
    ]  # fmt: skip
    if any(kind in fitted.AIMS[fitted.FRIENDS] for kind in kinds):
        lines.append(_("Past sales do not tell who brought whom: what a new friend buys is not counted."))
    sample = sales.found["past"]["sample"]["members"]
    if sample < sales.found["past"]["members"]:
        text = _("An estimate is of %(n)s members, spread over all; the figures of everybody follow by themselves.")
        lines.append(text % {"n": shown.number(sample)})
    return lines
