"""One call from its first attempt to its end: all rules of retrying, and no input or output.

``steps`` is a generator. It asks its driver for a token, to send a request or to pause, and is sent
what came of it; so the synchronous and the asynchronous client share every rule.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from gatehouse_sdk._calls import Call, mint
from gatehouse_sdk._clock import Clock
from gatehouse_sdk._errors import RETRIED, ConnectionFailed, GatehouseError, MalformedRequest
from gatehouse_sdk._hooks import (
    Attempt,
    CallFailed,
    Hooks,
    RequestSent,
    ResponseReceived,
    RetryPlanned,
    ask,
    tell,
)
from gatehouse_sdk._results import read_error
from gatehouse_sdk._wire import Reply, Request

T = TypeVar("T")
TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
TOKEN = re.compile("[!-~]+")
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
LONGEST_RETRY_AFTER_SECONDS = 60
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
FIRST_NON_SUCCESS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a call may take, with all its attempts and pauses, and how each attempt is bounded.

    ``max_attempts`` bounds them by number; without it only the deadline does. API Gateway answers
    within 29 seconds, so an attempt that takes 35 is lost.
    """

    deadline_seconds: float = 60
    attempt_timeout_seconds: float = 35
    max_attempts: int | None = None


@dataclass(frozen=True, slots=True)
class NeedToken:
    """The driver gives a token; ``refused`` is the one that the server did not take."""

    refused: str | None


@dataclass(frozen=True, slots=True)
class Send:
    """The driver sends this and gives the reply, or the ``ConnectionFailed``."""

    request: Request
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """The driver lets this time pass."""

    seconds: float


Steps = Generator[NeedToken | Send | Pause, Any, T]


@dataclass(slots=True, kw_only=True)
class Session:
    """What the calls of one client share; ``base_url`` changes when a zone sends us elsewhere."""

    base_url: str
    hooks: Hooks = field(default_factory=Hooks)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    token_renewable: bool = False
    workflow: str | None = None

    def follow(self, base_url: object) -> bool:
        """Take the URL of the right zone, unless it would carry the token in the clear."""
        if not isinstance(base_url, str) or urlsplit(base_url).scheme != "https":
            return False
        self.base_url = checked_base_url(base_url)
        return True

    def current_traceparent(self) -> str | None:
        """The trace context that the host is in, if it tells."""
        found = ask(self.hooks.traceparent)
        return found if found and TRACEPARENT.fullmatch(found) else None

    def traceparent(self) -> str:
        given = self.current_traceparent()
        return given or f"00-{mint()}-{mint()[:16]}-01"


class Exchange(Generic[T]):
    """The state of one call."""

    def __init__(self, call: Call[T], session: Session, limits: Limits) -> None:
        self._call = call
        self._session = session
        self._limits = limits
        self._began = session.clock.elapsed()
        self._attempt = 0
        self._renewed = False
        self._moved = False
        self._traceparent = call.headers.get("traceparent") or session.traceparent()

    def steps(self) -> Steps[T]:
        """Lead the call to its end.

        Raises:
            GatehouseError: the last one, when no further attempt may help or fits the deadline.
        """
        try:
            result = yield from self._attempts()
        except GatehouseError as error:
            tell(self._session.hooks.on_error, self._failed(error))
            raise
        return result

    def _attempts(self) -> Steps[T]:
        token = yield NeedToken(None)
        while True:
            self._attempt += 1
            found = yield from self._send(token)
            if isinstance(found, Reply) and self._is_answer(found.status):
                return self._call.read(found)
            error = self._error(found)
            if self._may_renew(error):
                token = yield NeedToken(token)
            elif not self._may_move(found, error):
                yield self._pause(error)

    def _is_answer(self, status: int) -> bool:
        return status < FIRST_NON_SUCCESS or (
            self._call.not_modified and status == HTTPStatus.NOT_MODIFIED
        )

    def _send(self, token: str) -> Steps[Reply | ConnectionFailed]:
        hooks, clock, attempt = self._session.hooks, self._session.clock, self._telling()
        tell(hooks.on_request, RequestSent(attempt=attempt))
        began = clock.elapsed()
        timeout = min(self._limits.attempt_timeout_seconds, self._left())
        found: Reply | ConnectionFailed = yield Send(self._request(token), timeout)
        if isinstance(found, Reply):
            received = ResponseReceived(
                attempt=attempt,
                status=found.status,
                request_id=found.headers.get("x-amzn-requestid"),
                seconds=clock.elapsed() - began,
            )
            tell(hooks.on_response, received)
        return found

    def _request(self, token: str) -> Request:
        if not TOKEN.fullmatch(token):
            msg = "The token holds what no header can carry, such as a line break."
            raise MalformedRequest(msg)
        headers = {
            "Accept": "application/json, application/problem+json",
            "User-Agent": "gatehouse-sdk-python",
            **self._call.headers,
            "traceparent": self._traceparent,
            "Authorization": f"Bearer {token}",
        }
        if self._call.body is not None:
            headers["Content-Type"] = "application/json"
        url = self._session.base_url + self._call.path
        return Request(self._call.method, url, headers, self._call.body)

    def _error(self, found: Reply | ConnectionFailed) -> GatehouseError:
        return read_error(found, self._session.clock.wall()) if isinstance(found, Reply) else found

    def _may_renew(self, error: GatehouseError) -> bool:
        if (
            error.status != HTTPStatus.UNAUTHORIZED
            or self._renewed
            or not self._session.token_renewable
        ):
            return False
        self._renewed = True
        self._attempt -= 1  # the server did nothing yet
        return True

    def _may_move(self, found: Reply | ConnectionFailed, error: GatehouseError) -> bool:
        """Follow a 421 to the team's own zone, once."""
        if (
            error.status != HTTPStatus.MISDIRECTED_REQUEST
            or self._moved
            or not isinstance(found, Reply)
        ):
            return False
        body = found.json()
        if not isinstance(body, dict) or not self._session.follow(body.get("base_url")):
            return False
        self._moved = True
        self._attempt -= 1
        return True

    def _pause(self, error: GatehouseError) -> Pause:
        """The pause before the next attempt; raises the error when there is none."""
        most = self._limits.max_attempts
        if not self._is_retried(error) or (most is not None and self._attempt >= most):
            raise error
        ceiling = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._attempt - 1, 10))
        after = error.retry_after or 0
        seconds = max(
            ceiling * self._session.clock.jitter(), min(after, LONGEST_RETRY_AFTER_SECONDS)
        )
        if max(seconds, after) >= self._left():
            raise error
        planned = RetryPlanned(attempt=self._telling(), slug=error.slug, pause_seconds=seconds)
        tell(self._session.hooks.on_retry, planned)
        return Pause(seconds)

    def _is_retried(self, error: GatehouseError) -> bool:
        if error.status == HTTPStatus.CONFLICT:
            return error.slug == "run-in-progress"
        return error.retryable and (error.status is None or error.status in RETRIED)

    def _telling(self) -> Attempt:
        return Attempt(
            call=self._call.name,
            agent=self._call.agent,
            number=self._attempt,
            traceparent=self._traceparent,
        )

    def _left(self) -> float:
        spent = self._session.clock.elapsed() - self._began
        return self._limits.deadline_seconds - spent

    def _failed(self, error: GatehouseError) -> CallFailed:
        return CallFailed(
            attempt=self._telling(),
            slug=error.slug,
            status=error.status,
            request_id=error.request_id,
            seconds=self._session.clock.elapsed() - self._began,
        )


def checked_base_url(url: str) -> str:
    """A base URL without its last slash.

    Raises:
        MalformedRequest: a token sent there could be read on the way.
    """
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
    if not safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        msg = "The base URL must be https://host, with http only for this machine."
        raise MalformedRequest(msg)
    return url.rstrip("/")


def limits_with(limits: Limits, deadline_seconds: float | None) -> Limits:
    """The client's limits with a call's own deadline."""
    if deadline_seconds is None:
        return limits
    return replace(limits, deadline_seconds=deadline_seconds)
