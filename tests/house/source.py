"""The sources that the house tests read."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ganbo"


@cache
def modules() -> tuple[Path, ...]:
    """Every Python file of the package but migrations and tests."""
    found = (p for p in sorted(PACKAGE.rglob("*.py")) if not {"migrations", "tests"} & set(p.parts))
    return tuple(found)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """The path as it is written in messages: from the package on."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository: what git knows, or, in a copy without git, what lies there."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=30,
        )
        names = [name for name in done.stdout.decode().split("\0") if name]
        return tuple(ROOT / name for name in names if (ROOT / name).is_file())
    except (OSError, subprocess.CalledProcessError):
        left_out = {".git", ".venv", "node_modules", "var", "__pycache__"}
        return tuple(p for p in ROOT.rglob("*") if p.is_file() and not left_out & set(p.parts))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute or a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
