"""Earn rules and stamp cards as sentences."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine import stamps, wording
from ganbo.engine.limits import Limit
from ganbo.engine.programme import Base, Give, Rule, StampCard
from ganbo.features.programmes.sentences import conditions, holding
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence

EVENTS = {
    "purchase": N_("a purchase"),
    "signup": N_("joining"),
    "review": N_("a review"),
    "visit": N_("a visit"),
    "share": N_("sharing"),
    "survey": N_("answering a survey"),
    "subscribe": N_("subscribing"),
    "checkin": N_("checking in"),
}


def event(kind: str, speaker: Speaker) -> str:
    """What happened, in words: a purchase, joining; the own name of a custom event."""
    return speaker.say(EVENTS[kind]) if kind in EVENTS else f"“{kind.removeprefix('custom.')}”"


def rule(of: Rule, speaker: Speaker) -> Sentence:
    """What a rule gives and when, then what bounds it."""
    said, unsaid = conditions.both([of.when, of.lines], speaker)
    if of.say is not None:
        said, unsaid = [of.say.text(speaker.locale)], ""
    what = _multiplies(of, speaker) if of.multiply else _gives(of, speaker)
    text = _when(what, [*conditions.during(of.during, speaker), *said], speaker)
    return Sentence(sentence(text), tuple(_notes(of, speaker)), unsaid)


def _when(what: str, said: list[str], speaker: Speaker) -> str:
    if not said:
        return what
    return speaker.say(N_("%(what)s, when %(conditions)s"), what=what, conditions=speaker.both(said))


def _gives(of: Rule, speaker: Speaker) -> str:
    give = of.give
    assert give is not None
    if give.voucher:
        return speaker.say(
            N_("A voucher “%(reward)s” for %(event)s"),
            reward=speaker.reward(give.voucher),
            event=event(of.on, speaker),
        )
    if give.by_tier:
        vouchers = [
            speaker.say(N_("“%(reward)s” for %(tier)s"), reward=speaker.reward(reward), tier=speaker.level(tier))
            for tier, reward in give.by_tier.items()
        ]
        return speaker.say(
            N_("A voucher for %(event)s: %(vouchers)s"), event=event(of.on, speaker), vouchers=speaker.both(vouchers)
        )
    if give.formula is not None:
        return _calculated(give, of, speaker)
    points = speaker.points(give.amount, give.wallet)
    if give.per is None:
        return speaker.say(N_("%(points)s for %(event)s"), points=points, event=event(of.on, speaker))
    if give.of == "quantity":
        return _by_piece(points, give.per, speaker)
    template = N_("%(points)s for every %(money)s of the bill")
    if of.lines is not None:
        template = N_("%(points)s for every %(money)s of these items")
    elif give.of == "gross":
        template = N_("%(points)s for every %(money)s of the bill before discounts")
    return speaker.say(template, points=points, money=speaker.money(give.per))


def _by_piece(points: str, per: int, speaker: Speaker) -> str:
    """`per` counts whole pieces."""
    if per == 1:
        return speaker.say(N_("%(points)s for every piece bought"), points=points)
    return speaker.say(N_("%(points)s for every %(count)s pieces bought"), points=points, count=speaker.number(per))


def _calculated(give: Give, of: Rule, speaker: Speaker) -> str:
    assert give.formula is not None
    words = wording.formula_words(give.formula.source)
    unit, happened = speaker.unit(give.wallet or ""), event(of.on, speaker)
    if words is None:
        return speaker.say(N_("%(unit)s for %(event)s"), unit=unit, event=happened)
    told = speaker.both([f"“{key}”" for key in words[0]])
    if words[1]:
        tables = speaker.both([f"“{name}”" for name in words[1]])
        return speaker.say(
            N_("%(unit)s for %(event)s, counted from %(told)s by the table %(tables)s"),
            unit=unit, event=happened, told=told, tables=tables,
        )  # fmt: skip
    return speaker.say(N_("%(unit)s for %(event)s, counted from %(told)s"), unit=unit, event=happened, told=told)


def _multiplies(of: Rule, speaker: Speaker) -> str:
    assert of.multiply is not None
    by = speaker.factor(of.multiply.by)
    if of.multiply.rule:
        return speaker.say(N_("“%(rule)s” counts × %(by)s"), rule=speaker.rule(of.multiply.rule), by=by)
    return speaker.say(N_("All %(unit)s count × %(by)s"), unit=speaker.unit(of.multiply.wallet or ""), by=by)


_COMBINE = {
    "best": N_("Of several such multipliers the best one counts."),
    "add": N_("Several such multipliers are added up."),
}


def _notes(of: Rule, speaker: Speaker) -> list[str]:
    """Rounding, least amounts, what earns, when it may be used, and limits."""
    notes = []
    give = of.give
    if give is not None and give.wallet is not None:
        notes += _amounts(give, speaker)
        notes += holding.pending(of.pending, speaker) if of.pending else []
        notes += [holding.expiry(of.expires, speaker)] if of.expires else []
        if of.on != "purchase" and of.tier_multiplier:
            notes.append(speaker.say(N_("The tier's multiplier counts here, too.")))
        if of.on == "purchase" and not of.tier_multiplier and speaker.programme.levels:
            notes.append(speaker.say(N_("The tier's multiplier does not count here.")))
    if of.multiply is not None and of.multiply.combine in _COMBINE:
        notes.append(speaker.say(_COMBINE[of.multiply.combine]))
    return notes + [limit(one, speaker, wallet=give.wallet if give else None) for one in of.limits]


def _amounts(give: Give, speaker: Speaker) -> list[str]:
    notes = []
    if give.carry:
        notes.append(speaker.say(N_("What is left below a full step counts next time.")))
    if give.least:
        notes.append(
            speaker.say(
                N_(
                    "At least %(points)s.",
                ),
                points=speaker.points(give.least, give.wallet),
            )
        )
    return notes + (base(give.base, speaker) if give.of in ("net", "gross") else [])


def base(switches: Base, speaker: Speaker) -> list[str]:
    """What earns beside the ordinary: one sentence for each switch that is not as usual."""
    said = []
    if switches.tax is True:
        said.append(speaker.say(N_("Tax on top of the prices earns, too.")))
    if switches.tax is False:
        said.append(speaker.say(N_("Tax does not earn.")))
    if switches.shipping:
        said.append(speaker.say(N_("The delivery fee earns, too.")))
    if switches.discounts:
        said.append(speaker.say(N_("Prices count before discounts.")))
    if switches.gift_cards:
        said.append(speaker.say(N_("Buying a gift card earns, too.")))
    if not switches.paid_with_points:
        said.append(speaker.say(N_("What was paid with points does not earn.")))
    return said


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
    "code": N_("per voucher code"),
}


def limit(of: Limit, speaker: Speaker, *, wallet: str | None = None) -> str:
    """At most 3 times a day per member."""
    period = speaker.say(N_("in %(days)s days"), days=of.rolling_days)
    if of.period != "rolling":
        period = speaker.say(_PERIODS[of.period])
    most = speaker.say(N_("%(n)s times"), n=speaker.number(of.most))
    if of.kind == "money":
        most = speaker.money(of.most)
    elif of.kind == "points":
        most = speaker.points(of.most, wallet) if wallet else speaker.number(of.most)
    return speaker.say(
        N_("At most %(most)s %(period)s %(scope)s."), most=most, period=period, scope=speaker.say(_SCOPES[of.scope])
    )


_STAMPS = {
    "unit": N_("One stamp for every piece bought; %(size)s stamps bring “%(reward)s”"),
    "order": N_("One stamp for every bill; %(size)s stamps bring “%(reward)s”"),
    "visit": N_("One stamp for every day you come; %(size)s stamps bring “%(reward)s”"),
}
_FOR_EVENT = N_("One stamp for %(event)s; %(size)s stamps bring “%(reward)s”")


def card(of: StampCard, speaker: Speaker) -> Sentence:
    """How a stamp card fills and what it brings."""
    said, unsaid = conditions.both([of.when, of.lines], speaker)
    if of.say is not None:
        said, unsaid = [of.say.text(speaker.locale)], ""
    numbers = {"size": of.size, "reward": speaker.reward(of.reward)}
    what = speaker.say(_STAMPS[of.count], **numbers)
    if of.on != "purchase":
        what = speaker.say(_FOR_EVENT, event=event(of.on, speaker), **numbers)
    return Sentence(sentence(_when_stamped(what, said, speaker)), tuple(_card_notes(of, speaker)), unsaid)


def _when_stamped(what: str, said: list[str], speaker: Speaker) -> str:
    """The conditions belong to the stamps, so they come first."""
    if not said:
        return what
    return speaker.say(
        N_("When %(conditions)s: %(what)s"), conditions=speaker.both(said), what=what[0].lower() + what[1:]
    )


def _card_notes(of: StampCard, speaker: Speaker) -> list[str]:
    notes = []
    if of.head_start:
        template = N_("The first card begins with %(n)s stamps.")
        if of.head_start_on == "every":
            template = N_("Every card begins with %(n)s stamps.")
        notes.append(speaker.say(template, n=of.head_start))
    if of.experiment:
        others = [
            c.name.text(speaker.locale) or c.id
            for c in stamps.rivals(speaker.programme, of.experiment)
            if c.id != of.id
        ]
        told = N_("By lot each member has this card or another (%(others)s); each takes equally many stamps.")
        notes.append(speaker.say(told, others=speaker.both(others)))
    if of.paid_only and of.count == "unit":
        notes.append(speaker.say(N_("Free items bring no stamp.")))
    if of.min_order:
        notes.append(speaker.say(N_("The bill must be at least %(money)s."), money=speaker.money(of.min_order)))
    if of.max_per_day:
        notes.append(speaker.say(N_("At most %(n)s stamps a day."), n=of.max_per_day))
    notes.append(
        speaker.say(N_("A full card is followed by a new one, and stamps left over go there."))
        if of.repeat
        else speaker.say(N_("Each member fills this card once."))
    )
    return notes
