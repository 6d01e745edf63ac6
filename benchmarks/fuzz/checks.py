"""What must hold for every reply, beside what Schemathesis knows by itself; it loads this file.

A request that fits the document may still be refused, for reasons that no document can tell: the
input holds personal data, or the key was used before. Those are the only ones. Each caller's
configuration says which of these checks are its own.
"""

import json
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.core.parameters import ParameterLocation

UNAUTHENTICATED, FORBIDDEN, WRONG_METHOD = 401, 403, 405
FIRST_ERROR = 400
PROBLEM = "urn:gatehouse:problem:"
FOR_MANY = ("batch_", "publish_")
EVERYWHERE = {"not-found", "unknown-agent", "flag-not-found", "flag-not-evaluated"}
"""There is no such thing; or there is such a flag, and it differs between users."""
RUNNING = {
    "callback-not-allowed",
    "idempotency-key-reused",
    "personal-data-found",
    "run-in-progress",
}
REASONS = {
    "run": RUNNING,
    "batch": RUNNING,
    "publish": {"invalid-input"},  # the data's contract depends on the event's type
    "show_usage": {"access-denied", "invalid-input"},  # another team; days in the wrong order
}
"""Why a well-formed request may be refused, by how its operation's name begins."""
ROLES_NEEDED = ("run_", "batch_", "publish_")
LATER, CALLBACK = "respond-async", "X-Callback-Url"
"""Where a result may be sent is looked at before who asks."""

Sent = Case[Any]


@schemathesis.check
def refused_for_a_good_reason(ctx: CheckContext, response: Response, case: Sent) -> None:
    """What fits the document is taken, but for reasons that no document can tell."""
    if not _fits(case) or response.status_code < FIRST_ERROR:
        return
    reason = _json(response).get("type", "").removeprefix(PROBLEM)
    name = _name(case)
    known = next((REASONS[begin] for begin in REASONS if name.startswith(begin)), set())
    if reason not in EVERYWHERE | known and not _callback_without_later(case):
        raise AssertionError(f"a request that fits the document was refused: {reason}")


@schemathesis.check
def wrong_items_are_told(ctx: CheckContext, response: Response, case: Sent) -> None:
    """A batch is taken though something in it is wrong; then that item says so."""
    if not _name(case).startswith(FOR_MANY) or not _wrong_body(case):
        return
    if response.status_code < FIRST_ERROR and all(s < FIRST_ERROR for s in _statuses(response)):
        raise AssertionError("a batch with something wrong in it was done, and no item says so")


@schemathesis.check
def problems_are_whole(ctx: CheckContext, response: Response, case: Sent) -> None:
    """Every refusal says the status that it has, and by which id it is found in the logs."""
    if response.status_code < FIRST_ERROR:
        return
    problem = _json(response)
    if problem.get("status") != response.status_code or not problem.get("request_id"):
        raise AssertionError("a refusal is no problem with its own status and a request_id")
    if not str(problem.get("type", "")).startswith(PROBLEM):
        raise AssertionError("a refusal has no kind of problem")


@schemathesis.check
def nobody_gets_in(ctx: CheckContext, response: Response, case: Sent) -> None:
    """Without a token that is accepted there is one answer, whatever is asked."""
    if response.status_code not in (UNAUTHENTICATED, WRONG_METHOD):
        raise AssertionError(f"without a token the answer was {response.status_code}")


@schemathesis.check
def nothing_without_a_role(ctx: CheckContext, response: Response, case: Sent) -> None:
    """Whoever has no role runs nothing and publishes nothing."""
    if not _name(case).startswith(ROLES_NEEDED):
        return
    statuses = _statuses(response) or [response.status_code]
    if any(status < FIRST_ERROR for status in statuses):
        raise AssertionError("without a role something was done")
    if _fits(case) and FORBIDDEN not in statuses and CALLBACK not in _headers(case):
        raise AssertionError(f"without a role the answer was {statuses[0]}, which is not why")


def _headers(case: Sent) -> Mapping[str, Any]:
    return case.headers or {}


def _fits(case: Sent) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _name(case: Sent) -> str:
    return str(case.operation.definition.raw.get("operationId", ""))


def _json(response: Response) -> dict[str, Any]:
    try:
        found = json.loads(response.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _statuses(response: Response) -> list[int]:
    """What became of each part of a batch; of anything else, nothing."""
    body = _json(response)
    return [each["status"] for each in body.get("items") or body.get("results") or []]


def _wrong_body(case: Sent) -> bool:
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    return body is not None and body.mode.is_negative


def _callback_without_later(case: Sent) -> bool:
    """OpenAPI cannot say that one header needs another."""
    headers = _headers(case)
    later = LATER in str(headers.get("Prefer", "")).lower()
    return CALLBACK in headers and not later
