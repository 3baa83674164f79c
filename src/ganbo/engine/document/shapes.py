"""The forms that every part of the document is made of: ids, words, counts, factors, days."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

MOST_AMOUNT = 10**12


def form(words: str) -> WithJsonSchema:
    """How the reference calls a form."""
    return WithJsonSchema({"form": words})


MOST_LIMITS = 5

STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$"), form("id")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=1000), form("[condition](#conditions)")]
Count = Annotated[int, Field(ge=1, le=MOST_AMOUNT)]
Cost = Annotated[int, Field(ge=0, le=MOST_AMOUNT)]


def number(value: object) -> object:
    """A whole or exact decimal number, never a yes or no."""
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise ValueError("not_a_number")


Factor = Annotated[
    Decimal, BeforeValidator(number), Field(gt=0, le=100, decimal_places=4), form("above 0, at most 100")
]
Share = Annotated[Decimal, BeforeValidator(number), Field(gt=0, le=1, decimal_places=4), form("above 0, at most 1")]


def _local(value: object) -> object:
    """One text for all languages, or a text per language."""
    return {"vi": value} if isinstance(value, str) else value


LocalWords = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")], Words],
    BeforeValidator(_local),
    Field(min_length=1, max_length=20),
    form("text"),
]


def _day(value: str) -> str:
    """A calendar day, YYYY-MM-DD."""
    try:
        date.fromisoformat(value)
    except ValueError as failure:
        raise ValueError("not_a_day") from failure
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("not_a_day")
    return value


def _day_of_year(value: str) -> str:
    """A day of any year, MM-DD; 29 February counts as 28 February in other years."""
    if not re.fullmatch(r"\d{2}-\d{2}", value):
        raise ValueError("not_a_day_of_year")
    try:
        date(2024, int(value[:2]), int(value[3:]))
    except ValueError as failure:
        raise ValueError("not_a_day_of_year") from failure
    return value


Day = Annotated[str, AfterValidator(_day), form("day, `2027-06-01`")]
DayOfYear = Annotated[str, AfterValidator(_day_of_year), form("day of a year, `06-30`")]
Weekday = Annotated[str, StringConstraints(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)$"), form("`mon` … `sun`")]
EVENT_TYPES = "purchase|signup|subscribe|visit|review|share|survey|checkin"
On = Annotated[
    str,
    StringConstraints(pattern=rf"^({EVENT_TYPES}|custom\.[a-z][a-z0-9_]{{0,39}})$"),
    form("[type of event](#types-of-events)"),
]
