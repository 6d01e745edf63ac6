"""A DynamoDB that fails when it is told to, so that one can see what then becomes of a run.

A layer in front of moto's own application. ``PUT /_faults`` with one of these replaces what holds:

    {"kind": "throttled"}                               every call of DynamoDB, until told otherwise
    {"kind": "down", "operations": ["UpdateItem"]}      these calls only
    {"kind": "throttled", "times": 2}                   the next two, then none
    {"kind": "unheard", "times": 1}                     it is done, but its answer is lost
    {}                                                  all is well again

Nothing but a test asks for it: the layer of a stack that nobody told anything passes all on.
"""

import json
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PATH = "/_faults"
TARGET = "DynamoDB_20120810."
"""Before the operation in the header ``X-Amz-Target``."""
_SHAPE = "com.amazonaws.dynamodb.v20120810#"

Respond = Callable[..., Any]
App = Callable[[dict[str, Any], Respond], Iterable[bytes]]


class Fault(BaseModel):
    """Which calls fail, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["throttled", "down", "unheard"] | None = None
    operations: frozenset[str] = frozenset()
    """Such as ``UpdateItem``; none means all."""
    times: Annotated[int, Field(ge=1)] | None = None

    def hits(self, target: str) -> bool:
        operation = target.removeprefix(TARGET)
        return operation != target and (not self.operations or operation in self.operations)


DOWN = ("500 Internal Server Error", "InternalServerError", "Internal server error")
ANSWERS = {
    "throttled": (
        "400 Bad Request",
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded.",
    ),
    "down": DOWN,
    "unheard": DOWN,
}
"""What DynamoDB itself says then: status, code and message."""


class Faults:
    """The WSGI application that lets through what shall not fail."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._fault = Fault()
        self._left: int | None = None
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "PUT":
            return self._replace(environ, respond)
        kind = self._strike(environ.get("HTTP_X_AMZ_TARGET", ""))
        if kind is None:
            return self._app(environ, respond)
        if kind == "unheard":
            b"".join(self._app(environ, lambda *_: None))
        else:
            # The server keeps the connection, so a request must be read before its answer.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, code, message = ANSWERS[kind]
        return _json(respond, status, {"__type": f"{_SHAPE}{code}", "message": message})

    def _strike(self, target: str) -> str | None:
        """How this call fails, if it does."""
        with self._lock:
            fault = self._fault
            if fault.kind is None or self._left == 0 or not fault.hits(target):
                return None
            if self._left is not None:
                self._left -= 1
            return fault.kind

    def _replace(self, environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            fault = Fault.model_validate_json(body)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)
            return _json(respond, "400 Bad Request", {"wrong": wrong})
        with self._lock:
            self._fault, self._left = fault, fault.times
        return _json(respond, "200 OK", {})


def _json(respond: Respond, status: str, body: dict[str, Any]) -> Iterable[bytes]:
    sent = json.dumps(body).encode()
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(sent)))]
    respond(status, headers)
    return [sent]
