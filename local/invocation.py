"""One call of a function: what goes in, what comes out, and the errors that Lambda itself makes.

    payload ── Invocation ──▶ worker ──▶ Reply(payload, error_type)

A reply with an ``error_type`` is what the Invoke API marks with ``X-Amz-Function-Error``: its
payload then describes the error. Callers never see an exception.
"""

import json
import secrets
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
"""What Lambda takes in and gives back in one synchronous call."""


def new_trace_header(now: Callable[[], float] = time.time) -> str:
    """An X-Ray trace header, as API Gateway begins one."""
    return (
        f"Root=1-{int(now()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=1"
    )


@dataclass(frozen=True, slots=True)
class Invocation:
    """A payload on its way to a function."""

    payload: bytes
    arn: str
    """The ARN it was called by, with its alias or version if there was one."""
    trace: str = field(default_factory=new_trace_header)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the function's answer, or the description of an error."""

    payload: bytes
    error_type: str | None = None

    @property
    def failed(self) -> bool:
        return self.error_type is not None

    def json(self) -> Any:
        return json.loads(self.payload)


def failure(error_type: str, message: str) -> Reply:
    """An error in the shape in which Lambda describes it."""
    payload = {"errorType": error_type, "errorMessage": message}
    return Reply(json.dumps(payload).encode(), error_type)


def timed_out(request_id: str, timeout_seconds: int) -> Reply:
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_seconds:.2f} seconds"
    return failure("Sandbox.Timedout", message)


def exited(request_id: str, code: int) -> Reply:
    """The worker process ended in the middle of the call; a signal is a negative exit code."""
    if code == 0:
        how = "without providing a reason"
    elif code > 0:
        how = f"with error: exit status {code}"
    else:
        how = f"with error: signal: {str(signal.strsignal(-code)).lower()}"
    return failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited {how}")


def too_large(size: int) -> Reply:
    message = (
        f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
    )
    return failure("Function.ResponseSizeTooLarge", f"{message} It was {size} bytes.")
