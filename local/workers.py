"""Runs functions: keeps worker processes, starts them when first needed and replaces them.

A worker is replaced when it died, overran its time, or when its bundle changed on disk or the
functions' clock was moved.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Condition

from local.clock import MACHINE, Read, WorkerClock
from local.functions import Catalogue, Function, name_of
from local.invocation import Invocation, Reply, failure
from local.logs import Logs
from local.sandbox import Host, Sandbox


class Workers:
    """All functions of the stack."""

    def __init__(
        self, catalogue: Catalogue, host: Host, logs: Logs, *, environments: int = 1
    ) -> None:
        self._catalogue = catalogue
        self._clock = MACHINE
        self._pools = {
            name: Pool(name, host, logs, environments, lambda: self._clock)
            for name in catalogue.names
        }

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._pools)

    def invoke(self, call: Invocation) -> Reply:
        """Call the function that the invocation's ARN names."""
        name = name_of(call.arn)
        return self._pools[name].invoke(self._catalogue[name], call)

    def set_clock_ahead(self, ahead: timedelta) -> None:
        """From its next call on, every function believes it to be so much later.

        A call that is under way ends in the time in which it began, whose clock ticks on.
        """
        self._clock = WorkerClock(ahead)

    def pids(self, function: str) -> list[int]:
        """The worker processes of a function that are alive."""
        return self._pools[function].pids()

    def stop(self) -> None:
        for pool in self._pools.values():
            pool.stop()


class Pool:
    """The execution environments of one function.

    Deviation from AWS: concurrent calls get more environments there, up to the account's limit.
    Here there are as many as asked for, by default one, and further calls wait their turn.
    """

    def __init__(self, name: str, host: Host, logs: Logs, environments: int, clock: Read) -> None:
        self._name = name
        self._host = host
        self._clock = clock
        self._write = logs.writer(name)
        self._free = environments
        self._changed = Condition()
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []
        self._stopped = False

    def invoke(self, function: Function, call: Invocation) -> Reply:
        worker = self._acquire(function)
        if worker is None:
            return failure("Runtime.Stopped", f"{self._name} was called while stopping")
        try:
            return worker.sandbox.invoke(call)
        finally:
            self._release(worker)

    def pids(self) -> list[int]:
        with self._changed:
            workers = [*self._busy, *self._idle]
            return [worker.sandbox.pid for worker in workers if worker.sandbox.alive]

    def stop(self) -> None:
        """End every worker; calls that are under way get the error of a killed worker."""
        with self._changed:
            self._stopped = True
            workers = [*self._busy, *self._idle]
            self._changed.notify_all()
        for worker in workers:
            worker.sandbox.stop()

    def _acquire(self, function: Function) -> "Worker | None":
        """A worker of the function as it is now; None once the pool was stopped."""
        state = (function, fingerprint(function.bundle), self._clock())
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._stopped)
            if self._stopped:
                return None
            self._free -= 1
            worker = self._reuse(state) or self._start(state)
            self._busy.append(worker)
            return worker

    def _start(self, state: "State") -> "Worker":
        function, _, clock = state
        return Worker(Sandbox(function, self._host, self._write, clock), state)

    def _reuse(self, state: "State") -> "Worker | None":
        while self._idle:
            worker = self._idle.pop()
            if worker.sandbox.alive and worker.state == state:
                return worker
            worker.sandbox.stop()
        return None

    def _release(self, worker: "Worker") -> None:
        with self._changed:
            self._busy.remove(worker)
            if worker.sandbox.alive and not self._stopped:
                self._idle.append(worker)
            self._free += 1
            self._changed.notify()


State = tuple[Function, int, WorkerClock]
"""What a worker was started from: the function's settings, its bundle's fingerprint, the time."""


@dataclass(frozen=True)
class Worker:
    """A worker process and what it was started from."""

    sandbox: Sandbox
    state: State


def fingerprint(folder: Path) -> int:
    """A number that changes when anything in the folder does.

    Bundles have fixed modification times, so that they are reproducible; the time of the last
    change of a file's status cannot be set by anyone.
    """
    return hash(tuple((str(p), p.stat().st_ctime_ns) for p in sorted(folder.rglob("*"))))
