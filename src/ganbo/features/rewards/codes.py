"""Voucher codes: twelve letters and digits without look-alikes, and a thirteenth that checks them.

60 bits of an HMAC over the voucher's id: the code can be shown to its holder again without being stored, and who steals
the database learns none of them. Only a SHA-256 of the code is kept, to look it up.
"""

import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

import orjson

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
LENGTH = 12
_HIDDEN = re.compile(r"voucher:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_POOLED = re.compile(r'"pool:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(voucher: UUID, *, key: str) -> str:
    """The code of a voucher: XXXX-XXXX-XXXX-C, C the check letter."""
    letters = _letters(_number(voucher.bytes, key))
    return "-".join((letters[:4], letters[4:8], letters[8:], _check(letters)))


def hash_by_id(voucher: bytes, *, key: str) -> bytes:
    """hash_of(code_of(…)) of the voucher with this id, without the way over the code: a batch has a million."""
    return _hash(_letters(_number(voucher, key)))


def _number(voucher: bytes, key: str) -> int:
    return int.from_bytes(hmac.digest(_key(key), voucher, "sha256")[:8], "big") >> 4


_TRIPLES = [a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET]


_DOUBLED = [(value << 1) ^ (0b100101 if value & 16 else 0) for value in range(32)]  # times x in GF(32), x^5 = x^2 + 1


def _check(letters: str) -> str:
    """One more letter that finds every single wrong letter and every two that changed places: a polynomial over GF(32)."""
    value = 0
    for letter in letters:
        value = _DOUBLED[value ^ ALPHABET.index(letter)]
    return ALPHABET[value]


def _letters(number: int) -> str:
    """Sixty bits as twelve letters, three at a time."""
    of = _TRIPLES
    return of[number >> 45] + of[number >> 30 & 32767] + of[number >> 15 & 32767] + of[number & 32767]


def _hash(plain: str) -> bytes:
    return sha256(b"ganbo voucher " + plain.encode()).digest()


def normal(text: str) -> str | None:
    """The twelve letters of a typed code, look-alikes and case forgiven; None when the check letter does not fit."""
    plain = "".join(c for c in text.upper().translate(_MISREAD) if c not in "- \t")
    if len(plain) != LENGTH + 1 or any(c not in ALPHABET for c in plain[:LENGTH]):
        return None
    return plain[:LENGTH] if _check(plain[:LENGTH]) == plain[LENGTH] else None


def hash_of(code: str) -> bytes:
    """What is kept of a code; `code` as shown or as typed. Raises ValueError when it cannot be a code."""
    plain = normal(code)
    if plain is None:
        raise ValueError("not a voucher code")
    return _hash(plain)


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


def pooled(voucher: UUID) -> str:
    """What stands in a stored JSON text for the somebody else's code of a voucher."""
    return f"pool:{voucher}"


def pooled_in(text: str) -> list[UUID]:
    """The vouchers whose codes of others a stored JSON text shows."""
    return [UUID(found) for found in _POOLED.findall(text)]


def shown_in(text: str, *, key: str, pool: Mapping[UUID, str]) -> str:
    """A stored JSON text with the codes in it again; `pool` holds those of others by voucher."""
    own = _HIDDEN.sub(lambda found: code_of(UUID(found[1]), key=key), text)
    return _POOLED.sub(lambda found: orjson.dumps(pool.get(UUID(found[1]), "")).decode(), own)


@lru_cache(maxsize=8)
def _key(key: str) -> bytes:
    return sha256(b"ganbo voucher key " + key.encode()).digest()
