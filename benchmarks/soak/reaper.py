"""Kills workers at random moments: those of the local stack, and no other process."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Self

from local.workers import Workers


class Reaper:
    """A context in which workers die; it can be entered again."""

    def __init__(self, workers: Workers, chance: random.Random, every_seconds: float) -> None:
        self.kills = 0
        self._workers = workers
        self._chance = chance
        self._every_seconds = every_seconds

    def __enter__(self) -> Self:
        self._stopped = Event()
        self._threads = ThreadPoolExecutor(1)
        self._killing = self._threads.submit(self._run)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._threads.shutdown()
        self._killing.result()

    def strike(self) -> None:
        """Kill one worker of any function, if there is one."""
        names = self._workers.names
        pids = [pid for name in names for pid in self._workers.pids(name)]
        if pids:
            with suppress(ProcessLookupError):  # it may have ended by itself just now
                os.kill(self._chance.choice(pids), signal.SIGKILL)
                self.kills += 1

    def _run(self) -> None:
        while not self._stopped.wait(self._every_seconds * self._chance.uniform(0.5, 1.5)):
            self.strike()
