"""Small by habit: files, functions and lists of parameters have a greatest size."""

import ast

from tests.house import source

MOST_LINES = 500
MOST_FUNCTION_LINES = 60
MOST_POSITIONAL = 5


def _functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (f"{source.name(path)}:{node.lineno} {node.name}", node)
        for path in source.modules()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_a_file_has_at_most_500_lines() -> None:
    sizes = {source.name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in source.modules()}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    sizes = {name: (node.end_lineno or node.lineno) - node.lineno + 1 for name, node in _functions()}
    assert {name: size for name, size in sizes.items() if size > MOST_FUNCTION_LINES} == {}


def _is_command_or_operation(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """The parameters of a command or an API operation are its options: callers name them, nobody counts them."""
    annotated = [arg for arg in node.args.args if arg.annotation is not None]
    options = [
        arg for arg in annotated if ast.unparse(arg.annotation or arg).startswith(("Annotated[", "Data", "Json"))
    ]
    operation = any("api." in ast.unparse(decorator) for decorator in node.decorator_list)
    return operation or len(options) > MOST_POSITIONAL - 1


def test_a_function_takes_at_most_five_positional_parameters() -> None:
    counts = {}
    for name, node in _functions():
        given = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
        if len(given) > MOST_POSITIONAL and not _is_command_or_operation(node):
            counts[name] = len(given)
    assert counts == {}
