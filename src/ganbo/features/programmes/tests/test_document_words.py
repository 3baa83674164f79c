"""Every reason for refusing a document has its sentence."""

import ast
from pathlib import Path

from ganbo import engine
from ganbo.features.programmes import document_words

ENGINE = Path(engine.__file__).parent
READ = [*ENGINE.glob("document/*.py"), *(ENGINE / f"{n}.py" for n in ("references", "compiling", "loading", "conditions", "text"))]  # fmt: skip
RAISING = {"ValueError", "error", "BadCondition", "Unreadable", "DocumentError"}


def _codes() -> set[str]:
    found = set()
    for path in READ:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                place = 0 if name in RAISING else 2 if name == "_known" else None
                if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    found.add(node.args[place].value)
    return found


def test_every_code_has_a_sentence() -> None:
    assert len(_codes()) > 60
    assert sorted(_codes() - set(document_words._SENTENCES)) == []
