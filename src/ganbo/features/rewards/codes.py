"""Voucher codes: twelve letters and digits without look-alikes and a check symbol.

60 bits of an HMAC over the voucher's id: the code can be shown to its holder again without being stored, and who steals
the database learns none of them. Only a SHA-256 of the code is kept, to look it up.
"""

import hmac
import re
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
LENGTH = 12
_CHECK = ALPHABET + "*~$=U"
_HIDDEN = re.compile(r"voucher:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(voucher: UUID, *, key: str) -> str:
    """The code of a voucher: XXXX-XXXX-XXXX-C, C the check symbol."""
    number = int.from_bytes(hmac.new(_key(key), voucher.bytes, sha256).digest()[:8], "big") >> 4
    letters = "".join(ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))
    return "-".join((letters[:4], letters[4:8], letters[8:], _CHECK[number % 37]))


def normal(text: str) -> str | None:
    """The twelve letters of a typed code, look-alikes and case forgiven; None when the check symbol does not fit."""
    plain = "".join(c for c in text.upper().translate(_MISREAD) if c not in "- \t")
    if len(plain) != LENGTH + 1 or any(c not in ALPHABET for c in plain[:LENGTH]):
        return None
    number = 0
    for letter in plain[:LENGTH]:
        number = number * 32 + ALPHABET.index(letter)
    return plain[:LENGTH] if _CHECK[number % 37] == plain[LENGTH] else None


def hash_of(code: str) -> bytes:
    """What is kept of a code; `code` as shown or as typed. Raises ValueError when it cannot be a code."""
    plain = normal(code)
    if plain is None:
        raise ValueError("not a voucher code")
    return sha256(b"ganbo voucher " + plain.encode()).digest()


def hashes(text: str) -> list[bytes]:
    """What may be kept of a typed code: ganbo's own, and those of a shop's pattern; empty when it cannot be a code."""
    own = own_normal(text)
    return ([hash_of(text)] if normal(text) is not None else []) + ([own_hash(own)] if own is not None else [])


def own_normal(text: str) -> str | None:
    """The letters and digits of a code of the shop's own pattern, look-alikes and case forgiven; None when too short or long."""
    plain = "".join(c for c in text.upper().translate(_MISREAD) if c.isascii() and c.isalnum())
    return plain if 6 <= len(plain) <= 60 else None


def own_hash(plain: str) -> bytes:
    """What is kept of a code of the shop's own pattern; `plain` from own_normal."""
    return sha256(b"ganbo own code " + plain.encode()).digest()


def own_hash_of(code: str) -> bytes:
    """The same of a code as shown or as typed. Raises ValueError when it cannot be one."""
    plain = own_normal(code)
    if plain is None:
        raise ValueError("not a code of a pattern")
    return own_hash(plain)


def named(text: str) -> UUID | None:
    """The voucher of `voucher:<id>`, which stands for a member's voucher where its code is not shown."""
    found = _HIDDEN.fullmatch(text)
    return UUID(found[1]) if found else None


def hidden(voucher: UUID) -> str:
    """What stands in a stored text for the code of a voucher."""
    return f"voucher:{voucher}"


def shown_in(text: str, *, key: str) -> str:
    """A stored text with the codes in it again."""
    return _HIDDEN.sub(lambda found: code_of(UUID(found[1]), key=key), text)


@lru_cache(maxsize=8)
def _key(key: str) -> bytes:
    return sha256(b"ganbo voucher key " + key.encode()).digest()
