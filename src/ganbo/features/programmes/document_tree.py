"""Change parts of a programme's YAML and leave the rest as it was written: order, comments, quotes and numbers."""

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from ganbo.engine import text as text_

Path = tuple[str | int, ...]
_WIDE, _MANY = 160, 7  # mappings longer or with more keys are written as blocks


class _Plain(str):
    """A number, yes or no, day or nothing exactly as it was written."""

    tag: str


class _Constructor(RoundTripConstructor):
    """Plain scalars that are no text stay as written."""


def _construct(constructor: _Constructor, node: ScalarNode) -> _Plain:
    found = _Plain(node.value)
    found.tag = str(node.tag)
    return found


class _Representer(RoundTripRepresenter):
    """Writes them back."""


for _kind in ("int", "float", "bool", "null", "timestamp"):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct)
_Representer.add_representer(_Plain, lambda r, plain: r.represent_scalar(plain.tag, str(plain)))
_Representer.add_representer(
    Decimal, lambda r, number: r.represent_scalar("tag:yaml.org,2002:float", format(number, "f"))
)


class Tree:
    """A document to be changed by paths. Raises text.Unreadable when it cannot be read."""

    def __init__(self, source: str) -> None:
        self.value: Any = text_.Placed(source).value
        if not isinstance(self.value, dict):
            raise text_.Unreadable("document_not_a_mapping", 1, 1)
        self._yaml = _yaml(source)
        self._root: Any = self._yaml.load(source)

    def __str__(self) -> str:
        out = io.StringIO()
        self._yaml.dump(self._root, out)
        return out.getvalue()

    def merge(self, path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Make the mapping at `path` say `new` where it said `old`; keys in neither are left alone."""
        _merge(self._holder(path), old, new)

    def add(self, path: Path, value: Any) -> None:
        """Append to the list at `path`, or set a key of a mapping that is not there yet."""
        if isinstance(path[-1], int):
            self._list(path[:-1]).append(_node(value))
        else:
            self._holder(path[:-1])[path[-1]] = _node(value)

    def remove(self, path: Path) -> None:
        """Take an entry out; a list or mapping left empty goes too."""
        holder = _at(self._root, path[:-1])
        if isinstance(holder, CommentedSeq):
            holder.pop(path[-1])
        else:
            del holder[path[-1]]
        if not holder and len(path) > 1:
            self.remove(path[:-1])

    def move(self, path: Path, by: int) -> None:
        """Exchange an entry with its neighbour `by` places further; at the end nothing happens."""
        holder, key = _at(self._root, path[:-1]), path[-1]
        if isinstance(holder, CommentedSeq) and isinstance(key, int):
            if 0 <= key + by < len(holder):
                holder[key], holder[key + by] = holder[key + by], holder[key]
            return
        keys = list(holder)
        place = keys.index(key)
        if 0 <= place + by < len(keys):
            moved = holder.pop(key)
            holder.insert(place + by, key, moved)

    def _holder(self, path: Path) -> Any:
        """The mapping at a path; one that is missing is made."""
        at = self._root
        for n, part in enumerate(path):
            if isinstance(at, CommentedMap) and part not in at:
                at[part] = CommentedMap()
            at = at[part]
            if n == len(path) - 1 and not isinstance(at, CommentedMap):
                raise KeyError(path)
        return at

    def _list(self, path: Path) -> Any:
        at = self._holder(path[:-1])
        if path[-1] not in at:
            at[path[-1]] = CommentedSeq()
        return at[path[-1]]


def _at(root: Any, path: Path) -> Any:
    for part in path:
        root = root[part]
    return root


def _yaml(source: str) -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor, yaml.Representer = _Constructor, _Representer
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    flush = re.search(r"^[A-Za-z_]+:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*- ", source, re.MULTILINE)
    yaml.indent(mapping=2, sequence=2 if flush else 4, offset=0 if flush else 2)
    return yaml


def _merge(at: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key in old:
        if key not in new and key in at:
            del at[key]
    for key, wanted in new.items():
        before = old.get(key)
        if key in old and _same(before, wanted):
            continue
        if isinstance(wanted, Mapping) and isinstance(before, Mapping) and isinstance(at.get(key), CommentedMap):
            _merge(at[key], before, wanted)
        elif isinstance(wanted, list) and isinstance(before, list) and isinstance(at.get(key), CommentedSeq):
            _merge_list(at[key], before, wanted)
        else:
            at[key] = _node(wanted)


def _merge_list(at: Any, old: Sequence[Any], new: Sequence[Any]) -> None:
    """Entries by their place: changed ones in themselves, more at the end, fewer from the end."""
    for place, wanted in enumerate(new):
        if place >= len(old):
            at.append(_node(wanted))
        elif isinstance(wanted, Mapping) and isinstance(old[place], Mapping):
            _merge(at[place], old[place], wanted)
        elif not _same(old[place], wanted):
            at[place] = _node(wanted)
    for _ in range(len(old) - len(new)):
        at.pop()


def _same(a: Any, b: Any) -> bool:
    return bool(type(a) is type(b) and a == b) or (isinstance(a, int | Decimal) and isinstance(b, Decimal) and a == b)


def _node(value: Any) -> Any:
    """Plain values as nodes: short mappings and lists on one line, as people write them."""
    if isinstance(value, Mapping):
        made = CommentedMap((key, _node(inner)) for key, inner in value.items())
        if len(str(value)) < _WIDE and len(value) < _MANY:
            made.fa.set_flow_style()
        else:
            made.fa.set_block_style()
        return made
    if isinstance(value, list):
        listed = CommentedSeq(_node(inner) for inner in value)
        if len(str(value)) < _WIDE:
            listed.fa.set_flow_style()
        return listed
    return value
