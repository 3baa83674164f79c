"""Recompute the current business's books on one snapshot; reads only."""

from dataclasses import replace

from django.db import connection, transaction

from ganbo.books.ledger import verifying
from ganbo.books.ledger.verifying import Difference, Report
from ganbo.features.rewards import verifying as rewards


def verify() -> Report:
    """Every account and lot against the transfers; what happens meanwhile does not disturb it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        report = verifying.verify()
        vouchers = tuple(Difference(*found) for found in rewards.differences())
        return replace(report, differences=report.differences + vouchers)
