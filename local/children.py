"""Child processes that cannot outlive the runner, however the runner ends.

Each child holds the reading end of a pipe whose writing end belongs to the runner alone. When the
runner goes, by ``kill -9`` too, the kernel closes its end, the child reads end-of-file and leaves.
Linux's parent-death signal would be shorter, but it fires when the *thread* that started the child
ends, and workers are started from threads that come and go; nor has macOS anything like it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, current_thread, main_thread
from typing import IO, Any

_TETHERED = """
import os, runpy, sys, threading
def leave_with_the_runner(pipe=int(sys.argv[1])):
    os.read(pipe, 1)
    os._exit(0)
threading.Thread(target=leave_with_the_runner, daemon=True).start()
del sys.argv[:2]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""

STOP_SECONDS = 3.0
"""How long a child may take to end by itself before it is killed."""


@dataclass(frozen=True)
class Child:
    """A running Python module; its standard output and error arrive together in ``output``."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    tether: IO[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self) -> int:
        """Wait for the end; a signal is a negative exit code."""
        code = self.process.wait()
        self.tether.close()
        return code

    def stop(self) -> None:
        """Ask the child to end, then insist."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()


def start(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    options: Sequence[str] = (),
    cwd: Path | None = None,
) -> Child:
    """Run ``python [options] -m module arguments`` with this environment and no other.

    The child looks for modules in its working directory first, as with ``-m``. It stands in a
    session of its own: Ctrl-C in a terminal reaches the runner alone, which stops things in order.
    """
    reading, writing = os.pipe()
    tether = os.fdopen(writing, "wb")
    command = [sys.executable, *options, "-c", _TETHERED, str(reading), module, *arguments]
    try:
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(reading,),
            start_new_session=True,
        )
    except OSError:
        tether.close()
        raise
    finally:
        os.close(reading)
    if process.stdout is None:
        msg = "a child is always started with a pipe for its output"
        raise RuntimeError(msg)
    return Child(process, process.stdout, tether)


class Nursery:
    """The children of one runner, so that all can be stopped wherever its start has got to."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._lock = Lock()

    def start(
        self, module: str, *arguments: str, env: Mapping[str, str], cwd: Path | None = None
    ) -> Child:
        """Start a child that :meth:`stop` stops."""
        child = start(module, *arguments, env=env, cwd=cwd)
        with self._lock:
            self._children.append(child)
        return child

    def stop(self) -> None:
        """Stop every child, the youngest first."""
        with self._lock:
            children = [*reversed(self._children)]
            self._children.clear()
        for child in children:
            child.stop()


def interrupt_on_termination(undo: ExitStack) -> None:
    """Let SIGTERM mean what Ctrl-C means, so that a runner that is told to end stops in order."""
    if current_thread() is main_thread():
        before: Any = signal.signal(signal.SIGTERM, signal.default_int_handler)
        undo.callback(signal.signal, signal.SIGTERM, before)
