"""Write what happened at partners' and what it makes us owe. Every write demands a transaction; rows are never changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from ganbo.features.partners import models
from ganbo.features.partners.queries import Bill, LineRow
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def lock(partner: str, *, alone: bool = False) -> str:
    """Hold the partner's account, shared with others that add lines unless `alone`; the last settled month, or ""."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO partners_settling (partner, settled_through) VALUES (%s, '') ON CONFLICT DO NOTHING", [partner]
        )
        how = "UPDATE" if alone else "SHARE"
        cursor.execute(f"SELECT settled_through FROM partners_settling WHERE partner = %s FOR {how}", [partner])
        return str(cursor.fetchone()[0])


@needs_transaction
def keep_bill(bill: Bill) -> None:
    """A bill or a return of one. The partner's reference is used once: a second one violates a constraint."""
    models.Deal.objects.create(
        id=bill.id,
        partner=bill.partner,
        reference=bill.reference,
        sale_id=bill.sale_id,
        member_id=bill.member_id,
        wallet=bill.wallet,
        bill=bill.amount,
        earned=bill.moved.earned,
        used=bill.moved.used,
        paid=bill.moved.paid,
        voucher_id=bill.voucher_id,
        by_card=bill.moved.by_card,
        body_hash=bill.body_hash,
        at=bill.at,
    )


@needs_transaction
def keep_lines(rows: Sequence[LineRow]) -> None:
    """Lines of statements."""
    models.Line.objects.bulk_create(
        models.Line(
            id=row.id,
            partner=row.partner,
            ours=row.ours,
            kind=row.kind,
            reference=row.reference,
            units=row.units,
            amount=row.amount,
            currency=row.currency,
            period=row.period,
            settles=row.settles,
            at=row.at,
        )
        for row in rows
    )


@needs_transaction
def settled(partner: str, *, through: str) -> None:
    """All months up to this one are settled; the account is locked alone."""
    models.Settling.objects.filter(pk=partner).update(settled_through=through)


@needs_transaction
def agree(partner: str, terms: str, *, by: str, at: datetime) -> UUID:
    """Note that somebody agreed to the partner's terms."""
    return models.Agreement.objects.create(id=chance.new_id(), partner=partner, terms=terms, by=by, at=at).pk
