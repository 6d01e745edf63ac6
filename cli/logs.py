"""What the functions wrote, from the files of the local stack."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

POLL_SECONDS = 0.2


class NoLogs(Exception):
    """There is nothing to show; the message says why."""


def show(
    folder: Path, function: str | None, *, last: int, follow: bool, write: Callable[[str], None]
) -> None:
    """Print the last lines of the functions whose names hold the word, and perhaps go on."""
    files = _files(folder, function)
    lines = sorted(line for file in files for line in _lines(file))
    for line in lines[-last:]:
        write(readable(line))
    if follow:
        for line in _following(files):
            write(readable(line))


def readable(line: str) -> str:
    """A JSON log line as one short line of text; any other line as it is."""
    when, _, text = line.partition(" ")
    try:
        entry = json.loads(text)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "_aws" in entry:
        return f"{when[11:23]} {text}"
    told = {k: v for k, v in entry.items() if k not in {"level", "message", "timestamp", "service"}}
    rest = " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
    return f"{when[11:23]} {entry.get('level', ''):7} {entry.get('message', '')} {rest}"


def _files(folder: Path, function: str | None) -> list[Path]:
    every = sorted(folder.glob("*.log"))
    found = [file for file in every if not function or _plain(function) in _plain(file.stem)]
    if not found:
        known = (
            ", ".join(file.stem for file in every) or "none yet; start the stack with 'make run'"
        )
        msg = f"no log for {function or 'any function'}; there are: {known}"
        raise NoLogs(msg)
    return found


def _plain(name: str) -> str:
    """Agents are named in snake case, stacks with dashes, functions in camel case."""
    return "".join(filter(str.isalnum, name.lower()))


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()


def _following(files: list[Path]) -> Iterator[str]:
    seen = {file: file.stat().st_size for file in files}
    while True:
        for file, position in seen.items():
            with file.open(encoding="utf-8", errors="replace") as opened:
                opened.seek(position)
                yield from (line.rstrip("\n") for line in opened)
                seen[file] = opened.tell()
        time.sleep(POLL_SECONDS)
