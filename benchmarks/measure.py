"""CPU seconds of child processes and of calls, taken several times."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

REPEATS = 7


def cpu_of(code: str, path: Sequence[Path], env: Mapping[str, str] | None = None) -> float:
    """Median CPU milliseconds of a fresh interpreter that runs ``code`` and sees only ``path``.

    Raises:
        RuntimeError: the code failed; the message is its own.
    """
    return statistics.median(_once(code, path, env or {}) for _ in range(REPEATS))


def cpu_per_call(call: Callable[[], object], *, times: int, warm_up: int) -> float:
    """CPU milliseconds of this process for one call, over many."""
    for _ in range(warm_up):
        call()
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) * 1000 / times


def _once(code: str, path: Sequence[Path], env: Mapping[str, str]) -> float:
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        env={"PYTHONPATH": os.pathsep.join(map(str, path)), "PATH": os.defpath, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    after = os.times()
    used = after.children_user + after.children_system
    return (used - before.children_user - before.children_system) * 1000
