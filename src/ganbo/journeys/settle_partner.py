"""Settle a month with a partner: everything up to it is netted to one amount, which one side pays.

Who is owed says that it was paid; a month is settled once, in the books of both sides.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ganbo.books.ledger import partner_debts
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.features.partners import operations, queries
from ganbo.features.partners.queries import LineRow
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import partner_bills, partner_links
from ganbo.journeys.partner_links import Link
from ganbo.kernel.refusal import Refusal


class NotOver(Refusal):
    """The month is not over; what will be owed is not known yet."""

    code = "partners.month_not_over"


class Settled(Refusal):
    """The month is settled already."""

    code = "partners.settled"


class NotYours(Refusal):
    """The other business is owed this; it says when it was paid."""

    code = "partners.not_yours"


@dataclass(frozen=True, slots=True)
class Paid:
    """What a settlement paid: above zero the partner paid us."""

    month: str
    amount: int


def agree(partner: str, *, by: str, now: datetime) -> str:
    """Agree to the partner's terms. Raises PartnerUnknown or NotAgreed."""
    with transaction.atomic():
        terms = partner_links.agree(partner, by=by, at=now)
        audit.note(by, "partner.agreed", partner)
    return terms


def settle(partner: str, month: str, *, by: str, now: datetime) -> Paid:
    """Note that everything up to the month was paid. Raises PartnerUnknown, NotOver, Settled or NotYours."""
    link = partner_links.latest(partner)
    with transaction.atomic():
        before = ""
        for side in link.sides:
            with context.within(side.business):
                before = max(before, operations.lock(side.partner, alone=True))
        if month <= before:
            raise Settled(month=month)
        if any(month >= running for running in _running(link, now)):
            raise NotOver(month=month)
        owed_by, owed_to = queries.sides(partner, after=before, through=month)
        if link.other is not None and owed_by < owed_to:
            raise NotYours(month=month)
        _write(link, month, owed_by, owed_to, now=now)
        audit.note(by, "partner.settled", f"{partner}:{month}")
    return Paid(month, owed_by - owed_to)


def _running(link: Link, now: datetime) -> list[str]:
    """The month that runs now, by the calendar of either side."""
    found = []
    for side in link.sides:
        with context.within(side.business):
            programme = programmes.in_force_at(side.business.schema, now).programme
        found.append(partner_bills.month_of(now, programme.timezone))
    return found


def _write(link: Link, month: str, owed_by: int, owed_to: int, *, now: datetime) -> None:
    id, period = chance.new_id(), max(_running(link, now))
    for side in link.sides:
        mine = side is link.ours
        row = LineRow(
            id, link.partner.id, True, "settle", month, 0, owed_to - owed_by, link.currency, period, month, now
        )
        there = row if mine else row.turned(side.partner)
        ours, theirs = (owed_by, owed_to) if mine else (owed_to, owed_by)
        posting, why = Posting(new_id=chance.new_id), Cause(str(id), now, f"partner:{side.partner}")
        partner_debts.settle(posting, link.asset(side), owed_by=ours, owed_to=theirs, why=why)
        with context.within(side.business):
            operations.keep_lines([there])
            operations.settled(side.partner, through=month)
            Pipeline.inside_django().run(posting.statements(side.business.schema, now=now))
