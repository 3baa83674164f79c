"""Hand a message to the outside world. Network happens only here, after commit, always with a timeout."""

from django.core import mail
from django.core.mail import EmailMessage


def send_email(*, recipient: str, subject: str, body: str, message_id: str) -> None:
    """One plain e-mail through the configured SMTP server. Raises OSError or smtplib.SMTPException."""
    email = EmailMessage(subject=subject, body=body, to=[recipient], headers={"Message-ID": f"<{message_id}@ganbo>"})
    with mail.get_connection(fail_silently=False) as connection:
        connection.send_messages([email])
