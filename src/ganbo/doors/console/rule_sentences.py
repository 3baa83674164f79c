"""A programme as sentences, in the order a member meets its parts; what cannot be said stays visible as written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from ganbo.engine.limits import Limit
from ganbo.engine.programme import Expiry, Programme, Reward, Rule
from ganbo.foundation import i18n


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the programme: its name, its sentence, further lines, and a condition only YAML can show."""

    id: str
    name: str
    sentence: str
    notes: tuple[str, ...] = ()
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    icon: str
    cards: tuple[Card, ...]
    empty: str


def sections(programme: Programme, locale: str) -> list[Section]:
    """Join, earn, tiers, rewards, how long points last."""
    joining = [rule for rule in programme.rules if rule.on == "signup"]
    earning = [rule for rule in programme.rules if rule.on != "signup"]
    return [
        Section(_("Join"), "heart-handshake", tuple(_rule(r, programme, locale) for r in joining), _("Nothing is given for joining.")),
        Section(_("Earn"), "coins", tuple(_rule(r, programme, locale) for r in earning), _("Nothing earns points yet.")),
        Section(_("Tiers"), "crown", tuple(_levels(programme, locale)), _("There are no tiers.")),
        Section(_("Rewards"), "gift", tuple(_reward(r, programme, locale) for r in programme.rewards.values()), _("There are no rewards yet.")),  # noqa: E501
        Section(_("How long points last"), "hourglass", tuple(_wallets(programme, locale)), ""),
    ]  # fmt: skip


def _rule(rule: Rule, programme: Programme, locale: str) -> Card:
    said, unsaid = _conditions(rule, programme, locale)
    sentence = _gives(rule, programme, locale)
    if said:
        sentence = _("%(what)s, when %(conditions)s") % {"what": sentence, "conditions": _(" and ").join(said)}
    return Card(
        id=rule.id,
        name=rule.name.text(locale) or rule.id,
        sentence=sentence + ".",
        notes=tuple(_limit(limit, rule, programme, locale) for limit in rule.limits),
        condition=unsaid,
    )


_EVENTS = {
    "purchase": N_("a purchase"),
    "signup": N_("joining"),
    "review": N_("a review"),
    "visit": N_("a visit"),
    "share": N_("sharing"),
    "survey": N_("answering a survey"),
    "subscribe": N_("subscribing"),
    "checkin": N_("checking in"),
}


def _gives(rule: Rule, programme: Programme, locale: str) -> str:
    if rule.multiply is not None:
        return _multiplies(rule, programme, locale)
    give = rule.give
    assert give is not None
    numbers = {
        "points": _points(give.amount, give.wallet, programme, locale),
        "event": _(_EVENTS[rule.on]) if rule.on in _EVENTS else rule.on.removeprefix("custom."),
    }
    if give.per is None:
        return _("%(points)s for %(event)s") % numbers
    if give.of == "quantity":
        if give.per == 1:
            return _("%(points)s for every piece bought") % numbers
        return _("%(points)s for every %(count)s pieces bought") % {**numbers, "count": i18n.number(give.per, locale)}
    money = i18n.money(give.per, programme.currency, locale)
    if give.of == "gross":
        return _("%(points)s for every %(money)s of the bill before discounts") % {**numbers, "money": money}
    return _("%(points)s for every %(money)s of the bill") % {**numbers, "money": money}


def _multiplies(rule: Rule, programme: Programme, locale: str) -> str:
    assert rule.multiply is not None
    by = i18n.number(_decimal(rule.multiply.by), locale)
    if rule.multiply.rule:
        other = programme.by_rule.get(rule.multiply.rule)
        name = (other.name.text(locale) if other else "") or rule.multiply.rule
        return _("“%(rule)s” counts × %(by)s") % {"rule": name, "by": by}
    unit = _unit(rule.multiply.wallet or "", programme, locale)
    return _("All %(unit)s count × %(by)s") % {"unit": unit, "by": by}


def _decimal(value: Fraction) -> str:
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def _unit(wallet: str, programme: Programme, locale: str) -> str:
    found = programme.wallets.get(wallet)
    return (found.name.text(locale) if found else "") or wallet


def _points(amount: int, wallet: str, programme: Programme, locale: str) -> str:
    unit = _unit(wallet, programme, locale)
    if amount == 1 and locale == "en":
        unit = unit.removesuffix("s")
    return f"{i18n.number(amount, locale)} {unit}"


_PART = re.compile(r"^\(?\s*([a-z_.]+)\s*(==|!=|>=|<=|>|<)\s*(\"[^\"]*\"|'[^']*'|-?\d+)\s*\)?$")
_NAMES = {
    "order.net": N_("the bill is"),
    "order.gross": N_("the bill before discounts is"),
    "order.quantity": N_("the number of pieces is"),
    "local.weekday": N_("the day is"),
    "local.hour": N_("the hour is"),
    "local.date": N_("the date is"),
    "member.tier": N_("the tier is"),
    "member.purchases": N_("purchases so far are"),
    "member.visits": N_("visits so far are"),
    "member.spend": N_("spending so far is"),
    "member.age_days": N_("days as a member are"),
    "member.days_since_purchase": N_("days since the last purchase are"),
    "store": N_("the store is"),
    "channel": N_("the channel is"),
    "line.category": N_("the category is"),
    "line.sku": N_("the item is"),
    "line.unit_price": N_("the unit price is"),
    "line.net": N_("the line's price is"),
}
_OPERATORS = {
    "==": N_("%(value)s"),
    "!=": N_("anything but %(value)s"),
    ">=": N_("from %(value)s"),
    ">": N_("more than %(value)s"),
    "<=": N_("up to %(value)s"),
    "<": N_("less than %(value)s"),
}
_MONEY = {"order.net", "order.gross", "member.spend", "line.unit_price", "line.net"}
_WEEKDAYS = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"),
    "fri": N_("Friday"), "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip


def _conditions(rule: Rule, programme: Programme, locale: str) -> tuple[list[str], str]:
    """The conditions as words; all of them as written when one has no words."""
    written = _written(rule.id, programme)
    said: list[str] = []
    for source in (written.get("when"), written.get("lines")):
        for part in (source or "").split("&&") if source else ():
            words = _condition(part.strip(), programme, locale)
            if words is None:
                return [], " && ".join(s for s in (written.get("when"), written.get("lines")) if s)
            said.append(words)
    return said, ""


def _condition(part: str, programme: Programme, locale: str) -> str | None:
    if part in ("event.verified", "event.verified == true"):
        return _("it is verified")
    found = _PART.match(part)
    if not found or found[1] not in _NAMES:
        return None
    name, op, literal = found.groups()
    value = literal.strip("\"'")
    if literal.lstrip("-").isdigit():
        plain = i18n.number(int(value), locale)
        value = i18n.money(int(value), programme.currency, locale) if name in _MONEY else plain
    elif name == "local.weekday" and value in _WEEKDAYS:
        value = _(_WEEKDAYS[value])
    elif name == "member.tier" and value in programme.by_level:
        value = programme.by_level[value].name.text(locale) or value
    return f"{_(_NAMES[name])} {_(_OPERATORS[op]) % {'value': value}}"


def _written(rule_id: str, programme: Programme) -> Mapping[str, Any]:
    return next((r for r in programme.document.get("earn", ()) if r.get("id") == rule_id), {})


_PERIODS = {
    "day": N_("a day"),
    "week": N_("a week"),
    "month": N_("a month"),
    "quarter": N_("a quarter"),
    "year": N_("a year"),
    "ever": N_("in all"),
}
_SCOPES = {
    "member": N_("per member"),
    "rule": N_("for everybody together"),
    "programme": N_("for everybody together"),
    "business": N_("for everybody together"),
    "store": N_("per store"),
}


def _limit(limit: Limit, rule: Rule | None, programme: Programme, locale: str) -> str:
    period = (
        _("in %(days)s days") % {"days": limit.rolling_days} if limit.period == "rolling" else _(_PERIODS[limit.period])
    )
    most = _("%(n)s times") % {"n": i18n.number(limit.most, locale)}
    if limit.kind == "money":
        most = i18n.money(limit.most, programme.currency, locale)
    elif limit.kind == "points" and rule is not None and rule.give is not None:
        most = _points(limit.most, rule.give.wallet, programme, locale)
    elif limit.kind == "points":
        most = i18n.number(limit.most, locale)
    return _("At most %(most)s %(period)s %(scope)s.") % {
        "most": most,
        "period": period,
        "scope": _(_SCOPES[limit.scope]),
    }


def _levels(programme: Programme, locale: str) -> list[Card]:
    cards = []
    for level in programme.levels:
        by = i18n.number(_decimal(level.multiply), locale)
        sentence = _("Points from purchases count as they are.")
        if level.multiply != 1:
            sentence = _("Points from purchases count × %(by)s.") % {"by": by}
        cards.append(Card(id=level.id, name=level.name.text(locale) or level.id, sentence=sentence))
    return cards


def _reward(reward: Reward, programme: Programme, locale: str) -> Card:
    what = _what(reward, programme, locale)
    sentence = what
    if reward.price:
        price = _points(reward.price[1], reward.price[0], programme, locale)
        sentence = _("%(what)s for %(price)s") % {"what": what, "price": price}
    notes = []
    if reward.stock is not None:
        notes.append(_("%(n)s pieces in all.") % {"n": i18n.number(reward.stock, locale)})
    if reward.valid_days:
        notes.append(_("The voucher can be used for %(days)s days.") % {"days": reward.valid_days})
    if reward.cost is not None:
        notes.append(_("Costs the shop %(money)s.") % {"money": i18n.money(reward.cost, programme.currency, locale)})
    notes += [_limit(limit, None, programme, locale) for limit in reward.limits]
    return Card(reward.id, reward.name.text(locale) or reward.id, sentence + ".", tuple(notes))


def _what(reward: Reward, programme: Programme, locale: str) -> str:
    if reward.kind == "discount" and reward.percent:
        off = _("%(percent)s off the bill") % {"percent": f"{reward.percent} %"}
        if reward.max:
            most = i18n.money(reward.max, programme.currency, locale)
            off = _("%(off)s, at most %(money)s") % {"off": off, "money": most}
        return off
    if reward.kind == "discount" and reward.amount:
        return _("%(percent)s off the bill") % {"percent": i18n.money(reward.amount, programme.currency, locale)}
    if reward.kind == "free_item":
        return _("One for free")
    return _("An experience") if reward.kind == "experience" else _("A gift")


def _wallets(programme: Programme, locale: str) -> list[Card]:
    cards = []
    for wallet in programme.wallets.values():
        notes = []
        if wallet.face_value:
            worth = i18n.money(wallet.face_value, programme.currency, locale)
            notes.append(_("One is worth %(money)s.") % {"money": worth})
        cards.append(Card(wallet.id, wallet.name.text(locale) or wallet.id, _expiry(wallet.expires), tuple(notes)))
    return cards


def _expiry(expiry: Expiry) -> str:
    if expiry.kind == "never":
        return _("They do not expire.")
    if expiry.kind == "end_of_month":
        return _("They end with the month, %(months)s months after they were earned.") % {"months": expiry.months}
    if expiry.months:
        return _("They end %(months)s months after they were earned.") % {"months": expiry.months}
    return _("They end %(days)s days after they were earned.") % {"days": expiry.days}
