"""What a new part, a new document, and a part that was given no short id begin with."""

import re
from collections.abc import Mapping
from typing import Any

from ganbo.doors.console.editor import parts
from ganbo.doors.console.editor.parts import Kind
from ganbo.kernel.fold import fold

EMPTY = """\
ganbo: 1
programme: {id}
name: {name}
currency: {currency}
timezone: {zone}
wallets:
  points:
    name: {{vi: điểm, en: points}}
    expires: {{kind: end_of_month, months: 12}}
"""


def empty(name: str, *, currency: str, zone: str) -> str:
    """A document with one kind of points and nothing that earns them."""
    quoted = "'" + name.replace("'", "''") + "'"
    return EMPTY.format(id=_slug(name) or "programme", name=quoted, currency=currency, zone=zone)


def part(kind: Kind, like: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The answers a new part's form begins with."""
    wallets = [key for key, _ in parts.ids(document)["wallets"]] or ["points"]
    rewards = [key for key, _ in parts.ids(document)["rewards"]]
    if like == "welcome":
        return {"on": "signup", "give": {"wallet": wallets[0], "amount": 50}}
    found: dict[str, dict[str, Any]] = {
        "rule": {"on": "purchase", "give": {"wallet": wallets[0], "amount": 1, "per": 10000, "of": "net"}},
        "card": {"size": 10, "count": "unit"} | ({"reward": rewards[0]} if rewards else {}),
        "level": {"enter": {"spend": 5_000_000}} if parts.entries(kind, document) else {},
        "reward": {"kind": "free_item", "price": {"wallet": wallets[0], "amount": 100}},
        "wallet": {"expires": {"kind": "end_of_month", "months": 12}},
    }
    return found.get(kind.slug, {})


def named(kind: Kind, value: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """With a short id of its own: as typed, else made of its name."""
    if value.get("id"):
        return value
    taken = {str(one.get("id", "")) for _, one in parts.entries(kind, document)}
    return {"id": free_id(value, kind, taken), **value}


def free_id(value: Mapping[str, Any], kind: Kind, taken: set[str]) -> str:
    """gio-tra for “Giờ trà”; the kind's own word when there is no name; numbered when it is taken."""
    wanted = _slug(parts.name_of(value.get("name"), "vi")) or kind.slug
    n, found = 2, wanted
    while found in taken:
        found, n = f"{wanted[:36]}-{n}", n + 1
    return found


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-").lstrip("0123456789-")[:40].rstrip("-")
