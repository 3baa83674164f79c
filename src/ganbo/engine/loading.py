"""From text to a compiled programme, or every reason why not, with line and column."""

from typing import Any

from pydantic import ValidationError

from ganbo.engine import compiling, document
from ganbo.engine import text as text_
from ganbo.engine.document import ProgrammeDoc
from ganbo.engine.programme import Programme
from ganbo.engine.refusing import MOST_ERRORS, DocumentError, DocumentRefused
from ganbo.engine.text import Path, Placed

_BRANCHES = {"literal_error", "string_type", "int_type", "dict_type", "not_a_number"}


def load(source: str, *, publishing: bool = False) -> Programme:
    """Compile a programme document. Raises DocumentRefused.

    `publishing`: also refuse what members could not be told in words; versions published before that was asked still load.
    """
    try:
        placed = Placed(source)
    except text_.Unreadable as failure:
        params = {"detail": failure.detail}
        raise DocumentRefused([DocumentError(failure.code, "", failure.line, failure.column, params)]) from failure
    if not isinstance(placed.value, dict):
        raise DocumentRefused([DocumentError("document_not_a_mapping", "", 1, 1)])
    try:
        doc = ProgrammeDoc.model_validate(placed.value)
    except ValidationError as failure:
        raise DocumentRefused(_shape_errors(failure, placed)) from failure
    return compiling.Compiler(doc, placed, source, publishing=publishing).compile()


def _shape_errors(failure: ValidationError, placed: Placed) -> list[DocumentError]:
    found: dict[tuple[str, str], DocumentError] = {}
    for error in failure.errors(include_url=False):
        path = _written(error, placed)
        code, params = _code_of(error, path)
        line, column = placed.place(path)
        entry = DocumentError(code, ".".join(str(p) for p in path), line, column, params)
        found.setdefault((entry.path, entry.code), entry)
    kept = _without_echoes(list(found.values()))
    return sorted(kept, key=lambda e: (e.line, e.column))[:MOST_ERRORS]


def _written(error: Any, placed: Placed) -> Path:
    """Where it stands in the document: pydantic's place without the branches of its choices."""
    path: Path = ()
    loc = error["loc"]
    for n, part in enumerate(loc):
        if (*path, part) in placed.places or (error["type"] == "missing" and n == len(loc) - 1):
            path = (*path, part)
    return path


def _without_echoes(found: list[DocumentError]) -> list[DocumentError]:
    """What is wrong once: not what only follows from a part that comes later, nor each branch of a choice."""
    later = {e.path for e in found if e.code == "programme.not_yet"}
    holders = {path.rpartition(".")[0] for path in later}
    deeper = {e.path.rpartition(".")[0] for e in found}
    deeper |= {e.path for e in found if e.code not in {*_BRANCHES, "model_type"}}
    kept = []
    for e in found:
        follows = e.code != "programme.not_yet" and _about(e.path, later)
        missing = e.code == "missing" and e.path.rpartition(".")[0] in holders
        branch = e.code == "model_type" or (e.code in _BRANCHES and e.path in deeper)
        if not (follows or missing or branch):
            kept.append(e)
    return kept or found


def _about(path: str, later: set[str]) -> bool:
    """True when an error only repeats that its part comes later."""
    return any(path == known or path.startswith(known + ".") or known.startswith(path + ".") for known in later)


def _code_of(error: Any, path: Path) -> tuple[str, dict[str, Any]]:
    kind, key = error["type"], str(path[-1]) if path else ""
    context = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, str | int)}
    if kind == "extra_forbidden":
        place = _room(path[:-1])
        if key in document.LATER.get(place, frozenset()):
            return "programme.not_yet", {"key": key}
        return "unknown_key", {"key": key}
    if len(path) > 1 and path[-2] == "expect" and key in document.LATER["expect"]:
        return "programme.not_yet", {"key": key}
    value = error.get("input")
    if isinstance(value, str):
        for place, values in document.LATER_VALUES.items():
            if ".".join(str(p) for p in path if not isinstance(p, int)).endswith(place) and value in values:
                return "programme.not_yet", {"key": f"{key}: {value}"}
    if kind == "value_error":
        return str((error.get("ctx") or {}).get("error", "wrong")), {}
    return str(kind), context


def _room(path: Path) -> str:
    """The name of the kind of mapping that stands at `path`, as LATER knows it."""
    names = [p for p in path if isinstance(p, str)]
    if not names:
        return ""
    if names[0] == "wallets" and len(names) == 2:
        return "wallets"
    return names[-1]
