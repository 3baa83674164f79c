"""Wallets as sentences: what a unit is worth, when it may be used, when it ends, and what a return takes back."""

from django.utils.translation import gettext_noop as N_

from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.paying import Pay
from ganbo.engine.programme import Wallet
from ganbo.features.programmes.sentences import earning
from ganbo.features.programmes.sentences.said import Sentence, Speaker


def wallet(of: Wallet, speaker: Speaker) -> Sentence:
    """When its units end, then the rest."""
    notes = []
    if of.face_value and not of.money:
        notes.append(speaker.say(N_("One is worth %(money)s."), money=speaker.money(of.face_value)))
    if of.pay is not None:
        notes += paying(of.pay, speaker)
    if not of.spendable:
        notes.append(speaker.say(N_("They only count towards tiers; nothing can be bought with them.")))
    if not of.refundable:
        notes.append(speaker.say(N_("It was added by the shop and is never paid out.")))
    return Sentence(expiry(of.expires, speaker), (*notes, *pending(of.pending, speaker), refund(of, speaker)))


def paying(by: Pay, speaker: Speaker) -> list[str]:
    """What a unit pays, and how much of a bill."""
    if by.discount:
        said = [
            speaker.say(
                N_("Each takes %(money)s off a bill, before anything else pays it."), money=speaker.money(by.rate)
            )
        ]
    else:
        said = [speaker.say(N_("Each pays %(money)s of a bill."), money=speaker.money(by.rate))]
    if by.least > 1 or by.step > 1:
        told = {"least": speaker.number(max(by.least, by.step)), "step": speaker.number(by.step)}
        text = (
            N_("At least %(least)s at a time.")
            if by.step == 1
            else N_("At least %(least)s at a time, in steps of %(step)s.")
        )
        said.append(speaker.say(text, **told))
    if by.share < 1:
        said.append(
            speaker.say(N_("They may be at most %(share)s of a bill."), share=f"{speaker.factor(by.share * 100)} %")
        )
    if by.rest:
        said.append(speaker.say(N_("The part paid with them earns nothing; the rest does.")))
    return said


def expiry(of: Expiry, speaker: Speaker) -> str:
    """When what was earned ends, grace included."""
    text = speaker.say(_ENDS[of.kind if of.kind != "rolling" or of.months else "rolling_days"], **_numbers(of, speaker))
    if of.grace_days:
        return f"{text} " + speaker.say(N_("They may be used %(days)s days longer."), days=of.grace_days)
    if of.grace_until:
        return f"{text} " + speaker.say(
            N_("They may still be used until the next %(day)s."), day=speaker.mark(of.grace_until)
        )
    return text


_ENDS = {
    "never": N_("They do not expire."),
    "end_of_month": N_("They end with the month, %(months)s months after they were earned."),
    "end_of_quarter": N_("They end with the quarter, %(periods)s quarters after the one they were earned in."),
    "end_of_year": N_("They end with the year, %(periods)s years after the one they were earned in."),
    "rolling": N_("They end %(months)s months after they were earned."),
    "rolling_days": N_("They end %(days)s days after they were earned."),
    "fixed_dates": N_("They end on the next of these days: %(dates)s."),
    "inactivity": N_("They end when %(time)s go by without %(events)s."),
}


def _numbers(of: Expiry, speaker: Speaker) -> dict[str, object]:
    time = speaker.say(N_("%(months)s months"), months=of.months)
    if not of.months:
        time = speaker.say(N_("%(days)s days"), days=of.days)
    return {
        "months": of.months,
        "days": of.days,
        "periods": of.periods,
        "dates": speaker.both([speaker.mark(mark) for mark in of.dates]),
        "time": time,
        "events": speaker.either([earning.event(kind, speaker) for kind in sorted(of.reset_by)]),
    }


def pending(of: Pending, speaker: Speaker) -> list[str]:
    """From when they may be used; nothing when at once."""
    if of.kind == "after":
        return [speaker.say(N_("They may be used %(days)s days after they were earned."), days=of.days)]
    if of.kind == "on_date":
        assert of.date is not None
        return [speaker.say(N_("They may be used from %(day)s on."), day=speaker.day(of.date.isoformat()))]
    if of.kind == "until_event":
        return [
            speaker.say(
                N_("They may be used after %(event)s; if it does not come within %(days)s days, they are cancelled."),
                event=earning.event(of.event, speaker),
                days=of.days,
            )
        ]
    return []


_REFUNDS = {
    "keep": N_("When you return something, you keep what it earned."),
    "only_pending": N_("When you return something, only what may not be used yet is taken back."),
    "within_balance": N_(
        "When you return something, what it earned is taken back; if too little is left, the rest comes off what you earn later."
    ),
    "unlimited": N_("When you return something, what it earned is taken back, even if the balance falls below zero."),
}


def refund(of: Wallet, speaker: Speaker) -> str:
    """What a return does to what the purchase earned."""
    text = speaker.say(_REFUNDS[of.on_refund])
    if of.returned_days:
        text += " " + speaker.say(
            N_("What you paid with comes back and may be used for at least %(days)s days."), days=of.returned_days
        )
    return text
