"""What functions print: one file per function, and whoever else wants to see the lines.

On AWS these lines go to the function's log group. Files are easier to read and survive the runner.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

Listener = Callable[[str, str], None]
"""Gets a function's name and one line."""
Write = Callable[[str], None]


def nobody(function: str, line: str) -> None:
    """Listens to nothing."""


class Logs:
    """Appends lines to ``<folder>/<function>.log``; each run of the stack begins with none."""

    def __init__(self, folder: Path, listener: Listener = nobody) -> None:
        self._folder = folder
        self._listener = listener
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.log"):
            old.unlink()

    def path(self, function: str) -> Path:
        return self._folder / f"{function}.log"

    def writer(self, function: str) -> Write:
        """A function that takes the lines of one function."""
        path = self.path(function)

        def write(line: str) -> None:
            with self._lock, path.open("a", encoding="utf-8") as file:
                file.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")
            self._listener(function, line)

        return write
