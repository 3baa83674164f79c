"""Collect the sentences of every room into its catalogue and compile it; with --check only say what is missing.

Each Django application with a `locale` folder keeps its own; English msgids are the source, Vietnamese must be complete.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_with
from babel.messages.extract import extract_python

ROOT = Path(__file__).resolve().parent.parent / "src" / "ganbo"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": None,
    "text": (2,),
    "N_": (1,),
}
MADE = datetime(2026, 11, 25, tzinfo=UTC)  # always the same, so that a catalogue changes only with its words
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def rooms() -> Iterator[Path]:
    """Applications: folders with an apps.py."""
    for apps in sorted(ROOT.rglob("apps.py")):
        yield apps.parent


def sentences(room: Path) -> set[str | tuple[str, str]]:
    """Every msgid of a room's Python and templates."""
    found: set[str | tuple[str, str]] = set()
    inner = [other for other in rooms() if other != room and room in other.parents]
    for path in sorted([*room.rglob("*.py"), *room.rglob("*.html"), *room.rglob("*.txt")]):
        if "tests" in path.parts or "migrations" in path.parts or any(other in path.parents for other in inner):
            continue
        found |= set(_of_file(path))
    return found


def _of_file(path: Path) -> Iterator[str | tuple[str, str]]:
    source = path.read_bytes()
    if path.suffix in {".html", ".txt"}:
        from django.utils.translation.template import templatize

        shown = templatize(source.decode(), origin=str(path))
        source = "\n".join(line.strip() for line in shown.splitlines()).encode()
    for _line, message, _comments, _context in extract_with(
        extract_python, io.BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        if isinstance(message, tuple):
            yield message[0], message[1]
        elif message:
            yield message


def read(room: Path) -> Catalog:
    """The room's Vietnamese catalogue; empty when there is none."""
    path = room / "locale" / "vi" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale="vi", domain="django", charset="utf-8")
    with path.open("rb") as file:
        return pofile.read_po(file, locale="vi", domain="django")


def compiled(catalog: Catalog) -> bytes:
    """The bytes of the .mo file."""
    buffer = io.BytesIO()
    mofile.write_mo(buffer, catalog)
    return buffer.getvalue()


def problems(room: Path) -> Iterator[str]:
    """What is missing, fuzzy, mismatched or stale in a room."""
    catalog = read(room)
    name = room.relative_to(ROOT)
    for wanted in sorted(sentences(room), key=str):
        message = catalog.get(wanted if isinstance(wanted, str) else wanted[0])
        if message is None or not message.string or (isinstance(message.string, tuple) and not all(message.string)):
            yield f"{name}: no Vietnamese for {wanted!r}"
        elif message.fuzzy:
            yield f"{name}: unsure Vietnamese for {wanted!r}"
        elif not _same_placeholders(message.id, message.string):
            yield f"{name}: other placeholders in the Vietnamese of {wanted!r}"
    mo = room / "locale" / "vi" / "LC_MESSAGES" / "django.mo"
    if len(catalog) and (not mo.exists() or mo.read_bytes() != compiled(catalog)):
        yield f"{name}: the compiled catalogue is stale; run make messages"


def _same_placeholders(msgid: str | tuple[str, ...], string: str | tuple[str, ...]) -> bool:
    wanted = set(PLACEHOLDER.findall(msgid if isinstance(msgid, str) else msgid[-1]))
    texts = [string] if isinstance(string, str) else list(string)
    return all(set(PLACEHOLDER.findall(text)) <= wanted for text in texts) and any(
        set(PLACEHOLDER.findall(text)) == wanted for text in texts
    )


def disagreements() -> Iterator[str]:
    """Msgids with one Vietnamese in one room and another elsewhere: Django merges the catalogues, so one would win."""
    known: dict[object, tuple[Path, object]] = {}
    for room in rooms():
        for message in read(room):
            if not message.id:
                continue
            other, string = known.setdefault(message.id, (room, message.string))
            if string != message.string:
                yield f"{room.relative_to(ROOT)} and {other.relative_to(ROOT)}: two translations of {message.id!r}"


def renew(room: Path) -> None:
    """Add new msgids, drop unused ones, compile."""
    wanted, catalog = sentences(room), read(room)
    fresh = Catalog(locale="vi", domain="django", charset="utf-8", fuzzy=False, creation_date=MADE)
    for msgid in sorted(wanted, key=str):
        known = catalog.get(msgid if isinstance(msgid, str) else msgid[0])
        fresh.add(msgid, known.string if known else None)
    if not wanted and not len(catalog):
        return
    folder = room / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "django.po").open("wb") as file:
        pofile.write_po(file, fresh, width=120, omit_header=False, include_lineno=False)
    (folder / "django.mo").write_bytes(compiled(read(room)))


def main() -> int:
    """0 when all is complete."""
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    if "--check" not in sys.argv:
        for room in rooms():
            renew(room)
    found = [*(problem for room in rooms() for problem in problems(room)), *disagreements()]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
