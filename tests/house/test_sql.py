"""SQL that also runs when a business's schema is a distributed one (Citus): the rules of architecture.md, Tenancy."""

import ast
import re

import pytest

from tests.house import source

# what is not allowed: why
FORBIDDEN = {
    r"\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?TRIGGER\b": "triggers do not run on distributed tables",
    r"\bMERGE\s+INTO\b": "MERGE FROM VALUES is not distributed",
    r"\bVALUES\s*\(\s*\(\s*SELECT\b": "INSERT … VALUES ((SELECT …)) is not distributed",
    r"\bset_config\s*\(": "SET LOCAL, not set_config",
    r"\bSET\s+[^;]*=\s*(now|clock_timestamp|statement_timestamp|random|gen_random_uuid)\s*\(": "pass time and chance in",
    r"\bSET\s+[^;]*=\s*CURRENT_(TIMESTAMP|DATE|TIME)\b": "pass the time in",
}
# file: why one of the rules does not concern it
EXCEPT: dict[str, str] = {}


def _strings() -> list[tuple[str, str]]:
    """Every text in the package's code and migrations that looks like SQL."""
    found = []
    for path in sorted(source.PACKAGE.rglob("*.py")):
        if "tests" in path.parts or path.parts[-2] == "bench":
            continue
        for node in ast.walk(source.tree(path)):
            text = ""
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            if re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|MERGE|SET)\b", text):
                found.append((f"{source.name(path)}:{getattr(node, 'lineno', 0)}", text))
    return found


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=[reason.replace(" ", "-") for reason in FORBIDDEN.values()])
def test_sql_can_be_distributed(pattern: str) -> None:
    found = [place for place, text in _strings() if re.search(pattern, text, re.IGNORECASE)]
    assert [place for place in found if place.partition(":")[0] not in EXCEPT] == [], FORBIDDEN[pattern]


def test_foreign_keys_into_public_are_few() -> None:
    """From a business's schema to `public` only where the target could be a reference table: today nowhere."""
    from django.apps import apps
    from django.conf import settings

    shared = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    crossing = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label not in shared
        for field in model._meta.get_fields()
        if field.is_relation and getattr(field, "related_model", None) and field.concrete
        if field.related_model._meta.app_label in shared
    ]
    assert crossing == []
