"""How the lines of the budget stand: planned, committed, spent, and how long they last at this pace."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop as N_

from ganbo.books.ledger import budgets as books
from ganbo.engine.programme import Programme
from ganbo.foundation import i18n
from ganbo.kernel.period import midnight
from ganbo.people.channels import queries as channels

LEAST = 3  # days of use from which a pace is told
PACE = 30  # days whose pace is taken; of a plan for a month, its days so far
FAR = 366  # days; what lasts longer is not dated


@dataclass(frozen=True, slots=True)
class LineView:
    """One line, minor units; `lasts_until`: its last day at this pace, None when it lasts long enough or stands still."""

    line: str
    store: str  # the store whose own plan it is; "" for the line's
    hard: bool
    month: date | None  # the first day of the month the plan is for
    planned: int
    committed: int
    spent: int
    lasts_until: date | None
    forecast: str

    @property
    def left(self) -> int:
        return self.planned - self.committed - self.spent


def lines(programme: Programme, *, at: datetime, locale: str) -> list[LineView]:
    """Every line in document order, and what stores have of it for themselves; of a plan for each month the month of `at`."""
    budget = programme.budget
    if budget is None:
        return []
    locale, today = i18n.known(locale), at.astimezone(programme.timezone).date()
    month = today.replace(day=1) if budget.monthly else None
    since = midnight(month or today - timedelta(days=PACE), programme.timezone)
    keys = {(line, store): budget.key(line, today, store=store) for line, store, _ in budget.plans()}
    stands = books.standings(keys.values(), since=since)
    found = []
    for line, store, planned in budget.plans():
        one = stands.get(keys[line, store], books.Standing())
        left = planned - one.committed - one.spent
        days = _days(one, month, today, programme)
        until = lasts_until(left, one.lately, days=days, today=today) if days >= LEAST else None
        if month is not None and until is not None and until >= _next(month):
            until = None
        said = _forecast(
            one, left, until, early=days < LEAST, hard=line in budget.hard, monthly=budget.monthly, locale=locale
        )
        found.append(LineView(line, store, line in budget.hard, month, planned, one.committed, one.spent, until, said))
    return found


def left(programme: Programme, *, at: datetime) -> dict[str, int]:
    """What is neither committed nor spent of each line, minor units; what stores have for themselves is not in it."""
    return {row.line: row.left for row in lines(programme, at=at, locale="vi") if not row.store}


@dataclass(frozen=True, slots=True)
class MessagesView:
    """Messages of one channel sent since the month began: how many, what one costs and what all do, minor units."""

    channel: str
    sent: int
    each: int

    @property
    def cost(self) -> int:
        return self.sent * self.each


def messages(programme: Programme, *, at: datetime) -> list[MessagesView]:
    """Every channel with a cost in the document, as `message_cost` lists them."""
    if programme.budget is None or not programme.budget.message_cost:
        return []
    first = at.astimezone(programme.timezone).date().replace(day=1)
    sent = channels.sent(midnight(first, programme.timezone))
    return [MessagesView(name, sent.get(name, 0), each) for name, each in programme.budget.message_cost.items()]


def lasts_until(left: int, taken: int, *, days: int, today: date) -> date | None:
    """The last day that `left` is enough for when each day takes as much as the last `days` did; None: beyond FAR."""
    if left <= 0 or taken <= 0:
        return None
    more = left * days // taken
    return today + timedelta(days=more) if more <= FAR else None


def _days(one: books.Standing, month: date | None, today: date, programme: Programme) -> int:
    """How many days the pace is taken from: at least one."""
    first = one.first_at.astimezone(programme.timezone).date() if one.first_at else today
    return max((today - max(first, month or today - timedelta(days=PACE - 1))).days + 1, 1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _forecast(
    one: books.Standing, left: int, until: date | None, *, early: bool, hard: bool, monthly: bool, locale: str
) -> str:
    if left <= 0:
        if hard:
            return i18n.text(
                locale, N_("Used up: its rewards are given again once something is free, or more is planned.")
            )
        return i18n.text(locale, N_("Used up. The line has a soft stop, so its rewards are still given."))
    if one.lately <= 0:
        return i18n.text(locale, N_("Nothing was taken lately, so there is no pace yet."))
    if early:
        return i18n.text(locale, N_("It is too early to say how long it lasts."))
    if until is not None:
        return i18n.text(locale, N_("At this pace it lasts until %(day)s."), day=i18n.day(until, locale))
    if monthly:
        return i18n.text(locale, N_("At this pace it lasts to the end of the month."))
    return i18n.text(locale, N_("At this pace it lasts longer than a year."))
