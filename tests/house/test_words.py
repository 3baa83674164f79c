"""Names that say nothing are shunned; nothing in the repository knows the machine it was written on."""

import re

from tests.house import source

SHUNNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "services", "handler",
           "handlers", "processor", "data", "info"}  # fmt: skip
# an absolute path of somebody's machine, or the address of a registry's mirror
_MACHINE = re.compile(r"(?<![\w.:/$}\])~-])/(?:work|home|Users|root)/[A-Za-z]")
_REGISTRY = re.compile(
    r"--(?:extra-)?index-url\s+\S*://|index-url\s*=|\"resolved\":\s*\"|registry\.npmjs|files\.pythonhosted|pypi\.org/simple"
    r"|(?:nexus|artifactory|devpi)[.\w-]*/",
    re.IGNORECASE,
)
_READ = {".py", ".md", ".toml", ".lock", ".json", ".yaml", ".yml", ".sh", ".cfg", ".ini", ".txt", ".html", ".css", ""}
_LONGEST = 2_000_000


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in source.tracked():
        name = path.relative_to(source.ROOT).as_posix()
        if path.suffix not in _READ or path.stat().st_size > _LONGEST or name == "tests/house/test_words.py":
            continue
        try:
            found.append((name, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = {source.name(p) for p in source.modules() if p.stem in SHUNNED or SHUNNED & set(p.parts[-2:-1])}
    assert named == set()


def test_no_file_knows_a_machine_or_a_registry() -> None:
    found = []
    for name, text in _texts():
        for number, line in enumerate(text.splitlines(), 1):
            if _MACHINE.search(line) or _REGISTRY.search(line):
                found.append(f"{name}:{number} {line.strip()[:100]}")
    assert found == []
