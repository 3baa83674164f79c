"""What is wrong with a document: every reason with its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One thing that is wrong: a stable code, the dotted path, 1-based line and column, and what its sentence needs."""

    code: str
    path: str
    line: int
    column: int
    params: Mapping[str, Any] = field(default_factory=dict)


class DocumentRefused(Exception):
    """The document cannot be a programme; `errors` is never empty."""

    def __init__(self, errors: Iterable[DocumentError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{e.line}:{e.column} {e.code} {e.path}" for e in self.errors[:5]))
