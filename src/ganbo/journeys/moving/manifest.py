"""What an export says of itself: whose it is, of which instant, and every file with its rows and SHA-256. Written last."""

import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import orjson

NAME = "manifest.json"
_FILE = re.compile(r"(?:programme/version-\d{4,}\.yaml|tables/[a-z]+(?:-[a-z]+)*\.jsonl|[a-z]+\.csv)")


class NotReadable(Exception):
    """The manifest is no manifest of an export."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export. `rows`: lines of JSON, or rows of a CSV below its heading; `columns`: of JSON lines."""

    name: str
    rows: int
    bytes: int
    sha256: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """An export as a whole.

    `business`: short name, name, locale, country, accent; `code_key`: the fingerprint of the key voucher codes follow
    from; `migrations`: the last one of each part of the tables; `waiting`: what was still to be told or sent.
    """

    format: int
    ganbo: str
    business: dict[str, str]
    currency: str | None
    timezone: str | None
    taken_at: str
    code_key: str
    migrations: dict[str, str]
    waiting: dict[str, int]
    left_out: dict[str, str]
    files: tuple[File, ...]

    def file(self, name: str) -> File | None:
        return next((file for file in self.files if file.name == name), None)

    @property
    def rows(self) -> dict[str, int]:
        """Lines by table."""
        return {PurePath(file.name).stem: file.rows for file in self.files if file.name.endswith(".jsonl")}


def written(manifest: Manifest) -> bytes:
    """As it stands in the folder."""
    return orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def format_of(text: bytes) -> int:
    """The format a manifest says it is of, whatever else it says. Raises NotReadable."""
    try:
        found = orjson.loads(text)["format"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as failure:
        raise NotReadable(str(failure)) from failure
    if type(found) is not int:
        raise NotReadable("format")
    return found


def read(text: bytes) -> Manifest:
    """A manifest of today's format. Raises NotReadable."""
    try:
        found: dict[str, Any] = orjson.loads(text)
        files = tuple(File(**(file | {"columns": tuple(file["columns"])})) for file in found.pop("files"))
        manifest = Manifest(files=files, **found)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as failure:
        raise NotReadable(str(failure)) from failure
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,40}", str(manifest.business.get("slug"))):
        raise NotReadable("business")
    if strange := [file.name for file in files if not _FILE.fullmatch(str(file.name))]:
        raise NotReadable(strange[0])
    return manifest


def fingerprint(key: str) -> str:
    """The same for the same key; says nothing of a key that was drawn."""
    return sha256(b"ganbo export code key " + key.encode()).hexdigest()[:32]
