"""Write an audit line; demands a running transaction."""

from typing import Any

from ganbo.foundation import chance, clock
from ganbo.foundation.audit import models
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def note(actor: str, action: str, subject: str = "", **facts: Any) -> None:
    """`actor` did `action` to `subject`; `facts` are numbers and ids, never names or contacts."""
    models.Line.objects.create(
        id=chance.new_id(), at=clock.now(), actor=actor, action=action, subject=subject, facts=facts
    )
