"""Rewards as sentences: what one gets, for what, and how its voucher may be used."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Reward
from ganbo.features.programmes.sentences import conditions, earning
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence

_KINDS = {
    "free_item": N_("One for free"),
    "free_delivery": N_("Free delivery"),
    "gift": N_("A gift"),
    "upgrade": N_("An upgrade"),
    "experience": N_("An experience"),
    "partner_card": N_("A partner's card"),
}


def reward(of: Reward, speaker: Speaker, *, costs: bool = False) -> Sentence:
    """What it is and its price; with `costs` also what only the shop may know."""
    text = what(of, speaker)
    if of.price:
        price = speaker.points(of.price[1], of.price[0])
        if of.plus:
            price = speaker.both([price, speaker.money(of.plus)])
        text = speaker.say(N_("%(what)s for %(price)s"), what=text, price=price)
    said, unsaid = conditions.both([of.when], speaker)
    if of.say is not None:
        said, unsaid = [of.say.text(speaker.locale)], ""
    if said:
        text = speaker.say(N_("%(what)s, when %(conditions)s"), what=text, conditions=speaker.both(said))
    notes = [*_prices(of, speaker), *_use(of, speaker), *_amounts(of, speaker)]
    if costs and of.cost is not None:
        notes.append(speaker.say(N_("Costs the shop %(money)s."), money=speaker.money(of.cost)))
    return Sentence(sentence(text), tuple(notes), unsaid)


def what(of: Reward, speaker: Speaker) -> str:
    """The thing itself."""
    if of.choose:
        names = [_name(one, speaker) for one in of.choose]
        return speaker.say(N_("One of your choice: %(gifts)s"), gifts=speaker.either(names))
    if of.kind == "discount":
        off = f"{of.percent} %" if of.percent else speaker.money(of.amount or 0)
        off = speaker.say(N_("%(percent)s off the bill"), percent=off)
        return speaker.say(N_("%(off)s, at most %(money)s"), off=off, money=speaker.money(of.max)) if of.max else off
    if of.kind == "card_money":
        return speaker.points(of.amount or 0, of.wallet)
    if of.kind == "gift_card":
        return speaker.say(N_("A gift card of %(money)s"), money=speaker.money(of.amount or 0))
    if of.kind == "partner_card" and of.issuer:
        return speaker.say(N_("A card of %(issuer)s"), issuer=of.issuer)
    return speaker.say(_KINDS[of.kind])


def _name(reward: str, speaker: Speaker) -> str:
    found = speaker.programme.rewards.get(reward)
    return (found.name.text(speaker.locale) if found else "") or reward


def _prices(of: Reward, speaker: Speaker) -> list[str]:
    if of.price is None:
        return []
    return [
        speaker.say(N_("For %(tier)s: %(price)s."), tier=speaker.level(tier), price=speaker.points(amount, of.price[0]))
        for tier, amount in of.price_by_tier.items()
    ]


def _use(of: Reward, speaker: Speaker) -> list[str]:
    """Where, when and beside what the voucher may be used."""
    notes = []
    if of.choose and of.valid_days:
        notes.append(speaker.say(N_("To be chosen within %(days)s days."), days=of.valid_days))
    elif of.valid_days:
        notes.append(speaker.say(N_("The voucher can be used for %(days)s days."), days=of.valid_days))
    if of.from_next_order:
        notes.append(speaker.say(N_("From the next bill on.")))
    if of.uses > 1:
        notes.append(speaker.say(N_("The voucher can be used %(n)s times."), n=speaker.number(of.uses)))
    if of.min_order:
        notes.append(speaker.say(N_("The bill must be at least %(money)s."), money=speaker.money(of.min_order)))
    if of.lines is not None and of.say is None:
        said, _unsaid = conditions.both([of.lines], speaker)
        if said:
            notes.append(speaker.say(N_("For items where %(conditions)s."), conditions=speaker.both(said)))
    if of.exclusive:
        notes.append(speaker.say(N_("Not together with other offers.")))
    elif of.kind in ("discount", "free_item", "free_delivery"):
        notes.append(speaker.say(N_("May be used together with other offers.")))
    if of.fulfil == "later":
        notes.append(speaker.say(N_("Handed over later; the shop tells you when.")))
    return notes


def _amounts(of: Reward, speaker: Speaker) -> list[str]:
    notes = []
    if of.stock is not None:
        notes.append(speaker.say(N_("%(n)s pieces in all."), n=speaker.number(of.stock)))
    budget = speaker.programme.budget
    if budget is not None and of.cost and of.budget in budget.hard:
        notes.append(speaker.say(N_("Given as long as the budget set aside for it lasts.")))
    return notes + [earning.limit(one, speaker) for one in of.limits]
