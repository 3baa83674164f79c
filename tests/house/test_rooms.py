"""Who may do what: the books have one writer, transactions one floor, clock and chance one address."""

import ast
import re
from pathlib import Path

from tests.house import source

WRITERS = {"books/ledger/writing.py", "books/ledger/opening.py"}
# file: why it may read the clock or draw chance although it is not in foundation
CLOCK = {
    "doors/cli/environment.py": "makes the installation's secret before anything of ganbo is set up",
    "doors/cli/business.py": "makes the owner's first password",
    "doors/cli/demo.py": "makes the demo's passwords",
}

_CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep",
    "timezone.now", "uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1", "os.urandom",
}  # fmt: skip
_CHANCE = {"random", "secrets"}
_LEDGER_SQL = re.compile(
    r'\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY)\s+(ONLY\s+)?("?[\w{}.]+"?\.)?"?ledger_', re.IGNORECASE
)
_LEDGER_MODELS = re.compile(
    r"\b(Transfer|Lot|Account|Hold|HoldEnd|PendingPoints)\.objects\.(?:\w+\(.*?\)\.)*(create|bulk_create|update|bulk_update|delete"
    r"|get_or_create|update_or_create)\("
)


def test_every_package_says_what_it_is_for() -> None:
    packages = [p for p in source.modules() if p.name == "__init__.py" and p.parent.name != "templatetags"]
    assert [source.name(p) for p in packages if not ast.get_docstring(source.tree(p))] == []


def _texts(path: Path) -> list[str]:
    """Every string of a file, f-strings with {} where values stand."""
    found = []
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def test_only_the_posting_module_writes_the_books() -> None:
    by_sql = {source.name(p) for p in source.modules() if any(_LEDGER_SQL.search(text) for text in _texts(p))}
    by_model = {source.name(p) for p in source.modules() if _LEDGER_MODELS.search(p.read_text(encoding="utf-8"))}
    # the bench's limit is a function that writes the same rows, as a measure; it is no way into the books
    assert by_sql - {"doors/cli/bench/limits.py"} == WRITERS
    assert by_model == set()
    as_they_stood = {
        source.name(p) for p in source.modules() if any("json_populate_recordset(" in t for t in _texts(p))
    }
    assert as_they_stood == {"journeys/moving/bringing.py"}, "a whole business into an empty one, and then verified"
    importers = {source.name(p) for p in source.modules() if "ledger import writing" in p.read_text(encoding="utf-8")}
    assert importers == {"books/ledger/posting.py"}, "its SQL is for the one who plans"


def _calls_atomic(path: Path) -> bool:
    return any(
        source.dotted(node).endswith("transaction.atomic")
        or (isinstance(node, ast.ImportFrom) and node.module == "django.db.transaction")
        for node in ast.walk(source.tree(path))
    )


def test_transactions_begin_in_journeys() -> None:
    found = {source.name(p) for p in source.modules() if _calls_atomic(p)}
    assert {name for name in found if not name.startswith("journeys/")} == set()


def _clock_or_chance(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Call) and source.dotted(node.func) in _CLOCKS:
            found.add(f"{source.name(path)}:{node.lineno} {source.dotted(node.func)}")
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        found |= {f"{source.name(path)}:{node.lineno} {name}" for name in modules if name in _CHANCE}
    return found


def test_clock_and_chance_are_read_in_foundation_only() -> None:
    found = {
        place
        for path in source.modules()
        if not source.name(path).startswith("foundation/") and source.name(path) not in CLOCK
        for place in _clock_or_chance(path)
    }
    assert found == set()


def test_exceptions_are_few_and_alive() -> None:
    assert len(CLOCK) <= 5
    assert [name for name in CLOCK if not _clock_or_chance(source.PACKAGE / name)] == []
