"""The member's level as the wallet shows it, points that are not usable yet, and points on hold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from ganbo.books.ledger import hold_queries
from ganbo.books.ledger import queries as ledger
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.doors.wallet import shown
from ganbo.engine.programme import Programme
from ganbo.features.programmes import perk_sentences, tier_view
from ganbo.features.programmes.sentences import earning, own_level
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.features.programmes.tier_view import TierView
from ganbo.foundation import i18n
from ganbo.journeys import perks as counted
from ganbo.people.members.queries import MemberRow

WHOLE = 100  # the ring is drawn in percent
PROJECTED_WITHIN = timedelta(days=92)  # a quarter before a review the wallet says what it would do as things stand


@dataclass(frozen=True, slots=True)
class TierShown:
    """A level: the ring (`way` of `way_of` percent, 0 of 0 without one), what to do, what comes, what it brings."""

    name: str
    way: int
    way_of: int
    way_label: str
    sentences: tuple[str, ...]
    benefits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Points that cannot be used yet: how many, until when, and why."""

    amount: int
    unit: Unit
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """Points set aside for a payment: how many, for what, until when, and what that means."""

    amount: int
    unit: Unit
    title: str
    why: str


def tier(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> TierShown | None:
    """None in a programme without levels."""
    who = tier_view.holder(programme, member.tier, member.state, member.created_at)
    seen = tier_view.of(programme, who, now.astimezone(programme.timezone).date())
    if seen is None:
        return None
    said = tier_view.sentences(programme, seen, locale)
    fallen = programme.by_level.get(seen.projected or "")
    if fallen is not None and fallen.id != seen.level.id and _soon(seen, now, programme):
        said.append(_to_come(fallen.name.text(locale) or fallen.id))
    share, label = _ring(seen, said, locale)
    return TierShown(
        name=seen.level.name.text(locale) or seen.level.id,
        way=int((share or 0) * WHOLE),
        way_of=0 if share is None else WHOLE,
        way_label=label,
        sentences=tuple(said),
        benefits=tuple(own_level.benefits(programme, seen.level, locale)),
    )


def perks(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[tuple[str, str]]:
    """The perks of the member's level, and how many of each are left, in words."""
    speaker = Speaker(programme, locale)
    return [
        (one.perk.text.text(locale) or one.perk.id, perk_sentences.left(one.perk, one.left, speaker))
        for one in counted.of_member(member.id, member.tier, programme, at=now)
    ]


def _soon(seen: TierView, now: datetime, programme: Programme) -> bool:
    """Whether the review is near: what a review in a year would do, if nothing were bought until then, helps nobody."""
    return seen.keep is None or seen.keep.until - now.astimezone(programme.timezone).date() <= PROJECTED_WITHIN


def _to_come(level: str) -> str:
    return _("As things stand, the next review makes it %(tier)s.") % {"tier": level}


def _ring(seen: TierView, said: list[str], locale: str) -> tuple[Fraction | None, str]:
    """How far the way is to the next level, at the top to keeping this one; and what readers hear."""
    share = seen.share if seen.next is not None else seen.keep_share
    if share is None:
        return None, ""
    goal = seen.next or seen.level
    name = goal.name.text(locale) or goal.id
    template = _("%(n)s %% of the way to %(tier)s") if seen.next else _("%(n)s %% of what keeps %(tier)s")
    return share, template % {"n": int(share * WHOLE), "tier": name}


def waiting(member: MemberRow, programme: Programme, *, locale: str) -> list[Waiting]:
    """What waits, the first to come first; what comes on one day or with one event stands as one row."""
    sums: dict[tuple[date, str, str], int] = {}
    for part in ledger.pending_of_members([member.id], list(programme.wallets)):
        if part.remaining:
            day = (
                shown.last_day(part.usable_at, programme)
                if part.awaits
                else part.usable_at.astimezone(programme.timezone).date()
            )
            key = (day, part.awaits, part.asset)
            sums[key] = sums.get(key, 0) + part.remaining
    return [_waiting(key, amount, programme, locale) for key, amount in sorted(sums.items())]


def held(member: MemberRow, programme: Programme, *, locale: str) -> list[Held]:
    """What is set aside, the newest first."""
    why = _(
        "They are yours, but nobody can spend them until this is paid or the time is over. What is not used comes back."
    )
    found = []
    for row in hold_queries.rows(member=member.id, only_open=True):
        said = {"order": row.order_id, "at": i18n.moment(row.until, programme.timezone, locale)}
        title = _("for order %(order)s, until %(at)s") if row.order_id else _("for a payment, until %(at)s")
        unit = units.of_wallet(programme, row.wallet, locale)
        found.append(Held(row.amount, unit, title % said, why))
    return found


def _waiting(key: tuple[date, str, str], amount: int, programme: Programme, locale: str) -> Waiting:
    on, awaits, wallet = key
    unit, speaker = units.of_wallet(programme, wallet, locale), Speaker(programme, locale)
    day = speaker.day(on.isoformat())
    if awaits:
        said = {"event": earning.event(awaits, speaker), "day": day}
        why = _("They are yours after %(event)s; if it does not come by %(day)s, they are cancelled.") % said
        return Waiting(amount, unit, _("after %(event)s") % said, why)
    title = _("usable from %(day)s") % {"day": day}
    return Waiting(amount, unit, title, _("You earned them already; from that day on you can use them."))
