"""Conditions in CEL: typed when the document is loaded, cheap when an event is judged, explained when they fail.

Budget: cel-expr-python stops an evaluation after 10,000 iterations of its own accord ("Iteration budget exceeded"), but
loops over list literals nested in each other can burn 80 ms before that. So a condition is held short (LONGEST) with at most
MOST_LOOPS loop; the lists it can loop over have at most 50 entries; `matches` is RE2, linear. What runs out does not hold.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cel_expr_python import cel

LONGEST = 500  # characters; a longer condition is two rules
MOST_LOOPS = 1  # exists/all/map/filter: not nested, so that work stays linear in a list of bounded length

INT, STRING, STRINGS = cel.Type.INT, cel.Type.STRING, cel.Type.List(cel.Type.STRING)
_MEMBER = {
    "member.tier": STRING,
    "member.age_days": INT,
    "member.purchases": INT,
    "member.spend": INT,
    "member.visits": INT,
    "member.days_since_purchase": INT,
    "member.segments": STRINGS,
    "member.traits": cel.Type.Map(STRING, cel.Type.DYN),
}
_ORDER = {f"order.{name}": INT for name in ("gross", "net", "shipping", "discount", "paid_with_points", "quantity")}
TABLE = "table"
_PLACE = {"local.date": STRING, "local.weekday": STRING, "local.hour": INT, "store": STRING, "channel": STRING}
EVENT = {
    **_MEMBER,
    **_ORDER,
    **_PLACE,
    "event": cel.Type.Map(STRING, cel.Type.DYN),
    TABLE: cel.Type.Map(STRING, cel.Type.Map(STRING, INT)),
}
LINE = {
    "line.sku": STRING,
    "line.category": STRING,
    "line.quantity": INT,
    "line.weight": INT,
    "line.unit_price": INT,
    "line.net": INT,
    "line.labels": STRINGS,
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_COMPARABLE = frozenset(name for name, kind in {**EVENT, **LINE}.items() if kind in (INT, STRING))
_environments: dict[str, Any] = {
    "event": cel.NewEnv(variables=EVENT),
    "line": cel.NewEnv(variables=LINE),
}

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_LOOPS = re.compile(r"\.(exists|exists_one|all|map|filter)\s*\(")
_PLACE_IN_SOURCE = re.compile(r"<input>:(\d+):(\d+): (.*)")
_SIMPLE = re.compile(
    r"^(?P<name>[a-z_]+(?:\.[a-z_0-9]+)*)\s*(?P<op>==|!=|>=|<=|>|<)\s*"
    r"(?:(?P<number>-?\d+)|\"(?P<double>[^\"\\]*)\"|'(?P<single>[^'\\]*)')$"
)


class BadCondition(ValueError):
    """A condition that does not compile: code, 1-based line and column within it, and what CEL says."""

    def __init__(self, code: str, line: int, column: int, detail: str) -> None:
        super().__init__(detail)
        self.code, self.line, self.column, self.detail = code, line, column, detail


Comparison = tuple[str, Callable[[Any, Any], bool], int | str]  # variable, operator, literal


@dataclass(frozen=True, slots=True)
class Part:
    """One `&&` part of a condition; `name` is empty when it is not a simple comparison."""

    text: str
    name: str
    op: str
    want: int | str | bool


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled whole number, with the variables it reads."""

    source: str
    names: frozenset[str]
    keys: tuple[str, ...]
    _compiled: Any

    def value(self, activation: Any) -> int | None:
        """The number, or None when it could not be told."""
        try:
            found = self._compiled.eval(activation).value()
        except RuntimeError:
            return None
        return found if type(found) is int else None


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition with the variables it reads and its parts for the why-not."""

    source: str
    names: frozenset[str]
    keys: tuple[str, ...]  # event.<key> it reads
    parts: tuple[Part, ...]
    plain: tuple[tuple[Comparison, ...], ...]  # alternatives of comparisons that Python can make itself; may be empty
    needed: tuple[Comparison, ...]  # comparisons without which it cannot hold
    unnamed: bool  # no part compares a variable with a value
    _compiled: Any

    def holds(self, activation: Any) -> bool | None:
        """True, False, or None when it could not be told (a key is missing, a type does not fit)."""
        try:
            value = self._compiled.eval(activation).value()
        except RuntimeError:  # the iteration budget
            return None
        return value if value is True or value is False else None


def compile_condition(source: str, scope: str, *, tiers: Sequence[str] = ()) -> Condition:
    """A condition over an event or a line; `tiers` are the levels, lowest first, for tier_at_least. Raises BadCondition."""
    compiled, names, keys = _compile(_with_tiers(source, tiers), scope)
    kind = compiled.return_type()
    if kind not in (cel.Type.BOOL, cel.Type.DYN):
        raise BadCondition("condition_not_yes_or_no", 1, 1, str(kind.name()))
    parts = tuple(_parts(source))
    unnamed = not any(part.name for part in parts)
    plain = _alternatives(source)
    needed = () if plain or "?" in source else _comparisons(parts)  # ?: binds less than &&
    return Condition(source, names, keys, parts, plain, needed, unnamed, compiled)


def compile_formula(source: str) -> Formula:
    """A whole number from an event. Raises BadCondition."""
    compiled, names, keys = _compile(source, "event")
    kind = compiled.return_type()
    if kind not in (cel.Type.INT, cel.Type.DYN):
        raise BadCondition("formula_not_a_number", 1, 1, str(kind.name()))
    return Formula(source, names, keys, compiled)


def _compile(source: str, scope: str) -> tuple[Any, frozenset[str], tuple[str, ...]]:
    """What CEL made of it, the variables it reads and the keys of the event among them."""
    if len(source) > LONGEST:
        raise BadCondition("condition_too_long", 1, 1, str(LONGEST))
    bare = _STRINGS.sub(lambda m: '"' + "_" * (len(m.group()) - 2) + '"', source)
    if len(_LOOPS.findall(bare)) > MOST_LOOPS:
        raise BadCondition("condition_too_heavy", 1, 1, str(MOST_LOOPS))
    try:
        compiled = _environments[scope].compile(source)
    except RuntimeError as failure:
        raise _bad(str(failure)) from failure
    known = EVENT if scope == "event" else LINE
    names = _NAMES.findall(bare)
    if "event" in names:
        raise BadCondition("condition_event_key", 1, bare.index("event") + 1, "event")
    used = {name for name in known for seen in names if seen == name or seen.startswith(name + ".")}
    keys = {seen.split(".")[1] for seen in names if seen.startswith("event.")}
    return compiled, frozenset(used), tuple(sorted(keys))


_AT_LEAST = re.compile(r"""tier_at_least\(\s*(?:"([a-z0-9_-]+)"|'([a-z0-9_-]+)')\s*\)""")


def _with_tiers(source: str, tiers: Sequence[str]) -> str:
    """`tier_at_least("silver")` as a list of levels."""

    def listed(found: re.Match[str]) -> str:
        tier = found[1] or found[2]
        if tier not in tiers:
            raise BadCondition("unknown_tier", 1, found.start() + 1, tier)
        above = ", ".join(f'"{name}"' for name in tiers[list(tiers).index(tier) :])
        return f"(member.tier in [{above}])"

    return _AT_LEAST.sub(listed, source)


def _alternatives(source: str) -> tuple[tuple[Comparison, ...], ...]:
    """The condition as alternatives of comparisons, when every part of it compares a typed variable with a literal; else ().

    CEL has checked the types, and for whole numbers and texts both compare alike (a property test holds them to it);
    it saves building an activation and 1.5 µs a condition.
    """
    found = []
    for text in _split(source, "||"):
        parts = _parts(text)
        comparisons = _comparisons(parts)
        if len(comparisons) != len(parts):
            return ()
        found.append(comparisons)
    return tuple(found)


def _comparisons(parts: Sequence[Part]) -> tuple[Comparison, ...]:
    """The parts that compare a typed variable with a literal."""
    return tuple((part.name, _OPERATORS[part.op], part.want) for part in parts if part.name in _COMPARABLE)


def plainly(values: Mapping[str, Any], comparisons: Sequence[Comparison]) -> bool:
    """Whether all comparisons hold; one whose variable is not there does not."""
    for name, compare, want in comparisons:
        if name not in values or not compare(values[name], want):
            return False
    return True


def either(values: Mapping[str, Any], alternatives: Sequence[Sequence[Comparison]]) -> bool:
    """Whether all comparisons of one alternative hold."""
    for comparisons in alternatives:
        if plainly(values, comparisons):
            return True
    return False


def holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    """Whether an event's condition certainly holds for these values; for one judgement, not for many."""
    if condition.plain:
        return either(values, condition.plain)
    return condition.holds(activation(values, "event")) is True


def activation(values: Mapping[str, Any], scope: str) -> Any:
    """Values by variable name, ready for many conditions."""
    return _environments[scope].Activation(values)


def _bad(message: str) -> BadCondition:
    found = _PLACE_IN_SOURCE.search(message)
    if not found:
        return BadCondition("condition_wrong", 1, 1, message.splitlines()[0][:200])
    detail = found[3].split(" [INVALID")[0][:200]
    code = "condition_unknown_name" if "undeclared reference" in detail else "condition_wrong"
    return BadCondition(code, int(found[1]), int(found[2]), detail)


def parts(source: str) -> tuple[Part, ...]:
    """The `&&` parts of a condition, compiled or not; one part when it has alternatives."""
    return tuple(_parts(source))


def _parts(source: str) -> list[Part]:
    """The operands of top-level `&&`; the whole source when there is a top-level `||`."""
    whole = len(_split(source, "||")) > 1
    return [_part(text) for text in ([source.strip()] if whole else _split(source, "&&"))]


def _split(source: str, by: str) -> list[str]:
    """The operands of a top-level `&&` or `||`."""
    texts, depth, start, at, quote = [], 0, 0, 0, ""
    while at < len(source):
        c = source[at]
        if quote:
            if c == "\\":
                at += 1
            elif c == quote:
                quote = ""
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif depth == 0 and source.startswith(by, at):
            texts.append(source[start:at].strip())
            start = at = at + 2
            continue
        at += 1
    return [*texts, source[start:].strip()]


def _part(text: str) -> Part:
    found = _SIMPLE.match(text)
    if found:
        quoted = found["double"] if found["double"] is not None else found["single"]
        want: int | str = int(found["number"]) if found["number"] is not None else quoted
        return Part(text, found["name"], found["op"], want)
    if re.fullmatch(r"event\.[a-z_][a-z0-9_]*", text):
        return Part(text, text, "==", True)
    return Part(text, "", "", "")


def failing(condition: Condition, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts that do not hold, with what was wanted and what there is; parts that cannot be told are named."""
    if condition.unnamed:
        return [{"text": part.text} for part in condition.parts]
    found: list[dict[str, Any]] = []
    for part in condition.parts:
        if not part.name:
            found.append({"text": part.text})
            continue
        known, have = _value(part.name, values)
        if not known:
            found.append({"key": part.name})
        elif not _compare(have, part.op, part.want):
            found.append({"name": part.name, "op": part.op, "want": part.want, "have": _plain(have)})
    told = [entry for entry in found if "text" not in entry]
    return told or found


def _value(name: str, values: Mapping[str, Any]) -> tuple[bool, Any]:
    if name in values:
        return True, values[name]
    holder, _, key = name.rpartition(".")
    held = values.get(holder)
    if isinstance(held, Mapping) and key in held:
        return True, held[key]
    return False, None


def _compare(have: Any, op: str, want: Any) -> bool:
    if type(have) is not type(want):
        return op == "!="
    return bool(_OPERATORS[op](have, want))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
