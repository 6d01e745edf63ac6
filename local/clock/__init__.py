"""The functions' clock, which may run ahead of this machine's.

What a month's end, an expired answer or a dead run's promise does is seen by waiting, or by workers
that believe it to be later. Such a worker starts under ``lambda_ahead`` beside this file, which
moves the process's clock before anything of the function is imported.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

RUNTIME = "awslambdaric"
FOLDER = Path(__file__).parent
"""What such a worker sees besides its bundle, its layers and the runtime."""


@dataclass(frozen=True, slots=True)
class WorkerClock:
    """This machine's time, and how much later it is for the functions."""

    ahead: timedelta = timedelta()

    def now(self) -> float:
        return time.time() + self.ahead.total_seconds()

    @property
    def entry(self) -> tuple[str, ...]:
        """The module that a worker runs, and its arguments before the handler."""
        if not self.ahead:
            return (RUNTIME,)
        return ("lambda_ahead", str(self.ahead.total_seconds()), str(_time_machine()))

    @property
    def path(self) -> tuple[Path, ...]:
        return (FOLDER,) if self.ahead else ()


MACHINE = WorkerClock()
Read = Callable[[], WorkerClock]


def _time_machine() -> Path:
    """The folder from which a worker can import the package that moves clocks."""
    found = find_spec("time_machine")
    if found is None or found.origin is None:
        msg = "the functions' clock is moved by time-machine: install the development packages"
        raise ModuleNotFoundError(msg)
    return Path(found.origin).parents[1]
