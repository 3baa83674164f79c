"""YAML 1.2 (core schema) or JSON into plain values, with the line and column of every part.

`on`, `off`, `yes`, `no` are words; there are no timestamps and no sexagesimals; numbers are exact. Duplicate keys,
anchors and aliases are refused.
"""

import re
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LONGEST = 256 * 1024  # characters
_DEEPEST = 20

Path = tuple[str | int, ...]
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")


class Unreadable(ValueError):
    """The text is not such a document: a code, where (1-based), and what is wrong."""

    def __init__(self, code: str, line: int, column: int, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code, self.line, self.column, self.detail = code, line, column, detail


class Placed:
    """A plain value and where each of its parts stands."""

    def __init__(self, source: str) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self._values: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()
        node = _compose(source)
        if node is None:
            raise Unreadable("document_empty", 1, 1)
        self.value = self._plain(node, (), 0)

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a part, or of the nearest part around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def value_place(self, path: Path) -> tuple[int, int]:
        """Line and column where the text of a scalar begins, after its quote."""
        return self._values.get(path, self.place(path))

    def _plain(self, node: Node, path: Path, depth: int) -> Any:
        mark = node.start_mark
        here = (mark.line + 1, mark.column + 1)
        self.places.setdefault(path, here)
        if id(node) in self._seen or getattr(node, "anchor", None):
            raise Unreadable("document_alias", *here)
        self._seen.add(id(node))
        if depth > _DEEPEST:
            raise Unreadable("document_too_deep", *here)
        if not _plain_tag(node):
            raise Unreadable("document_tag", here[0], here[1], str(node.tag))
        if isinstance(node, ScalarNode):
            self._values[path] = (here[0], here[1] + (1 if node.style in ("'", '"') else 0))
            return _scalar(node)
        if isinstance(node, SequenceNode):
            return [self._plain(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self._mapping(node, path, depth)

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, ScalarNode):
                raise Unreadable("document_key", line, column)
            key = str(key_node.value)
            if key in found:
                raise Unreadable("document_duplicate_key", line, column, key)
            self.places[(*path, key)] = (line, column)
            found[key] = self._plain(value_node, (*path, key), depth + 1)
        return found


def _compose(source: str) -> Node | None:
    if len(source) > LONGEST:
        raise Unreadable("document_too_long", 1, 1, str(LONGEST))
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(source)
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        detail = str(failure.problem or failure.context or "")
        raise Unreadable("document_syntax", line, column, detail) from failure
    except (YAMLError, RecursionError, ValueError, AttributeError) as failure:
        raise Unreadable("document_syntax", 1, 1, str(failure)[:200]) from failure
    return node


def _plain_tag(node: Node) -> bool:
    """No tag was written: ruamel gives every node a core tag, and keeps a written one as it stands."""
    return str(node.tag).startswith("tag:yaml.org,2002:")


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style is not None:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _HEX.fullmatch(text):
        return int(text, 0)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
