"""Phones, e-mails and cards in the one form they are stored in.

Phones become E.164 by `phonenumbers`; the common Vietnamese and already-international forms take a short cut, since
every sale looks one up. Digits outside ASCII are refused: they come from a keyboard in the wrong mode.
"""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ganbo.kernel.refusal import Refusal

_VIETNAMESE = re.compile(r"0[35789][0-9]{8}", re.ASCII)
_INTERNATIONAL = re.compile(r"\+84[35789][0-9]{8}", re.ASCII)
_LOOKS_LIKE_PHONE = re.compile(r"\+?[0-9 ().\-]{6,24}", re.ASCII)
CARD = re.compile(r"[A-Za-z0-9-]{4,40}", re.ASCII)


class BadPhone(Refusal):
    """This is not a phone number: give it like 0912345678 or +84912345678."""

    code = "members.bad_phone"


class BadEmail(Refusal):
    """This is not an e-mail address: give it like lan@example.com."""

    code = "members.bad_email"


class BadCard(Refusal):
    """A card number has 4 to 40 letters, digits or hyphens."""

    code = "members.bad_card"


def numbering(region: str) -> tuple[str, str]:
    """How numbers are dialled in a region: its country code, and what stands before a number at home ("0" in Vietnam)."""
    trunk = phonenumbers.phonenumberutil.ndd_prefix_for_region(region, strip_non_digits=True)
    return str(phonenumbers.country_code_for_region(region)), trunk or ""


def phone(text: str, *, region: str = "VN") -> str:
    """E.164 of a phone number as people in `region` write it. Raises BadPhone."""
    if region == "VN":
        if _VIETNAMESE.fullmatch(text):
            return "+84" + text[1:]
        if _INTERNATIONAL.fullmatch(text):
            return text
    return _parsed(text, region)


@lru_cache(maxsize=10_000)
def _parsed(text: str, region: str) -> str:
    if not _LOOKS_LIKE_PHONE.fullmatch(text.strip()):
        raise BadPhone()
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as failure:
        raise BadPhone() from failure
    if not phonenumbers.is_possible_number(number):
        raise BadPhone()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str:
    """The address in lower case, its domain normalised; nothing is looked up. Raises BadEmail."""
    if len(text) > 254:
        raise BadEmail()
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as failure:
        raise BadEmail() from failure


def card(text: str) -> str:
    """A card number without the spaces people type. Raises BadCard."""
    number = text.replace(" ", "")
    if not CARD.fullmatch(number):
        raise BadCard()
    return number
