"""JSON as the contract wants it: UTF-8, no duplicate keys, no NaN, numbers exact; and the hash of a body."""

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from ganbo.kernel.refusal import Refusal

MOST_BYTES = 64 * 1024
_DEEPEST = 20


class Unreadable(Refusal):
    """The body is not JSON that can be read; the parameter `reason` says where it went wrong."""

    code = "json.unreadable"


class DuplicateKey(Refusal):
    """An object names the same key twice; keep one."""

    code = "json.duplicate_key"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKey(key=key[:80])
            seen.add(key)
    return found


def _constant(name: str) -> Any:
    raise Unreadable(reason=f"{name} is not a JSON number")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=Decimal, parse_constant=_constant)


def loads(body: bytes) -> Any:
    """The value of `body`; fractions become Decimal. Raises Unreadable or DuplicateKey."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise Unreadable(reason="the body is not UTF-8") from failure
    if "\\u0000" in text:
        raise Unreadable(reason="texts must not contain the NUL character")
    if text.count("[") + text.count("{") > _DEEPEST and not _nested_little(body) and _too_deep(text):
        raise Unreadable(reason=f"nested deeper than {_DEEPEST}")
    try:
        found, end = _decoder.raw_decode(text, _start(text))
    except (json.JSONDecodeError, RecursionError, ValueError) as failure:
        raise Unreadable(reason=str(failure)[:200]) from failure
    if text[end:].strip(" \t\r\n"):
        raise Unreadable(reason=f"something follows the value at character {end}")
    return found


def _start(text: str) -> int:
    return len(text) - len(text.lstrip(" \t\r\n"))


_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(sorted(set(range(256)) - set(b"[]{}")))


def _nested_little(body: bytes) -> bool:
    """True when the brackets close again within _DEEPEST levels, found by removing innermost pairs; False: look closer."""
    brackets = body.translate(_BRACKETS, _OTHERS)
    for _ in range(_DEEPEST):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _too_deep(text: str) -> bool:
    """Depth by brackets, also those inside texts: a cheap upper bound that only guards the parser."""
    depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            if depth > 200:
                return True
        elif character in "]}":
            depth -= 1
    return False


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return {"decimal": str(value.normalize())}
    raise TypeError(type(value).__name__)


def digest(value: Any) -> bytes:
    """SHA-256 of the value with sorted keys: spacing, key order and transport do not matter. Raises Unreadable."""
    try:
        return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_exact)).digest()
    except (TypeError, orjson.JSONEncodeError) as failure:
        if "64-bit" in str(failure):
            return sha256(json.dumps(value, sort_keys=True, default=_exact).encode("utf-8", "replace")).digest()
        raise Unreadable(reason="texts must be valid Unicode") from failure


def dumps(value: Any) -> str:
    """Compact JSON in the given key order."""
    return orjson.dumps(value).decode()


def _plain_number(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def stored(value: Any) -> str:
    """Compact JSON for keeping; an exact decimal is kept as text."""
    return orjson.dumps(value, default=_plain_number).decode()
