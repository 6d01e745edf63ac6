"""Callers over HTTP that never give up early: the same key again until there is an answer.

Callers of a slow run give up their first try before the answer can come, as a mobile client does.
"""

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event

import httpx

from benchmarks.soak.plan import Fault, Job

CALLERS = 16
PATIENT_SECONDS = 40.0
HASTY_SECONDS = 0.7
GIVE_UP_SECONDS = 180.0
"""Far longer than a key can stay locked by a run that died."""
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What one caller got in the end."""

    job: str
    status: int
    """0 when there was no answer at all."""
    run: str | None
    replayed: bool
    digest: str
    """Of the body, to compare replays byte for byte."""
    tries: int


@dataclass(frozen=True, slots=True)
class Clients:
    """A crowd of callers of one gateway."""

    http: httpx.Client
    url: str
    """Of the agent's run route."""
    token: Callable[[str], str]
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stopped: Event = field(default_factory=Event)

    def send(self, jobs: Iterable[Job]) -> Iterator[Reply]:
        """Every reply, as it comes; jobs are begun in their order."""
        threads = ThreadPoolExecutor(CALLERS)
        try:
            pending = [threads.submit(self.insist, job) for job in jobs]
            yield from (done.result() for done in as_completed(pending))
        finally:
            self.stopped.set()
            threads.shutdown(cancel_futures=True)

    def insist(self, job: Job) -> Reply:
        """Ask with the same key until the answer is final."""
        until = self.clock() + GIVE_UP_SECONDS
        tries, timeout = 0, HASTY_SECONDS if job.fault is Fault.SLOW else PATIENT_SECONDS
        while True:
            tries += 1
            response = self._try(job, timeout)
            if _final(response) or self.clock() > until or self.stopped.is_set():
                return _reply(job, response, tries)
            timeout = PATIENT_SECONDS
            self.pause(_pause_seconds(response))

    def _try(self, job: Job, timeout: float) -> httpx.Response | None:
        headers = {
            "Authorization": f"Bearer {self.token(job.team)}",
            "Idempotency-Key": f'"{job.key}"',
            "X-Workflow": job.name,
        }
        try:
            return self.http.post(
                self.url, json={"input": job.review}, headers=headers, timeout=timeout
            )
        except httpx.TransportError:
            return None


def _final(response: httpx.Response | None) -> bool:
    """Whether asking again could not change the answer."""
    if response is None or response.is_server_error:
        return False
    return response.status_code not in {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}


def _pause_seconds(response: httpx.Response | None) -> float:
    asked = float(response.headers.get("Retry-After", 0.2)) if response else 0.2
    return min(asked, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1)  # noqa: S311  # jitter


def _reply(job: Job, response: httpx.Response | None, tries: int) -> Reply:
    if response is None:
        return Reply(job.name, 0, None, replayed=False, digest="", tries=tries)
    ok = response.status_code == HTTPStatus.OK
    return Reply(
        job.name,
        response.status_code,
        response.json()["id"] if ok else None,
        replayed=response.headers.get("Idempotent-Replayed") == "true",
        digest=hashlib.sha256(response.content).hexdigest(),
        tries=tries,
    )
