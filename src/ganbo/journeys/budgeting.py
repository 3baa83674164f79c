"""The budget on the way to a reward: lines with a hard stop locked, and what is issued committed in the books.

A commitment is booked with the reward. What becomes of it later (used, handed over, ended, void) frees or keeps what was
taken already, so it may be booked a moment later: settle_budgets.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import budgets as books
from ganbo.books.ledger import opening
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import budgets
from ganbo.engine.budgets import Purse
from ganbo.engine.decide import VoucherEffect
from ganbo.engine.programme import Programme
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.features.rewards import budgets as rows
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.journeys.giving import GivenVoucher

Given = tuple[datetime, str]  # when a reward is given, and in which store ("": in none)


def keys_at(timeline: Timeline, given: Iterable[Given]) -> dict[str, int]:
    """The lines with a hard stop then and there, and what is planned for each; the latest version's word counts."""
    found: dict[str, int] = {}
    for at, store in sorted(given):
        programme = timeline.at(at).programme
        if programme.budget is not None and programme.budget.hard:
            found |= budgets.hard_keys(programme, at.astimezone(programme.timezone).date(), store=store)
    return found


def given_at(request: EventRequest) -> Given:
    """When and where an event happened."""
    return request.occurred_at, request.store or ""


def lock(
    pipe: Pipeline, schema: str, timeline: Timeline, given: Iterable[Given], *, wait: bool = True
) -> dict[str, int]:
    """What lines with a hard stop have left, locked last; {} without a trip in a programme without such lines."""
    return rows.lock(pipe, schema, keys_at(timeline, given), wait=wait)


def within(
    effects: Sequence[VoucherEffect], published: Published, left: Mapping[str, int], *, given: Given
) -> tuple[VoucherEffect, ...]:
    """The vouchers that the budget still pays, in order."""
    if not effects:
        return ()
    (at, store), programme = given, published.programme
    purse = Purse(programme, left, at.astimezone(programme.timezone).date(), store=store)
    return tuple([effect for effect in effects if purse.take(effect.reward)])


def pay(left: dict[str, int], given: Iterable[GivenVoucher]) -> None:
    """Take what was given off what lines have left, so that the next event of the batch sees it."""
    for voucher in given:
        if voucher.budget in left:
            left[voucher.budget] -= voucher.cost


def commit(posting: Posting, given: Iterable[GivenVoucher]) -> None:
    """Plan the transfers of vouchers that were given."""
    for one in given:
        if one.budget:
            books.move(
                posting,
                one.budget,
                one.cost,
                Cause(str(one.id), one.at, one.reward),
                was=books.PLANNED,
                now=books.COMMITTED,
            )


def statements(schema: str, taken: Mapping[str, int]) -> list[Statement]:
    """SQL that opens the accounts of the lines that something was taken of (or given back to), and counts it."""
    changed = {key: n for key, n in taken.items() if n}
    return [*opening.budget_lines(schema, changed), rows.take(schema, changed)] if changed else []


def given(schema: str, vouchers: Sequence[GivenVoucher]) -> list[Statement]:
    """The same for vouchers that were given."""
    taken: Counter[str] = Counter()
    for one in vouchers:
        if one.budget:
            taken[one.budget] += one.cost
    return statements(schema, taken)


def share(programme: Programme, reward: str, at: datetime, *, store: str = "", quantity: int = 1) -> tuple[str, int]:
    """The line that pays for a reward then and there, by its key in the books, and what it pays."""
    day = at.astimezone(programme.timezone).date()
    return budgets.share(programme, programme.rewards[reward], day, store=store, quantity=quantity)
