"""Recompute the current business's books, vouchers and counters of levels on one snapshot; reads only."""

from dataclasses import replace

from django.db import connection, transaction

from ganbo.books.ledger import verifying
from ganbo.books.ledger.verifying import Difference, Report
from ganbo.features.households import verifying as households
from ganbo.features.packages import verifying as packages
from ganbo.features.partners import queries as partner_queries
from ganbo.features.partners import verifying as partners
from ganbo.features.perks import verifying as perks
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.features.rewards import verifying as rewards
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction
from ganbo.journeys import partner_links, recount_tiers


def verify() -> Report:
    """Every account and lot against the transfers, every counter against the events; what happens meanwhile does not disturb it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return recompute()


@needs_transaction
def recompute() -> Report:
    """The same in the transaction that is running, as it sees the books."""
    report = verifying.verify()
    vouchers = tuple(Difference(*found) for found in rewards.differences(_stocked()))
    units = tuple(Difference(*found) for found in packages.differences())
    favours = tuple(Difference(*found) for found in perks.differences())
    debts = tuple(Difference(*found) for found in partners.differences(_partners()))
    together = tuple(Difference(*found) for found in households.differences())
    counters = tuple(Difference(*found) for found in recount_tiers.differences(most=verifying.MOST_NAMED))
    return replace(report, differences=report.differences + vouchers + units + favours + debts + together + counters)


def _partners() -> dict[str, tuple[str, str] | None]:
    """Every partner there was → its schema and what we are called there, when it is a business here."""
    found: dict[str, tuple[str, str] | None] = {}
    for partner in partner_queries.known():
        other = partner_links.latest(partner).other
        found[partner] = (other.business.schema, other.partner) if other else None
    return found


def _stocked() -> list[tuple[int, str]]:
    """(version, reward) wherever a version gives a reward a stock."""
    try:
        versions = programmes.timeline(context.current().schema).versions
    except NoProgramme:
        return []
    return [(v.version, r.id) for v in versions for r in v.programme.rewards.values() if r.stock is not None]
