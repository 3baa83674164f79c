"""Enrol many people of the past at once; their signups are recorded with the rest of their history."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.people.members import operations
from ganbo.people.members.operations import Person


def enrol_all(people: Sequence[tuple[UUID, Person, datetime, str | None]]) -> None:
    """(id, person, when, tier) of each; those already there stay as they are."""
    with transaction.atomic():
        operations.enrol_many(people)
