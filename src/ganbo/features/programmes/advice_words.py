"""Advice in words: where, why, what to do; and what was supposed of a typical member."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine import advice
from ganbo.engine.advice import Assumptions, Finding, assuming
from ganbo.engine.advice.finding import LOW
from ganbo.engine.programme import Programme
from ganbo.engine.text import Placed
from ganbo.features.programmes import terms
from ganbo.features.programmes.sentences import levels
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import i18n

_SENTENCES: dict[str, tuple[str, str]] = {
    "cash_out_loop": (
        N_("Who spends 100 gets back up to %(back)s as money here, multipliers and the best tier included."),
        N_("Raise the price, lower the amount, or limit how often it may be taken."),
    ),
    "free_cash": (
        N_("It gives without a purchase and without a limit what “%(reward)s” turns into money."),
        N_("Add a limit, such as once a day per member."),
    ),
    "gift_cards_earn": (
        N_("A gift card bought with a gift card earns again and again."),
        N_("Set “gift_cards: out”; what a gift card pays for earns anyway."),
    ),
    "reward_dear": (
        N_("It costs you %(cost)s for %(spend)s of spending: %(share)s given back, more than %(margin)s."),
        N_("Raise its price, or choose something that costs you less."),
    ),
    "card_dear": (
        N_("A full card costs you %(cost)s for %(spend)s of spending: %(share)s given back, more than %(margin)s."),
        N_("Ask for more stamps, or choose a reward that costs you less."),
    ),
    "voucher_dear": (
        N_("Its vouchers cost you about %(cost)s for every bill of %(bill)s: %(share)s given back, more than %(margin)s."),
        N_("Limit how often it gives one, ask for a larger bill, or give less."),
    ),
    "stacking_over_all": (
        N_("Used together, these discounts and the points back make %(share)s of a bill of %(bill)s: %(rewards)s."),
        N_("Mark one as “stacking: exclusive”, or give it a “max” or a “min_order”."),
    ),
    "budget_short": (
        N_("%(members)s typical members take about %(expected)s in a year; %(planned)s is planned."),
        N_("Plan more, raise prices, or limit the stock."),
    ),
    "proof_no_way_out": (
        N_("Somebody whose phone is not at hand cannot spend above the limit."),
        N_("Add “manager” to the last level: a manager approves on her own device."),
    ),
    "proof_pin_unbounded": (
        N_("A PIN that was watched once opens everything a member has saved."),
        N_("Give the level with “card_pin” an “up_to”, and add a level above it."),
    ),
    "claims_long": (
        N_("Slips can be claimed for %(days)s days; those left lying are found by others."),
        N_("Allow at most %(most)s days."),
    ),
    "no_end_point": (
        N_("It is earned, but nothing can be had for it."),
        N_("Add a reward with a price in it, or mark it “spendable: false” if it only counts towards tiers."),
    ),
    "nothing_earns": (N_("Nothing a member does earns anything."), N_("Add a rule or a stamp card.")),
    "too_many": (
        N_("There are %(n)s of them; few members follow more than %(most)s."),
        N_("Keep those that matter most, or show some of them to a tier only."),
    ),
    "many_goals": (
        N_("A member collects for %(n)s things at once (%(cards)s stamp cards and %(wallets)s kinds of points)."),
        N_("Make one of them the main thing and drop or merge the others."),
    ),
    "reward_far": (
        N_("It takes a typical member about %(months)s months; in %(within)s months they can use %(reachable)s of %(price)s."),
        N_("Lower its price, add a smaller reward before it, or let points live longer."),
    ),
    "card_far": (
        N_("A typical member gets %(stamps)s stamps a year; the card takes %(size)s."),
        N_("Make the card shorter or give a head start."),
    ),
    "reward_unused": (
        N_("It has no price, and no rule, card or tier gives it."),
        N_("Give it a price, name it in a rule, or remove it."),
    ),
    "head_start_half": (
        N_("%(head_start)s of %(size)s stamps are given: the card is half full before the first purchase."),
        N_("Give fewer stamps at the start; two in ten already help."),
    ),
    "tier_no_way_in": (
        N_("It has no threshold and is not by invitation, so nobody reaches it by themselves."),
        N_("Add “enter: {spend: …}”, or “invitation_only: true”."),
    ),
    "tier_invitation_middle": (
        N_("It is by invitation only, but lies between tiers that are reached."),
        N_("Move it to the top, or give it a threshold."),
    ),
    "tier_unreachable": (
        N_("Even a member who buys %(keen)s times as much as a typical one does not reach it in %(months)s months."),
        N_("Lower the threshold, or let another metric count, too."),
    ),
    "tier_order": (
        N_("It asks for %(own)s, less than the lower tier “%(below)s” (%(other)s)."),
        N_("Raise this threshold or lower the other."),
    ),
    "tier_keep_above_enter": (
        N_("Keeping it takes %(keep)s, more than reaching it (%(enter)s): it is lost as soon as it is reached."),
        N_("Ask for less to keep it than to reach it."),
    ),
    "ends_before_usable": (
        N_("What is earned on some days can be used for %(days)s days only, less than %(least)s."),
        N_("Let it live longer, or become usable sooner."),
    ),
    "offline_gives_nothing": (
        N_("A till without a network gives gifts up to this worth, and no reward is one it can give."),
        N_("Give a reward of points a value or cost below it, without stock, limits or conditions; or leave it out."),
    ),
    "never_holds": (
        N_("Its conditions contradict each other, so it never holds."),
        N_("Correct the value, or join alternatives with ||."),
    ),
    "multiplies_nothing": (
        N_("It multiplies “%(target)s”, which gives nothing on the same kind of event."),
        N_("Put it on the event of the rule it multiplies."),
    ),
    "limit_idle": (
        N_("Another limit, or the kind of event, is always reached first."),
        N_("Remove this limit or lower it."),
    ),
    "sentence_long": (
        N_("A sentence of the terms has %(words)s words: “%(sentence)s”"),
        N_("Simplify the condition, or make two rules of it; at most %(most)s words read well."),
    ),
}  # fmt: skip
_WHERE = {
    "earn": N_("Rule “%(name)s”"),
    "stamp_cards": N_("Stamp card “%(name)s”"),
    "rewards": N_("Reward “%(name)s”"),
    "levels": N_("Tier “%(name)s”"),
    "wallets": N_("“%(name)s”"),
    "budget": N_("Budget “%(name)s”"),
}
_WHOLE = {
    "spend_proof": N_("Proof for spending"),
    "claims": N_("Claims of forgotten sales"),
    "offline": N_("Offline sales"),
    "earn": N_("Earn rules"),
    "stamp_cards": N_("Stamp cards"),
    "rewards": N_("Rewards"),
    "budget": N_("Budget"),
    "terms": N_("Terms"),
    "wallets": N_("Kinds of points"),
}
_MONEY = {"cost", "spend", "expected", "planned", "bill"}
_SHARES = {"share", "margin"}


@dataclass(frozen=True, slots=True)
class Advised:
    """One finding in words."""

    code: str
    path: str
    line: int
    severity: str
    where: str
    why: str
    todo: str

    @property
    def text(self) -> str:
        return f"{self.where}: {self.why} {self.todo}"


def told(programme: Programme, *, locale: str, assumed: Assumptions | None = None) -> list[Advised]:
    """All advice about a programme, the gravest first, sentences that are hard to read last."""
    locale = i18n.known(locale)
    speaker = Speaker(programme, locale)
    found = [*advice.look(programme, assumed), *_long_sentences(programme, locale)]
    return [_told(finding, speaker) for finding in found]


def assumptions(programme: Programme, *, locale: str, assumed: Assumptions | None = None) -> str:
    """What was supposed, in one sentence."""
    speaker = Speaker(programme, i18n.known(locale))
    assumed = assumed or Assumptions()
    member = assuming.typical(programme, assumed)
    template = N_(
        "Supposed: %(visits)s visits a month, a bill of %(bill)s, %(members)s members, at most %(margin)s given back."
    )
    if member.from_examples and assumed.bill is None:
        template = N_(
            "Supposed: %(visits)s visits a month, a bill of %(bill)s as in your examples, %(members)s members, at most %(margin)s given back."  # noqa: E501
        )
    return speaker.say(
        template,
        visits=speaker.number(assumed.visits_a_month),
        bill=speaker.money(member.bill),
        members=speaker.number(assumed.members),
        margin=_share(assumed.margin, speaker),
    )


def _long_sentences(programme: Programme, locale: str) -> list[Finding]:
    found = terms.long_sentences(terms.of(programme, lang=locale))
    line = Placed(programme.source).place(("earn",))[0]
    return [
        Finding("sentence_long", "terms", line, LOW, {"words": one.words, "sentence": one.sentence, "most": terms.LONGEST_SENTENCE})
        for one in found
    ]  # fmt: skip


def _told(finding: Finding, speaker: Speaker) -> Advised:
    why, todo = _SENTENCES[finding.code]
    params = _params(finding, speaker)
    return Advised(
        code=finding.code,
        path=finding.path,
        line=finding.line,
        severity=finding.severity,
        where=_where(finding.path, speaker),
        why=speaker.say(why, **params),
        todo=speaker.say(todo, **params),
    )


def _where(path: str, speaker: Speaker) -> str:
    """The part by its name."""
    room, _, rest = path.partition(".")
    programme = speaker.programme
    if room == "tiers":
        level = programme.levels[int(rest.split(".")[1])]
        return speaker.say(_WHERE["levels"], name=speaker.level(level.id))
    first = rest.split(".")[0]
    named: Mapping[str, Any] = {
        "earn": programme.rules,
        "stamp_cards": programme.cards,
        "rewards": tuple(programme.rewards.values()),
    }
    if room in named and first.isdigit():
        one = named[room][int(first)]
        return speaker.say(_WHERE[room], name=one.name.text(speaker.locale) or one.id)
    if room == "wallets" and first:
        return speaker.say(_WHERE[room], name=speaker.unit(first))
    if room == "budget" and "." in rest:
        return speaker.say(_WHERE[room], name=rest.split(".")[1])
    return speaker.say(_WHOLE[room])


def _share(value: Fraction, speaker: Speaker) -> str:
    """30 %, with one decimal where needed."""
    tenths = round(value * 1000)
    whole, part = divmod(tenths, 10)
    return speaker.number(f"{whole}.{part}" if part else whole) + " %"


def _params(finding: Finding, speaker: Speaker) -> dict[str, object]:
    """The numbers of a finding as people write them."""
    shown: dict[str, object] = {}
    metric = finding.params.get("metric")
    for key, value in finding.params.items():
        if metric and key in ("own", "other", "keep", "enter"):
            shown[key] = levels.metric(metric, value, speaker)
        elif key in _SHARES:
            shown[key] = _share(value, speaker)
        elif key == "back":
            shown[key] = speaker.number(int(value * 100))
        elif key in _MONEY:
            shown[key] = speaker.money(value)
        elif key == "rewards":
            shown[key] = speaker.both([f"“{speaker.reward(id)}”" for id in value])
        elif key == "reward":
            shown[key] = speaker.reward(value)
        elif key == "below":
            shown[key] = speaker.level(value)
        elif key == "target":
            shown[key] = speaker.rule(value) if value in speaker.programme.by_rule else speaker.unit(value)
        else:
            shown[key] = speaker.number(value) if isinstance(value, int) else value
    return shown
