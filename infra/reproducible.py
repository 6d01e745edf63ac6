"""Folders that depend on nothing but their content: same files in, same folder out, always.

Names are sorted, modes and times fixed, and a folder is replaced in one step, so that a reader
never sees half of it and an unchanged asset keeps its hash.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

EPOCH = 315_532_800
"""1980-01-01 in UTC, the oldest time that a zip archive can hold."""


def write_tree(files: Mapping[str, bytes], out: Path) -> None:
    """Make ``out`` hold exactly these files, by path inside it."""
    if out.is_dir() and {name: path.read_bytes() for name, path in tree(out)} == files:
        return
    with replacing(out) as new:
        for name, content in sorted(files.items()):
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        normalize(new)


def normalize(folder: Path) -> None:
    """Give everything under a folder the same times and modes, whoever wrote it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))


def tree(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files under a folder in a fixed order, but for hidden ones and what Python compiled."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        skipped = any(part == "__pycache__" or part.startswith(".") for part in inside.parts)
        if path.is_file() and not skipped:
            yield inside.as_posix(), path


def digest(parts: Iterable[str | bytes]) -> str:
    """One hash over texts and files' contents, in which no two lists look the same."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of ``folder`` when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        new = work / "new"
        new.mkdir()
        yield new
        if folder.exists():
            folder.rename(work / "old")
        new.rename(folder)
    finally:
        shutil.rmtree(work)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time build into a folder; the others wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
