"""Starts the workers, kills one now and then, starts it again, and counts when all is answered."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gatehouse_sdk
from gatehouse_sdk._queue_store import QueueStore
from gatehouse_soak.lossy_gatehouse import LossyGatehouse

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many operations by how many processes, and how often one of them is killed."""

    operations: int
    processes: int
    seed: int
    kill_every_seconds: float
    patience_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The result; all but ``operations`` and ``seconds`` is what the server or the killer saw."""

    operations: int
    applied: int
    lost: int
    applied_twice: int
    left_in_queue: int
    dead_letters: int
    requests: int
    kills: int
    seconds: float
    faults: dict[str, int]

    @property
    def passed(self) -> bool:
        return not (self.lost or self.applied_twice or self.left_in_queue or self.dead_letters)


def soak(folder: Path, plan: Plan) -> Counted:
    """Run everything to its end and count."""
    path = folder / "queue.db"
    began = time.monotonic()
    with LossyGatehouse(plan.seed) as gatehouse:
        kills = _supervise(path, gatehouse.url, plan)
    ledger, store = gatehouse.ledger, QueueStore(path)
    names = {f"op-{number}" for number in range(plan.operations)}
    counted = Counted(
        operations=plan.operations,
        applied=len(ledger.applied),
        lost=len(names - set(ledger.applied)),
        applied_twice=sum(count > 1 for count in ledger.applied.values()),
        left_in_queue=len(store.waiting()),
        dead_letters=len(store.dead_letters()),
        requests=ledger.happened.total(),
        kills=kills,
        seconds=round(time.monotonic() - began, 1),
        faults=dict(sorted(ledger.happened.items())),
    )
    store.close()
    return counted


def _supervise(path: Path, url: str, plan: Plan) -> int:
    chance = random.Random(plan.seed)  # noqa: S311  # whom to kill
    deadline = time.monotonic() + plan.patience_seconds
    kills = 0

    def start(number: int) -> subprocess.Popen[bytes]:
        arguments = [str(path), url, str(number), str(plan.operations), str(plan.processes)]
        return subprocess.Popen(  # noqa: S603  # our own worker
            [sys.executable, "-m", "gatehouse_soak.worker", *arguments], env=_environment()
        )

    with _workers({number: start(number) for number in range(plan.processes)}) as workers:
        while alive := [n for n, worker in workers.items() if worker.poll() is None]:
            time.sleep(plan.kill_every_seconds * chance.uniform(0.5, 1.5))
            if time.monotonic() > deadline:
                break
            victim = chance.choice(alive)
            if workers[victim].poll() is None:
                workers[victim].kill()
                workers[victim].wait()
                kills += 1
                workers[victim] = start(victim)
        failed = [n for n, worker in workers.items() if worker.poll()]
    if failed:
        msg = f"workers {failed} failed by themselves"
        raise RuntimeError(msg)
    return kills


@contextmanager
def _workers(
    workers: dict[int, subprocess.Popen[bytes]],
) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """No worker outlives its supervisor."""
    try:
        yield workers
    finally:
        for worker in workers.values():
            if worker.poll() is None:
                worker.kill()
                worker.wait()


def _environment() -> dict[str, str]:
    source = Path(gatehouse_sdk.__file__).parents[1]
    return {"PYTHONPATH": os.pathsep.join(map(str, (HERE, source)))}
