"""What exists stands in the reference, and what stands in the reference exists."""

import ast
import re
import tomllib

import pytest

from tests.house import source

DOCS = source.ROOT / "docs"
_READERS = {"_text", "_flag", "_number", "_choice"}


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _settings() -> set[str]:
    """The names given to the typed readers of settings.py."""
    return {
        f"GANBO_{node.args[0].value}"
        for node in ast.walk(source.tree(source.PACKAGE / "settings.py"))
        if isinstance(node, ast.Call) and source.dotted(node.func) in _READERS
        if node.args and isinstance(node.args[0], ast.Constant)
    }


def test_every_setting_is_documented_and_only_those() -> None:
    documented = set(re.findall(r"^\| `(GANBO_[A-Z_]+)` \|", _page("reference/settings.md"), re.MULTILINE))
    assert documented == _settings()


def _commands() -> dict[str, set[str]]:
    import typer.main

    from ganbo.doors.cli.main import app

    found: dict[str, set[str]] = {}

    def walk(command: object, name: str) -> None:
        children = getattr(command, "commands", None)
        if children:
            for child, inner in children.items():
                walk(inner, f"{name} {child}")
            return
        options = {o for p in command.params for o in p.opts if o.startswith("--")}  # type: ignore[attr-defined]
        found[name] = options - {"--help"}

    walk(typer.main.get_command(app), "ganbo")
    return found


def test_every_command_and_option_is_documented() -> None:
    lines = _page("reference/cli.md").splitlines()
    missing = []
    for command, options in _commands().items():
        rows = [line for line in lines if re.match(rf"\| `{re.escape(command)}[ `]", line)]
        if not rows:
            missing.append(command)
        missing += [f"{command} {option}" for option in sorted(options) if rows and f"`{option}" not in rows[0]]
    assert missing == []


def _refusal_codes() -> set[str]:
    """`code = "…"` of every subclass of Refusal in the source."""
    found = set()
    for path in source.modules():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.ClassDef) and any("Refus" in ast.unparse(base) for base in node.bases):
                found |= {
                    statement.value.value
                    for statement in node.body
                    if isinstance(statement, ast.Assign)
                    and ast.unparse(statement.targets[0]) == "code"
                    and isinstance(statement.value, ast.Constant)
                }
    return found


def test_every_refusal_is_documented_with_its_status() -> None:
    from ganbo.doors.api.problems import FIELDS, PROBLEMS

    page = _page("reference/refusals.md")
    statuses = dict(re.findall(r"^\| `([\w.]+)` \| (\d{3}) \|", page, re.MULTILINE))
    assert statuses == {code: str(status) for code, (status, _, _) in PROBLEMS.items()}
    codes = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE))
    assert (_refusal_codes() | set(FIELDS)) - codes == set()


def test_sentences_of_the_reference_are_those_of_the_code() -> None:
    from ganbo.doors.api.problems import FIELDS, PROBLEMS
    from ganbo.features.programmes.document_words import _SENTENCES

    page = _page("reference/refusals.md")
    sentences = [sentence for _, _, sentence in PROBLEMS.values()] + [*FIELDS.values(), *_SENTENCES.values()]
    plain = [sentence.replace("%(", "{").replace(")s", "}") for sentence in sentences]
    assert [sentence for sentence in plain if sentence not in page] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    names = {re.split(r"[\[<>=~! ]", line)[0] for line in wanted}
    listed = set(re.findall(r"^\| `([\w.-]+)`", _page("explanation/dependencies.md"), re.MULTILINE))
    assert listed == names


def test_every_key_of_the_programme_is_documented() -> None:
    from scripts import reference

    page = _page("reference/programme.md")
    assert reference.filled(page) == page, "run: make reference"
    assert set(reference.shapes()) == set(reference.STANDS)
    assert {name for _, name, _ in reference.MARK.findall(page)} - {"later"} == set(reference.shapes())
    silent = [
        f"{name}.{key}"
        for name, shape in reference.shapes().items()
        for key, meaning, example in reference.keys(shape)
        if not (meaning.endswith(".") and example.startswith("{"))
    ]
    assert silent == [], "say under the key what it means, then an empty line, then an example"


def test_every_example_of_the_programme_page_can_be_loaded() -> None:
    from ganbo.engine import loading
    from ganbo.engine.text import Placed
    from scripts import reference

    for place, example, whole in reference.documents():
        assert place.rpartition(".")[2] in Placed(example).value, place
        try:
            loading.load(whole)
        except loading.DocumentRefused as refused:
            pytest.fail(f"{place}: {refused}")


def test_every_field_of_an_export_is_documented() -> None:
    from scripts import export_reference

    page = _page("reference/export.md")
    assert export_reference.filled(page) == page, "run: make reference"
    assert export_reference.silent() == [], "say it beside the field in its model, or in scripts/export_reference.py"


def test_every_api_call_is_documented() -> None:
    import orjson

    page = _page("reference/api.md")
    described = orjson.loads((DOCS / "reference" / "openapi.json").read_bytes())
    calls = [
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in described["paths"].items()
        for method in methods
    ]
    assert [call for call in calls if f"`{call}`" not in page] == []


@pytest.mark.parametrize("name", ["README.md", "README.vi.md", "GLOSSARY.md", "docs"])
def test_links_lead_somewhere(name: str) -> None:
    at = source.ROOT / name
    broken = []
    for page in sorted(at.rglob("*.md")) if at.is_dir() else [at]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(source.ROOT)}: {target}")
    assert broken == []


def test_the_documents_of_the_programme_page_can_be_published() -> None:
    from ganbo.journeys import publish_programme

    found = re.findall(r"^```yaml\n(.*?)^```$", _page("reference/programme.md"), re.MULTILINE | re.DOTALL)
    assert [len(publish_programme.check(text).rules) for text in found] == [3]


def test_the_event_of_the_api_page_can_be_read() -> None:
    import orjson

    from ganbo.books.events import reading

    text = re.search(r"^```json\n(\{\"id\".*?)^```$", _page("reference/api.md"), re.MULTILINE | re.DOTALL)
    assert text is not None
    assert reading.read(orjson.loads(text[1]), region="VN").id == "pos-7:000123"


def test_every_decision_is_in_the_index_and_has_its_four_parts() -> None:
    index = _page("README.md")
    for page in sorted((DOCS / "decisions").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert f"decisions/{page.name}" in index, page.name
        assert [
            part for part in ("Situation", "Choice", "What we gave up", "When to look again") if part not in text
        ] == []


def test_the_glossary_says_each_word_once() -> None:
    words = re.findall(r"^\| ([^|]+?) \|", (source.ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = [word for word in words if word not in ("term", "---")]
    assert len(words) == len(set(words)) >= 60
