"""A condition as rows (what, how, value) and back. What no row can say stays a row of its own, as it was written."""

import re
from collections.abc import Sequence

from ganbo.engine.conditions import EVENT, INT, LINE, STRING, parts

WRITTEN = "written"  # the row that holds CEL
OPERATORS = ("==", "!=", ">=", ">", "<=", "<")
EVENT_NAMES = tuple(name for name, kind in EVENT.items() if kind in (INT, STRING))
LINE_NAMES = tuple(name for name, kind in LINE.items() if kind in (INT, STRING))
WHOLE = {name for name, kind in {**EVENT, **LINE}.items() if kind == INT}

Row = tuple[str, str, str]  # (name or WRITTEN, operator, value or CEL)


def rows(source: str, *, lines: bool) -> list[Row]:
    """The rows that say a condition; always all of it."""
    known = LINE_NAMES if lines else EVENT_NAMES
    return [
        (part.name, part.op, str(part.want)) if part.name in known else _plain(part.text, known)
        for part in parts(source)
        if part.text
    ]


def _plain(text: str, known: Sequence[str]) -> Row:
    """A comparison with a single word, which may be a slip of the hand; else as it was written."""
    found = re.fullmatch(r"([a-z_.]+) (==|!=|>=|>|<=|<) ([^\s()\"']+)", text)
    if found and found[1] in known and found[1] in WHOLE:
        return found[1], found[2], found[3]
    return WRITTEN, "==", text


def source(given: Sequence[Row], before: str, *, lines: bool) -> str:
    """The condition the rows say; as it was written before when they still say the same."""
    kept = [(name, op, _whole(value) if name in WHOLE else value.strip()) for name, op, value in given if value.strip()]
    if before and kept == rows(before, lines=lines):
        return before
    alone = len(kept) == 1
    return " && ".join(_part(*row, alone=alone) for row in kept)


def _part(name: str, op: str, value: str, *, alone: bool) -> str:
    if name == WRITTEN:
        return value if alone or _closed(value) else f"({value})"
    if name in WHOLE:
        return f"{name} {op} {value}"
    quoted = value.replace("\\", "").replace('"', "")
    return f'{name} {op} "{quoted}"'


def _whole(value: str) -> str:
    """50.000 ₫ is 50000; what is no number stays, to be refused by name."""
    digits = re.sub(r"[.,\s\u00a0₫]", "", value)
    return digits if re.fullmatch(r"-?[0-9]+", digits) else value.strip()


def _closed(value: str) -> bool:
    """Whether CEL can stand beside `&&` as it is: it has no alternatives, or one bracket around all of it."""
    if "||" not in value and "?" not in value:
        return True
    depth = 0
    for n, sign in enumerate(re.sub(r"\"[^\"]*\"|'[^']*'", lambda quoted: "_" * len(quoted[0]), value)):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and n < len(value) - 1:
            return False
    return value.endswith(")")
