"""The liability page's words and rows: sentences of assumption, tables, charts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from ganbo.doors.console import line_chart
from ganbo.doors.console.showing import Showing
from ganbo.foundation import i18n
from ganbo.insights.liability.statement import STAMPS
from ganbo.insights.liability.worth import PAY


@dataclass(frozen=True, slots=True)
class Telling:
    """A statement and how it is shown."""

    shown: Showing
    found: Mapping[str, Any]

    def period(self, day: date) -> str:
        """A month, or a day of the month that was asked for."""
        return i18n.day(day, self.shown.locale) if self.found["by"] == "day" else f"{day:%m/%Y}"


def page(telling: Telling) -> dict[str, Any]:
    """Everything the template shows."""
    found, shown = telling.found, telling.shown
    value = sum(one["outstanding"]["value"] for one in found["wallets"])
    return {
        "until": i18n.day(found["to"], shown.locale) if found["by"] == "day" else "",
        "as_of": shown.moment(found["as_of"]),
        "allocation": _allocation(telling),
        "owed": shown.money(value),
        "holdings": [_held(shown, one) for one in found["wallets"] if one["outstanding"]["units"]],
        "path": _path(telling),
        "wallets": [_wallet(telling, one) for one in found["wallets"]],
        "stress": _stress(telling),
    }


def unit(shown: Showing, wallet: Mapping[str, Any]) -> str:
    """What the merchant calls what is in a wallet or on a card."""
    names = wallet["name"]
    name = names.get(shown.locale) or names.get("vi") or next(iter(names.values()), "") or wallet["wallet"]
    return _("stamps of %(card)s") % {"card": name} if wallet["wallet"].startswith(STAMPS) else str(name)


def _allocation(telling: Telling) -> str:
    """How the period's sales are shared by IFRS 15; nothing without sales."""
    parts, money = telling.found["allocation"]["allocated"], telling.shown.money
    if not telling.found["allocation"]["sales"]:
        return ""
    return _("IFRS 15: of %(sales)s of sales to members, %(goods)s are goods sold and %(rest)s are deferred for what was given.") % {
        "sales": money(telling.found["allocation"]["sales"]),
        "goods": money(parts["goods"]),
        "rest": money(sum(parts.values()) - parts["goods"]),
    }  # fmt: skip


def _held(shown: Showing, one: Mapping[str, Any]) -> str:
    if one["money"]:
        return _("%(money)s on %(wallet)s") % {
            "money": shown.money(one["outstanding"]["units"]),
            "wallet": unit(shown, one),
        }
    return f"{shown.number(one['outstanding']['units'])} {unit(shown, one)}"


def _path(telling: Telling) -> dict[str, Any]:
    """The path of what is owed in money, as a chart with its ends in words."""
    rows = telling.found["totals"]
    values = [max(row["closing"], 0) for row in rows]
    if len(values) < 2:
        return {}
    label = _("What is owed, from %(first)s to %(last)s") % {
        "first": telling.period(rows[0]["period"]), "last": telling.period(rows[-1]["period"]),
    }  # fmt: skip
    return {
        "svg": line_chart.svg([values], label, most=max(values)),
        "most": telling.shown.money(max(values)),
        "half": telling.shown.money(max(values) // 2),
        "first": telling.period(rows[0]["period"]),
        "last": telling.period(rows[-1]["period"]),
    }


def _wallet(telling: Telling, one: Mapping[str, Any]) -> dict[str, Any]:
    shown, number = telling.shown, telling.shown.money if one["money"] else telling.shown.number
    return {
        "id": one["wallet"].replace(":", "-"),
        "name": unit(shown, one),
        "money": one["money"],
        "rows": [_row(telling, row, number) for row in reversed(one["rows"])],
        "notes": _notes(telling, one),
        "breakage": None if one["money"] else _breakage(telling, one),
    }


def _row(telling: Telling, row: Mapping[str, Any], number: Callable[[int], str]) -> dict[str, str]:
    def signed(n: int, sign: str) -> str:
        return f"{sign if n > 0 else '−' if n < 0 and sign == '+' else '+'}{number(abs(n))}" if n else ""

    return {
        "period": telling.period(row["period"]),
        "opening": number(row["opening"]),
        "earned": signed(row["earned"], "+"),
        "redeemed": signed(row["redeemed"], "−"),
        "expired": signed(row["expired"], "−"),
        "adjusted": signed(row["adjusted"], "+"),
        "closing": number(row["closing"]),
        "value": telling.shown.money(row["money"]["closing"]),
    }


def bases() -> dict[str, str]:
    """By basis, where a worth comes from."""
    return {
        "given": _("as you typed it"),
        "redeemed": _("the mean of what was redeemed in the last 365 days"),
        "pay": _("the rate at which it pays bills, for nothing was redeemed yet"),
        "face_value": _("its face value, for nothing was redeemed yet"),
        "catalogue": _("the mean of the programme's rewards, for nothing was redeemed yet"),
    }


def _notes(telling: Telling, one: Mapping[str, Any]) -> list[str]:
    """What was assumed and what to know, one sentence each."""
    worth, last, shown, found = one["worth"], one["rows"][-1], telling.shown, list[str]()
    if worth["basis"] == "none":
        found.append(_("Nobody knows what it is worth: write a value or a cost on its rewards, or type a value below."))
    elif worth["basis"] != "money":
        found.append(
            _("One is counted as %(value)s and costs you %(cost)s: %(basis)s.")
            % {
                "value": each(telling, worth["value"]),
                "cost": each(telling, worth["cost"]),
                "basis": bases()[worth["basis"]],
            }
        )
    known = [
        (_use(shown, use["name"]), use["value"] is None, use["by_cost"]) for use in worth["uses"] if use["units"] > 0
    ]
    if unknown := ", ".join(name for name, none, _cost in known if none):
        found.append(_("Without weight, for nobody knows their worth: %(names)s.") % {"names": unknown})
    if cost := ", ".join(name for name, _none, by_cost in known if by_cost):
        found.append(_("No value is written for %(names)s: their cost stands in.") % {"names": cost})
    parts = {"waiting": _("waiting: %(n)s"), "held": _("set aside: %(n)s"), "owed": _("besides, members owe: %(n)s")}
    if standing := "; ".join(words % {"n": shown.number(last[key])} for key, words in parts.items() if last[key]):
        found.append(_("At the end of the last period %(standing)s.") % {"standing": standing})
    if late := sum(row["late"] for row in one["rows"]):
        found.append(
            _("%(n)s were written down after their month had ended (imported or told late).")
            % {"n": shown.number(late)}
        )
    return found


def _use(shown: Showing, rule: str) -> str:
    """What people call a way of redeeming: a reward, a card, bills, a partner."""
    programme, key = shown.programme, rule.removeprefix("card:").removeprefix("partner:")
    if rule == PAY or programme is None:
        return _("points on bills")
    named = programme.rewards.get(rule) or programme.by_card.get(key) or programme.partners.get(key)
    return (named.name.text(shown.locale) if named else "") or key


def each(telling: Telling, value: float) -> str:
    """Minor units of one, with a decimal when there is one."""
    if telling.shown.currency == "VND":
        return format_decimal(round(value, 1), locale=telling.shown.locale) + " ₫"
    return telling.shown.money(round(value))


def lacking() -> dict[str, str]:
    """By code, why breakage is not known."""
    return {
        "nothing_given": _("Nothing was given yet."),
        "no_lots": _("Stamps do not end."),
        "few_members": _("Not enough data: points of fewer than 30 members were redeemed or ended."),
        "few_redeemers": _("Not enough data: fewer than 10 members redeemed."),
        "too_young": _("Not enough data: most lots are too young to tell."),
        "never_ends": _("Nothing has ended unused yet."),
    }


def _breakage(telling: Telling, one: Mapping[str, Any]) -> dict[str, Any]:
    said, expected = one["breakage"], one["outstanding"]["expected"]
    unused = said["unused"]
    found: dict[str, Any] = {
        "lacking": lacking().get(said["lacking"], ""),
        "told": said["lacking"] in ("", "too_young"),
        "share": percent(telling, unused["share"]),
        "low": percent(telling, unused["low"]),
        "high": percent(telling, unused["high"]),
        "expected": telling.shown.money(expected["share"]),
        "expected_low": telling.shown.money(expected["low"]),
        "expected_high": telling.shown.money(expected["high"]),
        "members": telling.shown.number(said["members"]),
        "days": telling.shown.number(said["days"]),
    }
    curve = said["curve"]
    if said["lacking"] in ("", "too_young", "never_ends") and len(curve) > 2:
        lines = [[at["redeemed"] for at in curve], [at["ended"] for at in curve]]
        band = ([at["low"] for at in curve], [at["high"] for at in curve])
        label = _("Share redeemed by age in days, with its interval, and share ended unused")
        found["svg"] = line_chart.svg(lines, label, most=1, band=band)
        found["curve"] = [
            {
                "age": telling.shown.number(at["age"]),
                "redeemed": percent(telling, at["redeemed"]),
                "interval": f"{percent(telling, at['low'])} – {percent(telling, at['high'])}",
                "ended": percent(telling, at["ended"]),
            }
            for at in curve
        ]
    return found


def percent(telling: Telling, share: float) -> str:
    """12,3 %."""
    return format_decimal(round(share * 100, 1), locale=telling.shown.locale) + " %"


def _stress(telling: Telling) -> dict[str, Any]:
    shown, found = telling.shown, telling.found["stress"]
    return {
        "by": found["by"].isoformat(),
        "day": i18n.day(found["by"], shown.locale),
        "cost": shown.money(found["cost"]),
        "value": shown.money(found["value"]),
        "path": [(i18n.day(at["day"], shown.locale), shown.money(at["cost"])) for at in found["path"]],
        "lines": [
            {
                "name": line["line"] or _("without a budget line"),
                "cost": shown.money(line["cost"]),
                "left": shown.money(line["left"]) if line["line"] else "",
                "short": shown.money(line["short"]) if line["short"] else "",
            }
            for line in found["lines"]
        ],
    }


def entry_texts() -> dict[str, str]:
    """By what moved, the text of its entry."""
    return {
        "earned": _("Deferred: {wallet} given, {month}"),
        "paid_in": _("Customers paid in: {wallet}, {month}"),
        "brought_over": _("Brought over from another system: {wallet}, {month}"),
        "redeemed": _("Revenue: {wallet} redeemed, {month}"),
        "expired": _("Revenue: {wallet} expired, {month}"),
        "adjusted": _("Adjustment: {wallet}, {month}"),
    }
