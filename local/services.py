"""The processes that stand in for AWS: a moto server for state, and the model's endpoint.

Each is a child of its own, so that its crash is seen and named instead of taking the runner along.
"""

import json
import os
import socket
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from local.children import Child, Nursery
from local.logs import Write

START_SECONDS = 120.0
"""For a large model file on a slow disk; moto takes two seconds."""
POLL_SECONDS = 0.05
MODEL_ARGUMENTS = ("--port", "0")
ROOT = Path(__file__).parent.parent


class ServiceFailed(Exception):
    """A process that stands in for AWS did not start, or died."""


@dataclass
class Service:
    """A running stand-in, and what it said last."""

    name: str
    child: Child
    url: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=15))

    def check(self) -> None:
        """Raises ServiceFailed when the process is gone."""
        code = self.child.process.poll()
        if code is not None:
            said = "\n".join(self.last_words) or "it said nothing"
            msg = f"{self.name} ended with exit code {code}:\n{said}"
            raise ServiceFailed(msg)

    def follow(self, write: Write) -> None:
        """Keep reading what the process prints, or it would stop at a full pipe."""
        Thread(target=self._copy, args=(write,), daemon=True).start()

    def _copy(self, write: Write) -> None:
        with self.child.output as output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip()
                # moto reports every request it answers.
                if " - - [" not in line:
                    self.last_words.append(line)
                    write(line)


def start_moto(nursery: Nursery, account: str, write: Write) -> Service:
    """A moto server for one account, empty.

    Raises:
        ServiceFailed: it did not come up.
    """
    # moto binds the port itself and cannot say which one it took, so one is chosen for it. Should
    # somebody else take it in between, moto ends at once and says so.
    port = _free_port()
    environment = {"MOTO_ACCOUNT_ID": account, "PATH": os.defpath}
    child = nursery.start("local.moto_server", "127.0.0.1", str(port), env=environment)
    service = Service("moto", child, url=f"http://127.0.0.1:{port}")
    service.follow(write)
    deadline = monotonic() + START_SECONDS
    while not _answers(f"{service.url}/moto-api/"):
        service.check()
        if monotonic() > deadline:
            msg = f"moto did not answer on {service.url} within {START_SECONDS:.0f} seconds"
            raise ServiceFailed(msg)
        sleep(POLL_SECONDS)
    return service


def start_model(nursery: Nursery, choice: str | None, write: Write) -> Service:
    """The local Bedrock endpoint; the process says itself when it is ready, and where.

    It gets this process's environment: the choice ``bedrock`` needs the user's own credentials.

    Raises:
        ServiceFailed: the chosen model cannot be had; the message is the process's own.
    """
    arguments = (*MODEL_ARGUMENTS, *(("--model", choice) if choice else ()))
    child = nursery.start("local.model", *arguments, env=os.environ, cwd=ROOT)
    service = Service("the model endpoint", child)
    for raw in child.output:
        line = raw.decode(errors="replace").rstrip()
        if line.startswith("{"):
            service.said = json.loads(line)
            service.url = service.said["url"]
            service.follow(write)
            return service
        service.last_words.append(line)
    child.wait()
    child.output.close()
    raise ServiceFailed("\n".join(service.last_words))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310, our own http URL
            return bool(response.status)
    except (urllib.error.URLError, OSError):
        return False
