"""Which of our modules a Python file needs, read from its imports without running it.

Imports inside functions count: heavy ones stand there so that a cold start does not pay for them.
Modules that are found by name at run time, as agents are, must be named by the caller.
"""

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path


def closure(root: Path, package: str, entry: Iterable[Path]) -> frozenset[Path]:
    """The entry files, and the files of ``package`` under ``root`` that they import.

    Raises:
        ModuleNotFoundError: a file imports a module of the package that does not exist.
    """
    files = set(entry)
    found = files | {parent for file in files for parent in _packages(root, file)}
    waiting = deque(found)
    seen: set[tuple[str, bool]] = set()
    while waiting:
        for name, is_module in set(_imported(root, waiting.popleft())) - seen:
            seen.add((name, is_module))
            if name.split(".")[0] == package:
                new = set(_files(root, name, is_module=is_module)) - found
                found |= new
                waiting.extend(new)
    return frozenset(found)


def _imported(root: Path, file: Path) -> Iterator[tuple[str, bool]]:
    """Dotted names that a file imports, and whether each must be a module."""
    for level, module, names in _imports(file.read_text(encoding="utf-8")):
        base = ".".join(part for part in (_package(root, file, level), module) if part)
        yield base, True
        # ``from a import b`` may mean the module a.b or a name inside a.
        yield from ((f"{base}.{name}", False) for name in names)


@cache
def _imports(source: str) -> tuple[tuple[int, str | None, tuple[str, ...]], ...]:
    """The import statements of a source: dots, module, names. Bundles share most of their files."""
    found: list[tuple[int, str | None, tuple[str, ...]]] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [(0, alias.name, ()) for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                found.append((level, module, tuple(alias.name for alias in names)))
    return tuple(found)


def _package(root: Path, file: Path, level: int) -> str | None:
    """What the dots of a relative import stand for; siblings outside the root are not ours."""
    if level == 0 or not file.is_relative_to(root):
        return None
    return ".".join(file.relative_to(root).parts[:-level])


def _files(root: Path, name: str, *, is_module: bool) -> Iterator[Path]:
    parts = name.split(".")
    path = root.joinpath(*parts)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file:
        yield file
    elif is_module and not path.is_dir():
        msg = f"there is no module {name!r} under {root}"
        raise ModuleNotFoundError(msg)
    yield from _packages(root, path)


def _packages(root: Path, path: Path) -> Iterator[Path]:
    """What Python runs before a module: the packages that it stands in."""
    for folder in path.parents:
        if root in folder.parents and (folder / "__init__.py").is_file():
            yield folder / "__init__.py"
