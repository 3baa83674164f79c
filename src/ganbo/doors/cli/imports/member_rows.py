"""From a file's rows to people: contacts in stored form, days, level, consents; or the reason why a row is not taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ganbo.doors.cli.imports.times import Times, When, noon
from ganbo.engine.programme import Programme
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.look import dates
from ganbo.insights.look.sheets import Fields, Row
from ganbo.journeys.import_members import Newcomer, Refused
from ganbo.kernel.fold import fold
from ganbo.people.members import contacts
from ganbo.people.members.bringing import Consent
from ganbo.people.members.operations import ADDRESS_FORMS, Person

CHANNELS = ("email", "sms", "zalo", "push", "call")
MARKETING = "marketing"
LONGEST = {"name": 200, "external_id": 64, "purpose": 40, "consent_source": 80}
_OLDEST = date(1900, 1, 1)
_YES = {"yes", "y", "true", "1", "x", "co", "dong y", "on", "ok", "nhan"}
_NO = {"no", "n", "false", "0", "khong", "tu choi", "off", "khong nhan"}
_LANGUAGES = {"vi": "vi", "vn": "vi", "vietnamese": "vi", "tieng viet": "vi", "vi-vn": "vi", "en": "en"} | {
    "english": "en", "tieng anh": "en", "en-us": "en", "en-gb": "en",
}  # fmt: skip
KNOWN: dict[str, tuple[str, ...]] = {
    "phone": ("phone", "phone number", "mobile", "tel", "so dien thoai", "dien thoai", "sdt", "di dong"),
    "email": ("email", "e mail", "email address", "thu dien tu"),
    "card": ("card", "card number", "card no", "ma the", "so the", "the thanh vien"),
    "external_id": (
        *("external id", "member id", "customer id", "customer code", "customer no", "ma khach hang", "ma kh"),
        *("ma khach", "ma thanh vien", "id"),
    ),
    "name": ("name", "full name", "customer name", "ten", "ho ten", "ho va ten", "ten khach hang", "ten khach"),
    "address_form": ("address form", "salutation", "title", "cach xung ho", "xung ho", "danh xung"),
    "birthday": ("birthday", "birth date", "date of birth", "dob", "ngay sinh", "sinh nhat"),
    "joined": (
        *("joined", "joined at", "joined on", "created at", "registered", "since", "member since", "ngay tham gia"),
        *("ngay dang ky", "ngay tao", "ngay tao the", "ngay cap the"),
    ),
    "language": ("language", "locale", "lang", "ngon ngu"),
    "tier": ("tier", "level", "rank", "hang", "hang the", "hang thanh vien", "cap do"),
    "purpose": ("purpose", "consent purpose", "muc dich"),
    "consent_source": ("consent source", "source of consent", "nguon dong y", "noi dong y"),
    "consent_at": ("consent at", "consent date", "consented at", "ngay dong y"),
    "consent_email": ("consent email", "email consent", "email opt in", "dong y email", "nhan email"),
    "consent_sms": ("consent sms", "sms consent", "sms opt in", "dong y sms", "nhan sms", "nhan tin nhan"),
    "consent_zalo": ("consent zalo", "zalo consent", "zalo opt in", "dong y zalo", "nhan zalo"),
    "consent_push": ("consent push", "push consent", "push opt in", "dong y push", "nhan thong bao"),
    "consent_call": ("consent call", "call consent", "call opt in", "dong y goi", "nhan cuoc goi"),
}
FIELDS = Fields(
    KNOWN, lambda found: [] if {"phone", "email", "card", "external_id"} & set(found) else ["phone or email"]
)


class _Wrong(Exception):
    """A cell stands in the way; reason and value."""


@dataclass
class Reading:
    """How a business reads a file of members; the way days are written is found in its first rows."""

    business: BusinessRow
    programme: Programme
    now: datetime
    source: str | None = None  # of consents, for the whole file
    said_on: date | None = None

    def __post_init__(self) -> None:
        self._times = Times(self.programme.timezone)
        self._tiers = _tiers(self.programme)

    def read(self, rows: Sequence[Row]) -> Iterator[Newcomer | Refused]:
        """Each row as a person, or why it is none."""
        days = {name: self._times.read(rows, name) for name in ("birthday", "joined", "consent_at")}
        for place, row in enumerate(rows):
            try:
                yield self._person(row, {name: found[place] for name, found in days.items()})
            except _Wrong as wrong:
                yield Refused(row.line, *wrong.args)

    def _person(self, row: Row, days: Mapping[str, When | None]) -> Newcomer:
        cells = row.cells
        for name in ("birthday", "joined", "consent_at"):
            if name in cells and days[name] is None:
                raise _Wrong(f"bad_{name}", cells[name])
        person = Person(
            phone=_contact("phone", cells, self.business.country),
            email=_contact("email", cells, self.business.country),
            external_id=_text("external_id", cells) or None,
            card=_contact("card", cells, self.business.country),
            name=_text("name", cells),
            address_form=_form(cells.get("address_form", "")),
            birthday=self._birthday(days["birthday"], cells),
            locale=_language(cells.get("language", "")),
        )
        if not (person.phone or person.email or person.external_id):
            if not person.card:
                raise _Wrong("no_contact")
            person = _named_by_card(person)
        joined = self._past("joined", days["joined"], cells) if days["joined"] else self.now
        return Newcomer(
            row.line, person, joined, self._tier(cells.get("tier", "")), self._consents(cells, days["consent_at"])
        )

    def _birthday(self, when: When | None, cells: Mapping[str, str]) -> date | None:
        day = when.day if when else None
        if day is not None and not _OLDEST <= day <= self.now.astimezone(self.programme.timezone).date():
            raise _Wrong("bad_birthday", cells["birthday"])
        return day

    def _past(self, name: str, when: When, cells: Mapping[str, str]) -> datetime:
        """An instant that is over; one of today's hours to come is now."""
        if when.day < dates.EARLIEST or when.day > self.now.astimezone(self.programme.timezone).date():
            raise _Wrong(f"bad_{name}", cells.get(name, str(when.day)))
        return min(when.at, self.now)

    def _tier(self, cell: str) -> str | None:
        if not cell:
            return None
        found = self._tiers.get(fold(cell))
        if found is None:
            raise _Wrong("unknown_tier", cell)
        return found

    def _consents(self, cells: Mapping[str, str], when: When | None) -> tuple[Consent, ...]:
        said = {channel: _yes(cells[f"consent_{channel}"]) for channel in CHANNELS if f"consent_{channel}" in cells}
        if not said:
            return ()
        source = _text("consent_source", cells) or self.source or ""
        if when is None and self.said_on is not None:
            when = When(self.said_on, noon(self.said_on, self.programme.timezone))
        if any(said.values()) and not source:
            raise _Wrong("no_consent_source")
        if any(said.values()) and when is None:
            raise _Wrong("no_consent_date")
        at = self._past("consent_at", when, cells) if when else self.now
        purpose = fold(_text("purpose", cells)).replace(" ", "-") or MARKETING
        return tuple(Consent(channel, purpose, yes, source or "import", at) for channel, yes in said.items())


def _tiers(programme: Programme) -> dict[str, str]:
    """A level by its id or its name in any language, folded."""
    found = {fold(level.id): level.id for level in programme.levels}
    for level in programme.levels:
        for language in ("vi", "en"):
            found.setdefault(fold(level.name.text(language)), level.id)
    return found


def contact(kind: str, value: str, region: str) -> str:
    """A contact in stored form. Raises contacts.BadPhone, BadEmail or BadCard."""
    if kind == "phone":
        bare = "".join(value.split())
        lost = region == "VN" and len(bare) == 9 and bare.isdecimal() and bare[0] in "35789"
        return contacts.phone(f"0{bare}" if lost else value, region=region)  # workbooks eat the zero in front
    return contacts.email(value) if kind == "email" else contacts.card(value)


def _contact(kind: str, cells: Mapping[str, str], region: str) -> str | None:
    value = cells.get(kind)
    if not value:
        return None
    try:
        return contact(kind, value, region)
    except (contacts.BadPhone, contacts.BadEmail, contacts.BadCard) as bad:
        raise _Wrong(f"bad_{kind}", value) from bad


def _text(name: str, cells: Mapping[str, str]) -> str:
    value = cells.get(name, "")
    if len(value) > LONGEST[name] or not value.isprintable():
        raise _Wrong("too_long", value[:40])
    return value


def _named_by_card(person: Person) -> Person:
    """Whom only a card is known of goes by its number in the other system, too."""
    return Person(**{name: getattr(person, name) for name in Person.__slots__} | {"external_id": person.card})


def _form(cell: str) -> str:
    if not cell:
        return ""
    found = {form: form for form in ADDRESS_FORMS}.get(cell.lower())
    if found is None:
        raise _Wrong("unknown_address_form", cell)
    return found


def _language(cell: str) -> str:
    if not cell:
        return ""
    found = _LANGUAGES.get(fold(cell).replace("_", "-"))
    if found is None:
        raise _Wrong("unknown_language", cell)
    return found


def _yes(cell: str) -> bool:
    plain = fold(cell)
    if plain not in _YES | _NO:
        raise _Wrong("bad_consent", cell)
    return plain in _YES
