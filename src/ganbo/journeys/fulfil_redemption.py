"""A reward that is handed over later goes from to_do to sent to done; never back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.features.rewards import operations
from ganbo.foundation.audit import operations as audit
from ganbo.journeys.reverse import RedemptionUnknown
from ganbo.kernel.refusal import Refusal

_ORDER = ("to_do", "sent", "done")


class CannotFulfil(Refusal):
    """There is nothing to hand over, or it is further already."""

    code = "rewards.fulfilment"


def fulfil(redemption_id: UUID, state: str, *, by: str, now: datetime) -> str:
    """Note `sent` or `done`; told again, the same. Raises RedemptionUnknown or CannotFulfil."""
    with transaction.atomic():
        found = operations.locked(redemption_id)
        if found is None:
            raise RedemptionUnknown(redemption_id=str(redemption_id))
        if not found.fulfilment or found.state != "issued" or _ORDER.index(state) < _ORDER.index(found.fulfilment):
            raise CannotFulfil(state=state, now=found.fulfilment or found.state)
        if state != found.fulfilment:
            operations.note_fulfilment(redemption_id, state)
            audit.note(by, "redemption.fulfilled", f"{redemption_id} {state}")
    return state
