"""Tell members some days before that points end: one message a member and day, whatever ends in it.

Run again it tells nobody twice: the message's cause is the member and the day.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import i18n, jobs
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import inactivity
from ganbo.journeys.thank_buyer import greeting
from ganbo.kernel.period import midnight
from ganbo.people.channels import operations as channels
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

HOURS = (9, 14)  # local hours; the second catches what a stopped worker missed
MOST_MEMBERS = 2_000  # a transaction's worth
Ends = list[tuple[str, datetime, int]]  # wallet, first unusable instant, how much


def warn(business: BusinessRow, *, at: datetime) -> int:
    """Queue today's messages of the current business when it is the hour for it; returns how many are new."""
    try:
        programme = programmes.in_force_at(business.schema, at).programme
    except NoProgramme:
        return 0
    if at.astimezone(programme.timezone).hour not in HOURS:
        return 0
    queued, after = 0, None
    while True:
        page = _page(programme, after=after, at=at)
        with transaction.atomic():
            known = {row.id: row for row in members.wanting_receipts(set(page))}
            queued += sum(_queue(business, programme, known[m], page[m], at=at) for m in page if m in known)
            jobs.wake(business.id)
        if not page:
            return queued
        after = max(page)


def _page(programme: Programme, *, after: UUID | None, at: datetime) -> dict[UUID, Ends]:
    """The next members with points that end on one of the days to be told of."""
    today = at.astimezone(programme.timezone).date()
    idle = {wallet.id for wallet in inactivity.wallets(programme)}
    wanted = [(w.id, _end(programme, today, days)) for w in programme.wallets.values() for days in w.notice_days]
    parts = [ledger.ending([w for w in wanted if w[0] not in idle], after=after, most=MOST_MEMBERS)]
    for wallet, end in wanted:
        if wallet in idle:
            rows = inactivity.ending(programme.wallets[wallet], end, after=after, most=MOST_MEMBERS)
            parts.append([(member, [(wallet, end, amount)]) for member, amount in rows])
    full = [part[-1][0] for part in parts if len(part) >= MOST_MEMBERS]
    found: dict[UUID, Ends] = {}
    for part in parts:
        for member, ends in part:
            if not full or member <= min(full):
                found.setdefault(member, []).extend(ends)
    return found


def _end(programme: Programme, today: date, days: int) -> datetime:
    """The first unusable instant of points whose last day is that many days from today."""
    return midnight(today + timedelta(days=days + 1), programme.timezone).astimezone(UTC)


def _queue(business: BusinessRow, programme: Programme, member: MemberRow, ends: Ends, *, at: datetime) -> bool:
    locale = i18n.known(member.locale or business.locale)
    lines = [_line(programme, *one, locale) for one in sorted(ends, key=lambda one: one[1])]
    return channels.queue(
        f"expiry:{member.id}:{at.astimezone(programme.timezone).date()}",
        member_id=member.id,
        kind="expiry",
        channel="email",
        recipient=member.email or "",
        subject=i18n.text(locale, "Your points at %(shop)s end soon", shop=business.name),
        body="\n".join([greeting(member, locale), "", *lines, "", business.name]),
        at=at,
    )


def _line(programme: Programme, wallet: str, end: datetime, amount: int, locale: str) -> str:
    """200 points end on 30 November 2026, enough for Peach tea."""
    unit = programme.wallets[wallet].name.text(locale)
    day = i18n.day((end - timedelta(seconds=1)).astimezone(programme.timezone).date(), locale)
    n = i18n.number(amount, locale)
    prices = [(r.price[1], r) for r in programme.rewards.values() if r.price and r.price[0] == wallet]
    most = max((p for p in prices if p[0] <= amount), key=lambda p: p[0], default=None)
    if most is None:
        return i18n.text(locale, "%(n)s %(unit)s end on %(day)s.", n=n, unit=unit, day=day)
    reward = most[1].name.text(locale)
    return i18n.text(
        locale, "%(n)s %(unit)s end on %(day)s, enough for: %(reward)s.", n=n, unit=unit, day=day, reward=reward
    )
