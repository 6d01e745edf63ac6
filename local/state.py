"""The state folder: who runs here, where to find it, and that nobody else does.

``stack.json`` is for other processes: the command line reads it to find the running stack.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from local import files

FOLDER = Path(os.environ.get("GATEHOUSE_STATE") or Path(__file__).parent.parent / ".gatehouse")
STACK_FILE = "stack.json"
LOCK_FILE = "lock"


class AlreadyRunning(Exception):
    """Another runner uses this state folder."""


class Running(BaseModel):
    """What another process must know of a running stack."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pid: int
    region: str
    gateway_url: str
    """With the stage: ``{gateway_url}/v1/agents`` is a route."""
    aws_url: str
    """The endpoint that plays AWS."""
    lambda_url: str
    """The endpoint that plays Lambda."""
    model_url: str
    model: Mapping[str, Any]
    """What the model endpoint says of itself: ``model`` (its name) and ``demo``."""
    identity_url: str
    functions: tuple[str, ...]
    queues: Mapping[str, str]
    """URLs by name."""
    tables: tuple[str, ...]
    topics: tuple[str, ...]
    """ARNs."""
    logs: Path

    @property
    def events_topic(self) -> str:
        """The topic on which everybody's events are, among those of alarms."""
        (found,) = (arn for arn in self.topics if "-state-Events" in arn)
        return found

    def save(self, folder: Path) -> None:
        files.write_private(folder / STACK_FILE, self.model_dump_json(indent=2).encode())


def running(folder: Path = FOLDER) -> Running | None:
    """The stack that runs with this state folder, if one does."""
    try:
        found = Running.model_validate_json((folder / STACK_FILE).read_bytes())
        os.kill(found.pid, 0)
    except (FileNotFoundError, ProcessLookupError, ValidationError):
        return None
    return found


class Claim:
    """The right to use a state folder; the system takes it back when the process ends."""

    def __init__(self, folder: Path) -> None:
        """Claim the folder.

        Raises:
            AlreadyRunning: another process has it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file: IO[str] = (folder / LOCK_FILE).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            pid = self._file.read().strip()
            self._file.close()
            msg = (
                f"a local stack already runs here (pid {pid}): use it, or stop it with 'kill {pid}'"
            )
            raise AlreadyRunning(msg) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        (self._folder / STACK_FILE).unlink(missing_ok=True)
        self._file.close()
