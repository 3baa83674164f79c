"""A member proves a phone or an e-mail with a one-time code; somebody new can join with what they proved."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ganbo.foundation import i18n, jobs
from ganbo.foundation.tenancy import context
from ganbo.journeys import join as joining
from ganbo.journeys.accept_terms import Words
from ganbo.people.channels import operations as channels
from ganbo.people.members import contacts, queries, signing_in
from ganbo.people.members.operations import Exists, Person
from ganbo.people.members.signing_in import Proven, WrongCode

DEMO_EASE = 20  # the demo's limits on codes: many people try it from one machine


@dataclass(frozen=True, slots=True)
class Asked:
    """A code is on its way; `shown` only in the demo, where no SMS leaves the machine."""

    code_id: UUID
    shown: str | None


def contact_of(text: str) -> tuple[str, str]:
    """("email" or "phone", stored form) of what somebody typed. Raises BadPhone or BadEmail."""
    if "@" in text:
        return "email", contacts.email(text)
    return "phone", contacts.phone(text.strip(), region=context.current().country)


def ask_code(text: str, *, network: str, locale: str, at: datetime) -> Asked:
    """Send a code to a phone or e-mail, known or not: the page looks the same. Raises TooManyCodes, BadPhone, BadEmail."""
    kind, contact = contact_of(text)
    business = context.current()
    with transaction.atomic():
        member = queries.by_key(kind, contact)
        sent = signing_in.new_code(
            contact,
            member.id if member else None,
            network=network,
            key=settings.SECRET_KEY,
            at=at,
            ease=DEMO_EASE if settings.DEMO else 1,
        )
        channels.queue(
            f"code:{sent.id}",
            member_id=member.id if member else None,
            kind="sign_in_code",
            channel="email" if kind == "email" else "sms",
            recipient=contact,
            subject=i18n.text(locale, "Your code for %(shop)s", shop=business.name),
            body=i18n.text(
                locale,
                "%(code)s is your code for %(shop)s. It works for ten minutes.",
                code=sent.digits,
                shop=business.name,
            ),
            at=at,
        )
    jobs.wake(business.id)
    return Asked(sent.id, sent.digits if settings.DEMO else None)


def prove(code_id: UUID, digits: str, *, at: datetime) -> Proven:
    """Raises WrongCode; a wrong try is counted."""
    with transaction.atomic():
        proven = signing_in.prove(code_id, digits, key=settings.SECRET_KEY, at=at)
    if proven is None:
        raise WrongCode()
    return proven


def open_session(member_id: UUID, *, at: datetime) -> str:
    """A session for a member who proved a contact; returns the token for their cookie."""
    with transaction.atomic():
        return signing_in.open_session(member_id, at=at)


def close_session(token: str) -> None:
    """Sign out."""
    with transaction.atomic():
        signing_in.close_session(token)


def join(
    contact: str,
    *,
    name: str,
    address_form: str,
    locale: str,
    tier: str | None,
    at: datetime,
    agreed: Words | None = None,
) -> UUID:
    """Enrol somebody with the contact they proved; the id of who has it already, when somebody was faster.

    `agreed`: the terms they were shown and said yes to. Raises UnknownVersion, OtherWords.
    """
    kind = "email" if "@" in contact else "phone"
    known = queries.by_key(kind, contact)
    if known is not None:
        return known.id
    person = Person(
        phone=contact if kind == "phone" else None,
        email=contact if kind == "email" else None,
        name=name,
        address_form=address_form,
        locale=locale,
    )
    try:
        return joining.join(person, at=at, channel="wallet", tier=tier, agreed=agreed).member_id
    except Exists as refusal:
        return UUID(refusal.params["member_id"])
