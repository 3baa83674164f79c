"""What of a draft can be told: its document without the parts that are wrong, so that the others keep their sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ganbo.engine import loading
from ganbo.engine.loading import DocumentRefused
from ganbo.engine.programme import Programme
from ganbo.features.programmes.document_tree import Path

_LISTS: tuple[Path, ...] = (
    ("earn",),
    ("stamp_cards",),
    ("challenges",),
    ("rewards",),
    ("offers",),
    ("tiers", "levels"),
)
_FRAME = {"ganbo": 1, "programme": "draft", "name": "–", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh"}
_TRIES = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A programme that compiles, and where the document's entries stand in its lists."""

    programme: Programme
    places: Mapping[Path, int]


def tell(document: Mapping[str, Any]) -> Told | None:
    """The most of a document that compiles; None when too much of it is wrong."""
    gone: set[Path] = {("examples",)}
    for _ in range(_TRIES):
        kept, places = _without(document, gone)
        try:
            return Told(loading.load(json.dumps(kept, default=_number)), places)
        except DocumentRefused as failure:
            written = {(*path[:-1], place): path for path, place in places.items()}
            more = {_entry(_path(e.path), written) for e in failure.errors} - gone - {()}
            if not more:
                return None
            gone |= more
    return None


def _without(document: Mapping[str, Any], gone: set[Path]) -> tuple[dict[str, Any], dict[Path, int]]:
    """The document less what is gone, and the new place of each entry of a list."""
    kept = {**_FRAME, **{key: value for key, value in document.items() if (key,) not in gone}}
    if isinstance(kept.get("tiers"), dict):
        kept["tiers"] = dict(kept["tiers"])
    places: dict[Path, int] = {}
    for path in _LISTS:
        holder = kept if len(path) == 1 else kept.get(path[0])
        if not isinstance(holder, dict) or not isinstance(holder.get(path[-1]), list):
            continue
        left = [n for n in range(len(holder[path[-1]])) if (*path, n) not in gone]
        places |= {(*path, n): place for place, n in enumerate(left)}
        holder[path[-1]] = [holder[path[-1]][n] for n in left]
    if isinstance(kept.get("wallets"), dict):
        kept["wallets"] = {key: one for key, one in kept["wallets"].items() if ("wallets", key) not in gone}
    return kept, places


def _path(dotted: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split(".") if part)


def _entry(path: Path, written: Mapping[Path, Path]) -> Path:
    """The entry of the document that an error is in, by its place there."""
    for holder in _LISTS:
        if path[: len(holder)] == holder and len(path) > len(holder):
            found = path[: len(holder) + 1]
            return written.get(found, found)
    return path[:2] if path[:1] == ("wallets",) else path[:1]


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value))
