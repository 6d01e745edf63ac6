"""HTTP requests as runs."""

import base64
import hashlib
import json
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter, ValidationError

from functions.domain import callback, canonical
from functions.domain.agent import GATEWAY_SECONDS
from functions.domain.errors import (
    InvalidInput,
    MalformedRequest,
    Unauthenticated,
    UnsupportedMediaType,
)
from functions.domain.names import UNASSIGNED, JsonObject, RunId, Workflow
from functions.domain.run import Run
from functions.domain.team import Caller, Team, Teams

QUOTED_KEY = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
BARE_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
WORKFLOW: TypeAdapter[str] = TypeAdapter(Workflow)


def read_run(
    event: APIGatewayProxyEvent, context: LambdaContext, agent: str, teams: Teams, now: datetime
) -> Run:
    """The run that a ``POST /v1/agents/{agent}/run`` asks for; its body is not read yet.

    Raises:
        CallerError: the request cannot be read; the detail says how to write it.
    """
    caller = read_caller(event)
    team = read_team(caller, teams)
    directives = _cache_directives(event)
    key = _idempotency_key(event)
    later = wants_later(event)
    return Run(
        id=_run_id(team.name, agent, key) if later and key else new_run_id(),
        agent=agent,
        channel="async" if later else "http",
        caller=caller,
        team=team,
        read=lambda: _input(event),
        received_at=now,
        deadline=now + _time_left(context),
        workflow=read_workflow(event),
        idempotency_key=key,
        cache_read=not directives & {"no-cache", "no-store"},
        cache_write="no-store" not in directives,
        callback=_callback(event, team, later=later),
        request_id=event.request_context.request_id,
    )


def read_team(caller: Caller, teams: Teams) -> Team:
    """The caller's team.

    Raises:
        Unauthenticated: it is not registered here.
    """
    team = teams.get(caller.team)
    if team is None:
        msg = "The token's team is not registered here."
        raise Unauthenticated(msg)
    return team


def new_run_id() -> RunId:
    return RunId(f"run_{uuid.uuid4().hex}")


def wants_later(event: APIGatewayProxyEvent) -> bool:
    """Whether the caller prefers not to wait (RFC 7240)."""
    preferences = event.headers.get("Prefer", "").split(",")
    return "respond-async" in {p.partition(";")[0].strip().lower() for p in preferences}


def read_caller(event: APIGatewayProxyEvent) -> Caller:
    """Who calls, as the authorizer found."""
    return Caller.from_context(event.request_context.authorizer.raw_event)


def _input(event: APIGatewayProxyEvent) -> JsonObject:
    match read_json(event):
        case {"input": dict(found), **rest} if not rest:
            return found
        case dict():
            pass
        case _:
            msg = "The body is no JSON that can be read: it is JSON, but no object."
            raise MalformedRequest(msg)
    msg = 'The body must be {"input": {…}}, with nothing beside "input".'
    raise InvalidInput(msg, violations=[{"pointer": "/input", "detail": msg}])


def read_json(event: APIGatewayProxyEvent) -> Any:
    """The body as JSON.

    Raises:
        UnsupportedMediaType: it says that it is something else.
        MalformedRequest: it is no strict JSON.
    """
    content_type = event.headers.get("Content-Type", "application/json")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        msg = "Send the body as 'Content-Type: application/json'."
        raise UnsupportedMediaType(msg)
    try:
        return canonical.read(_body(event))
    except ValueError as error:
        msg = f"The body is no JSON that can be read: {error}."
        raise MalformedRequest(msg) from None


def _body(event: APIGatewayProxyEvent) -> str | bytes:
    body = event.body or ""
    return base64.b64decode(body, validate=True) if event.is_base64_encoded else body


def _idempotency_key(event: APIGatewayProxyEvent) -> str | None:
    header = event.headers.get("Idempotency-Key")
    return None if header is None else read_key(header)


def read_key(text: str) -> str:
    """A structured-field string (RFC 8941); the bare key that many clients send is taken too.

    Raises:
        MalformedRequest: it is neither.
    """
    if match := QUOTED_KEY.fullmatch(text.strip()):
        return re.sub(r"\\(.)", r"\1", match[1])
    if BARE_KEY.fullmatch(text.strip()):
        return text.strip()
    msg = (
        'Idempotency-Key takes 1 to 255 visible ASCII characters, best in quotes: "8e03978e-40d5".'
    )
    raise MalformedRequest(msg)


def _run_id(team: str, agent: str, key: str) -> RunId:
    """A key names one run that is done later, so its repetition finds that run."""
    named = json.dumps([team, agent, key])
    return RunId(f"run_{hashlib.sha256(named.encode()).hexdigest()[:32]}")


def _cache_directives(event: APIGatewayProxyEvent) -> set[str]:
    header = event.headers.get("Cache-Control", "")
    return {directive.strip().lower() for directive in header.split(",")}


def _callback(event: APIGatewayProxyEvent, team: Team, *, later: bool) -> str | None:
    url = event.headers.get(callback.HEADER)
    if url is None:
        return None
    if not later:
        msg = f"{callback.HEADER} needs 'Prefer: respond-async': other results are in the reply."
        raise MalformedRequest(msg)
    callback.Callback.read(url, team.webhook_hosts)
    return url


def read_workflow(event: APIGatewayProxyEvent) -> str:
    try:
        return WORKFLOW.validate_python(event.headers.get("X-Workflow", UNASSIGNED))
    except ValidationError:
        msg = "X-Workflow takes up to 64 letters, digits and . _ : / -; the first is no sign."
        raise MalformedRequest(msg) from None


def _time_left(context: LambdaContext) -> timedelta:
    """API Gateway stops listening before the function's own time may be over."""
    left = context.get_remaining_time_in_millis() / 1000
    return timedelta(seconds=min(left, GATEWAY_SECONDS))
