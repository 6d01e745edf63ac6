# ruff: noqa: INP001 — a script beside the package, not a part of it
"""Writes the API reference from the package's docstrings: ``python reference.py``.

It reads the source and runs none of it. A test fails when ``REFERENCE.md`` is not what this writes.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE / "src" / "gatehouse_sdk"
PUBLIC = ("__init__", "queue", "context", "flags", "httpx", "opentelemetry", "openfeature")
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def reference() -> str:
    """The whole reference as Markdown."""
    parts = ["# Reference", "Written by `reference.py` from the docstrings; do not edit."]
    for module in PUBLIC:
        tree = _parsed(PACKAGE / f"{module}.py")
        name = "gatehouse_sdk" if module == "__init__" else f"gatehouse_sdk.{module}"
        parts += [f"## `{name}`", _doc(tree)]
        for exported in _exported(tree):
            parts += _entry(_defined(tree, exported))
    return "\n\n".join(part for part in parts if part) + "\n"


def _exported(tree: ast.Module) -> list[str]:
    """``__all__``, else what is defined here and does not begin with an underscore."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return [n.name for n in tree.body if isinstance(n, Definition) and not n.name.startswith("_")]


def _defined(tree: ast.Module, name: str) -> Definition:
    """Where a name is defined, following its imports through the package."""
    for node in ast.walk(tree):
        if isinstance(node, Definition) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return _defined(_parsed(PACKAGE / f"{str(node.module).rpartition('.')[2]}.py"), name)
    msg = f"{name} is exported, but not defined"
    raise LookupError(msg)


def _entry(node: Definition) -> Iterator[str]:
    if not isinstance(node, ast.ClassDef):
        yield f"### `{node.name}{_signature(node)}`"
        yield _doc(node)
        return
    named = [f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords]
    bases = ", ".join([*(ast.unparse(base) for base in node.bases), *named])
    yield f"### class `{node.name}`" + (f" ({bases})" if bases else "")
    yield _doc(node)
    yield _fields(node)
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            shown = method.name == "__init__" or not method.name.startswith("_")
            if shown and (text := _method(node, method)):
                yield text


def _method(owner: ast.ClassDef, method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    name = owner.name if method.name == "__init__" else method.name
    decorators = {ast.unparse(decorator) for decorator in method.decorator_list}
    sign = f"`{name}`" if "property" in decorators else f"`{name}{_signature(method)}`"
    coroutine = "async " if isinstance(method, ast.AsyncFunctionDef) else ""
    text = _doc(method).replace("\n", "\n  ")
    return f"* {coroutine}{sign}" + (f"  \n  {text}" if text else "")


def _fields(node: ast.ClassDef) -> str:
    """The fields of a dataclass, with their defaults."""
    if not any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
        return ""
    fields = [ast.unparse(field) for field in node.body if isinstance(field, ast.AnnAssign)]
    return "\n".join(f"* `{field}`" for field in fields)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    arguments = re.sub(r"^self(, )?", "", ast.unparse(node.args))
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({arguments}){'' if node.name == '__init__' else gives}"


def _doc(node: ast.Module | Definition) -> str:
    """A docstring as Markdown: what is indented or an example becomes code."""
    text = (ast.get_docstring(node) or "").replace("``", "`").replace("  # doctest: +SKIP", "")
    text = re.sub(r"^(Args|Attributes|Raises|Example):\n", r"**\1**\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^ {4}(\w[\w, ]*): ", r"* `\1`: ", text, flags=re.MULTILINE)
    return re.sub(r"^ {8}(?=\S)", "  ", text, flags=re.MULTILINE)


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    (HERE / "REFERENCE.md").write_text(reference(), encoding="utf-8")
