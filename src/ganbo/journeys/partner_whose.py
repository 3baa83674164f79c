"""Whose a card is that a partner reads: its number, or the wallet's changing code, which also proves a spend."""

from uuid import UUID

from django.conf import settings

from ganbo.books.events.reading import Shown
from ganbo.people.members import queries as members
from ganbo.people.members import tokens


def member(text: str) -> UUID | None:
    """The member of the current business, by card number or changing code."""
    token = tokens.read(text, key=settings.SECRET_KEY)
    found = members.get(token.member_id) if token else members.by_key("card", text)
    return found.id if found else None


def shown(text: str) -> Shown | None:
    """What the changing code proves; None for a card's number, which earns and proves nothing."""
    token = tokens.read(text, key=settings.SECRET_KEY)
    return Shown("token", token.id, token.member_id, token.made_at + tokens.VALID) if token else None


def name(text: str) -> str:
    """The same for every changing code of one member, so that a bill told again is known."""
    token = tokens.read(text, key=settings.SECRET_KEY)
    return str(token.member_id) if token else text
