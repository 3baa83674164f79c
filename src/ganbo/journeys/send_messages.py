"""Send what is queued: claim in one transaction, hand over outside any, note the outcome in another.

A worker that dies between handing over and noting sends that one message again: at most one per kill.
"""

import logging
import smtplib
from datetime import datetime

from django.db import transaction

from ganbo.foundation import clock
from ganbo.people.channels import operations, senders

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 20


def send_some(*, at: datetime) -> int:
    """Send due e-mails of the current business; returns how many were tried."""
    with transaction.atomic():
        due = operations.claim("email", most=MOST_AT_ONCE, at=at)
    for message in due:
        try:
            senders.send_email(
                recipient=message.recipient, subject=message.subject, body=message.body, message_id=str(message.id)
            )
        except (OSError, smtplib.SMTPException) as failure:
            logger.warning("message %s was not accepted: %s", message.id, type(failure).__name__)
            with transaction.atomic():
                operations.failed(message.id, why=type(failure).__name__, attempts=message.attempts, at=clock.now())
        else:
            with transaction.atomic():
                operations.sent(message.id, at=clock.now())
    return len(due)
