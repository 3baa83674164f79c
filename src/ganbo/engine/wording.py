"""A condition as clauses that have standard sentences; what cannot be put into words must bring a sentence of its own.

A clause is a nested tuple:

- ("all" | "any", (clause, …))
- ("compare", name, op, literal), op one of == != >= <= > <
- ("in" | "not_in", name, (literal, …)) for `name in [..]`
- ("has" | "has_not", list name, (literal, …)) for `list.exists(x, x == ..)` and `".." in list`
- ("tier_at_least" | "tier_below", level)
- ("true" | "false", event.key)

`not` is carried inwards, so it never stands in what comes out.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ganbo.engine.conditions import EVENT, LINE

Clause = tuple[Any, ...]
LISTS = ("member.segments", "line.labels")
NAMED = frozenset({*EVENT, *LINE} - {"event", "table", "member.traits", *LISTS})
_TOKEN = re.compile(
    r"\s*(?:(?P<op>&&|\|\||==|!=|>=|<=|[<>!()\[\],])|(?P<number>-?\d+(?![\w.]))|(?P<text>\"[^\"\\]*\"|'[^'\\]*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*))"
)
_COMPARES = ("==", "!=", ">=", "<=", ">", "<")
_NOT = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", ">": "<=", "<=": ">"}
_TURNED = {"==": "==", "!=": "!=", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_OPPOSITE = {
    "all": "any", "any": "all", "in": "not_in", "not_in": "in", "has": "has_not", "has_not": "has",
    "tier_at_least": "tier_below", "tier_below": "tier_at_least", "true": "false", "false": "true",
}  # fmt: skip


class _Unsaid(Exception):
    """There is no standard sentence for this."""


@lru_cache(maxsize=4096)
def clause(source: str) -> Clause | None:
    """The clauses of a condition that compiles, or None when it has no standard sentence."""
    try:
        return _Reader(source).whole()
    except _Unsaid:
        return None


def parts(source: str) -> tuple[Clause, ...] | None:
    """What must hold together, one clause each; None when it cannot be said."""
    found = clause(source)
    if found is None:
        return None
    return tuple(found[1]) if found[0] == "all" else (found,)


_FORMULA = re.compile(r"[A-Za-z0-9_.\[\]\s*/()]+")


def formula_words(source: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """What a formula multiplies and divides: (keys of the event, tables it looks in); None for anything else."""
    names = re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", source)
    if not _FORMULA.fullmatch(source) or any(not n.startswith(("event.", "table.")) for n in names):
        return None
    keys = tuple(dict.fromkeys(n.split(".")[1] for n in names if n.startswith("event.")))
    tables = tuple(dict.fromkeys(n.split(".")[1] for n in names if n.startswith("table.")))
    return (keys, tables) if keys else None


def opposite(of: Clause) -> Clause:
    """The clause that holds when `of` does not."""
    if of[0] == "compare":
        return ("compare", of[1], _NOT[of[2]], of[3])
    if of[0] in ("all", "any"):
        return (_OPPOSITE[of[0]], tuple(opposite(part) for part in of[1]))
    return (_OPPOSITE[of[0]], *of[1:])


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, source: str) -> None:
        self.tokens = list(_tokens(source))
        self.at = 0

    def whole(self) -> Clause:
        found = self._either()
        if self.at != len(self.tokens):
            raise _Unsaid
        return found

    def _peek(self) -> tuple[str, Any]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", None)

    def _take(self, kind: str, value: Any = None) -> Any:
        found = self._peek()
        if found[0] != kind or (value is not None and found[1] != value):
            raise _Unsaid
        self.at += 1
        return found[1]

    def _is(self, value: str) -> bool:
        if self._peek() == ("op", value):
            self.at += 1
            return True
        return False

    def _either(self) -> Clause:
        found = [self._both()]
        while self._is("||"):
            found.append(self._both())
        return found[0] if len(found) == 1 else ("any", tuple(_flat("any", found)))

    def _both(self) -> Clause:
        found = [self._one()]
        while self._is("&&"):
            found.append(self._one())
        return found[0] if len(found) == 1 else ("all", tuple(_flat("all", found)))

    def _one(self) -> Clause:
        if self._is("!"):
            return opposite(self._one())
        if self._is("("):
            inside = self._either()
            self._take("op", ")")
            return inside
        if self._peek()[0] == "literal":
            return self._literal_first()
        name = self._take("name")
        if name == "tier_at_least":
            self._take("op", "(")
            level = self._take("literal")
            self._take("op", ")")
            return ("tier_at_least", level)
        if name.endswith(".exists") and name.removesuffix(".exists") in LISTS:
            return self._exists(name.removesuffix(".exists"))
        return self._about(name)

    def _literal_first(self) -> Clause:
        """`"x" in list`, or a comparison written the other way round."""
        literal = self._take("literal")
        kind, value = self._peek()
        if (kind, value) == ("name", "in"):
            self.at += 1
            listed = self._take("name")
            if listed not in LISTS:
                raise _Unsaid
            return ("has", listed, (literal,))
        if kind != "op" or value not in _COMPARES:
            raise _Unsaid
        self.at += 1
        return ("compare", _known(self._take("name")), _TURNED[value], literal)

    def _about(self, name: str) -> Clause:
        kind, value = self._peek()
        if kind == "op" and value in _COMPARES:
            self.at += 1
            literal = self._take("literal")
            if (
                name.startswith("event.")
                and literal in (True, False)
                and type(literal) is bool
                and value in ("==", "!=")
            ):
                return ("true" if literal is (value == "==") else "false", _known(name))
            return ("compare", _known(name), value, literal)
        if (kind, value) == ("name", "in"):
            self.at += 1
            return ("in", _known(name), self._list())
        if re.fullmatch(r"event\.[a-z_][a-z0-9_]*", name):
            return ("true", name)
        raise _Unsaid

    def _exists(self, listed: str) -> Clause:
        """`(l, l == "x" || l == "y")` or `(l, l in [..])`."""
        self._take("op", "(")
        variable = self._take("name")
        self._take("op", ",")
        found: list[Any] = []
        while True:
            self._take("name", variable)
            if self._is("=="):
                found.append(self._take("literal"))
            else:
                self._take("name", "in")
                found += self._list()
            if not self._is("||"):
                break
        self._take("op", ")")
        return ("has", listed, tuple(found))

    def _list(self) -> tuple[Any, ...]:
        self._take("op", "[")
        found = [self._take("literal")]
        while self._is(","):
            found.append(self._take("literal"))
        self._take("op", "]")
        return tuple(found)


def _known(name: str) -> str:
    if name in NAMED or re.fullmatch(r"event\.[a-z_][a-z0-9_]*", name):
        return name
    raise _Unsaid


def _flat(kind: str, found: list[Clause]) -> Iterator[Clause]:
    for part in found:
        if part[0] == kind:
            yield from part[1]
        else:
            yield part


def _tokens(source: str) -> Iterator[tuple[str, Any]]:
    at, end = 0, len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if not found:
            raise _Unsaid
        at = found.end()
        if found["op"]:
            yield "op", found["op"]
        elif found["number"]:
            yield "literal", int(found["number"])
        elif found["text"]:
            yield "literal", found["text"][1:-1]
        elif found["name"] in ("true", "false"):
            yield "literal", found["name"] == "true"
        else:
            yield "name", found["name"]
