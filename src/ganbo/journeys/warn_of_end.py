"""Tell members some days before that a programme ends: the last day to earn, and to those who hold points the last to redeem.

Run again it tells nobody twice: the message's cause is the member, the end and its day.
"""

from datetime import date, datetime

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import i18n, jobs
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys.thank_buyer import greeting
from ganbo.journeys.warn_of_expiry import HOURS, MOST_MEMBERS
from ganbo.people.channels import operations as channels
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

DAYS = (30, 7)  # before a last day


def warn(business: BusinessRow, *, at: datetime) -> int:
    """Queue today's messages of the current business when it is the hour for it; returns how many are new."""
    try:
        programme = programmes.in_force_at(business.schema, at).programme
    except NoProgramme:
        return 0
    local = at.astimezone(programme.timezone)
    ends = due(programme, local.date())
    if local.hour not in HOURS or not ends:
        return 0
    spendable = [wallet.id for wallet in programme.wallets.values() if wallet.spendable]
    queued, after = 0, None
    while True:
        page = ledger.spendable_of(spendable, after=after, most=MOST_MEMBERS)
        if not page:
            return queued
        with transaction.atomic():
            known = members.wanting_receipts(set(page))
            queued += sum(_queue(business, programme, row, page[row.id], ends, at=at) for row in known)
            jobs.wake(business.id)
        after = max(page)


def due(programme: Programme, today: date) -> list[tuple[str, date]]:
    """The last days (`earn`, `spend`) that members are told of today."""
    runs = programme.runs
    pairs = (("earn", runs.earn_until), ("spend", runs.spend_until))
    return [(what, day) for what, day in pairs if day is not None and (day - today).days in DAYS]


def _queue(
    business: BusinessRow,
    programme: Programme,
    member: MemberRow,
    holds: dict[str, int],
    ends: list[tuple[str, date]],
    *,
    at: datetime,
) -> bool:
    locale = i18n.known(member.locale or business.locale)
    lines = [_line(programme, what, day, holds, locale) for what, day in ends]
    return channels.queue(
        ":".join(["end", str(member.id), *(f"{what}-{day}" for what, day in ends), str(_day(programme, at))]),
        member_id=member.id,
        kind="expiry",
        channel="email",
        recipient=member.email or "",
        subject=i18n.text(locale, "The programme of %(shop)s ends soon", shop=business.name),
        body="\n".join([greeting(member, locale), "", *lines, "", business.name]),
        at=at,
    )


def _day(programme: Programme, at: datetime) -> date:
    return at.astimezone(programme.timezone).date()


def _line(programme: Programme, what: str, day: date, holds: dict[str, int], locale: str) -> str:
    """The last day to redeem is 31 March 2028. You have 200 points."""
    said = i18n.day(day, locale)
    if what == "earn":
        return i18n.text(locale, "The last day to earn is %(day)s.", day=said)
    have = ", ".join(
        f"{i18n.number(n, locale)} {programme.wallets[wallet].name.text(locale)}" for wallet, n in sorted(holds.items())
    )
    return i18n.text(locale, "The last day to redeem is %(day)s. You have: %(have)s.", day=said, have=have)
