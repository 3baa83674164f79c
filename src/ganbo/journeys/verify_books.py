"""Recompute the current business's books on one snapshot; reads only."""

from django.db import connection, transaction

from ganbo.books.ledger import verifying
from ganbo.books.ledger.verifying import Report


def verify() -> Report:
    """Every account and lot against the transfers; what happens meanwhile does not disturb it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return verifying.verify()
