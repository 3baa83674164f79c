"""One piece of advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ganbo.engine.text import Path

HIGH, MEDIUM, LOW = "high", "medium", "low"  # money may be lost; members are promised what does not come; untidy
SEVERITIES = (HIGH, MEDIUM, LOW)


class Found(NamedTuple):
    """What one check found, before it has its line."""

    code: str
    path: Path
    severity: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A stable code, the dotted path and its 1-based line, how grave, and what its sentences need."""

    code: str
    path: str
    line: int
    severity: str
    params: Mapping[str, Any] = field(default_factory=dict)
