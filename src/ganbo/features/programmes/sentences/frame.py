"""What stands around a programme, as sentences: its budget, what it leaves out, how long it runs, who answers for it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Budget, Programme
from ganbo.features.programmes.sentences.said import Sentence, Speaker, sentence
from ganbo.foundation import i18n


def budget(of: Budget, speaker: Speaker) -> Sentence:
    """What is planned in all and by purpose, and where it stops."""
    first = speaker.say(N_("By purpose."))
    if of.total:
        first = speaker.say(N_("%(money)s in all."), money=speaker.money(of.total))
    if of.monthly:
        first += " " + speaker.say(N_("Each month starts anew."))
    return Sentence(first, tuple(_line(of, plan, speaker) for plan in of.plans()))


def _line(of: Budget, plan: tuple[str, str, int], speaker: Speaker) -> str:
    name, store, planned = plan
    money, hard = speaker.money(planned), name in of.hard
    if store:
        name = speaker.say(N_("%(line)s at %(store)s"), line=name, store=store)
    if hard:
        return speaker.say(N_("%(line)s: %(money)s, then no reward of it is given."), line=name, money=money)
    return f"{name}: {money}"


_NEVER = {
    "earn": N_("These never earn points or stamps and do not count towards tiers: %(kinds)s."),
    "pay": N_("These are never paid for with points: %(kinds)s."),
    "reward": N_("These are never lowered by vouchers: %(kinds)s."),
}
_HERE = {
    "earn": N_("On this bill this earned nothing: %(kinds)s."),
    "pay": N_("On this bill this cannot be paid for with points: %(kinds)s."),
    "reward": N_("On this bill this cannot be lowered by vouchers: %(kinds)s."),
}
_TYPES = {"frequent_customer": N_("programme for frequent customers")}


def never(speaker: Speaker) -> list[str]:
    """What the whole programme leaves out, and why."""
    of = speaker.programme.never
    kinds = {"earn": of.earn, "pay": of.pay, "reward": of.reward}
    said = [speaker.say(_NEVER[key], kinds=", ".join(sorted(found))) for key, found in kinds.items() if found]
    return [*said, sentence(of.why.text(speaker.locale))] if said and of.why else said


def runs(speaker: Speaker) -> list[str]:
    """From when to when."""
    of, said = speaker.programme.runs, []
    if of.since:
        said.append(speaker.say(N_("The programme begins on %(day)s."), day=i18n.day(of.since, speaker.locale)))
    if of.earn_until:
        said.append(speaker.say(N_("The last day to earn is %(day)s."), day=i18n.day(of.earn_until, speaker.locale)))
    if of.spend_until:
        day = i18n.day(of.spend_until, speaker.locale)
        said.append(speaker.say(N_("The last day to redeem and to use vouchers is %(day)s."), day=day))
    return said


def offline(speaker: Speaker) -> list[str]:
    """What a till does without a network, when it gives gifts, too."""
    most = speaker.programme.offline_up_to
    if not most:
        return []
    told = N_("Without a network the till still records sales, and hands over gifts worth %(money)s a day at most.")
    said = [speaker.say(told, money=speaker.money(most))]
    if any(wallet.remembers for wallet in speaker.programme.wallets.values()):
        said.append(speaker.say(N_("Points that were spent elsewhere meanwhile are made good by those earned later.")))
    return said


def holdout(speaker: Speaker) -> list[str]:
    """Who is left out of what nobody was promised, and that nothing of the terms is."""
    share = speaker.programme.holdout
    if not share:
        return []
    told = N_(
        "By lot, %(share)s of the members get no advertising, surprises or unpublished offers, so that we see what these do."
    )
    return [
        speaker.say(told, share=i18n.percent(share, speaker.locale)),
        speaker.say(N_("Everything that stands in these terms is for everybody.")),
    ]


def legal(speaker: Speaker) -> list[str]:
    """Who answers for the programme, and where it holds."""
    of, said = speaker.programme.legal, []
    if of.organiser:
        said.append(speaker.say(N_("Organiser: %(name)s."), name=of.organiser))
    if of.tax_code:
        said.append(speaker.say(N_("Tax code: %(code)s."), code=of.tax_code))
    if of.type:
        kind = speaker.say(_TYPES[of.type]) if of.type in _TYPES else of.type
        said.append(speaker.say(N_("Kind of promotion: %(kind)s."), kind=kind))
    if of.notice_no:
        said.append(speaker.say(N_("Notice number: %(number)s."), number=of.notice_no))
    if of.areas:
        said.append(speaker.say(N_("It holds in %(areas)s."), areas=speaker.both(of.areas)))
    return said


def stopped(entry: Mapping[str, Any], programme: Programme, locale: str) -> str:
    """Why an event earned nothing whatever the rules say, as half a sentence with its date."""
    if entry["reason"] == "never":
        return i18n.text(locale, "everything on this bill is left out of the programme")
    if entry.get("from"):
        day = i18n.day(date.fromisoformat(entry["from"]), locale)
        return i18n.text(locale, "the programme begins on %(day)s", day=day)
    day = i18n.day(date.fromisoformat(entry["until"]), locale)
    return i18n.text(locale, "the last day to earn was %(day)s", day=day)


def never_here(found: Mapping[str, Sequence[str]], programme: Programme, locale: str) -> list[str]:
    """What of a bill is left out, and why."""
    speaker = Speaker(programme, locale)
    said = [speaker.say(_HERE[key], kinds=", ".join(kinds)) for key, kinds in found.items()]
    why = programme.never.why
    return [*said, sentence(why.text(locale))] if said and why else said
