"""Flags over HTTP, by the OpenFeature Remote Evaluation Protocol.

Any OpenFeature client understands the replies. A failure is a problem like every other of the
gatehouse, with the members besides that the protocol gives to its failures.
"""

import hashlib
import json
from collections.abc import Iterable

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from functions.domain.agent import AgentManifest
from functions.domain.errors import (
    FlagNotEvaluated,
    FlagNotFound,
    GatehouseError,
    MalformedRequest,
    StoreUnavailable,
)
from functions.domain.flags import OWN, TARGETING_KEY, Decision
from functions.domain.names import JsonObject
from functions.domain.team import Caller, Teams
from functions.entrypoints.requests import read_json, read_team
from functions.pipeline.flags import Evaluation
from functions.pipeline.ports import Switches

RETRY_AFTER_SECONDS = 30
NOT_MODIFIED = 304


def read_evaluation(
    event: APIGatewayProxyEvent,
    caller: Caller,
    switches: Switches,
    agents: Iterable[AgentManifest],
    teams: Teams,
) -> Evaluation:
    """For which of the caller's users, and the flags as they are now.

    Raises:
        FlagNotEvaluated: the request cannot be read, or claims what is not for it to say.
        StoreUnavailable: no flags are known yet. Without them an evaluation would be a guess, and
            a client that has earlier values should keep those.
    """
    context = _context(event)
    flags = switches.flags()
    if flags is None:
        msg = "The flags cannot be read at the moment."
        raise StoreUnavailable(msg, retry_after_seconds=RETRY_AFTER_SECONDS)
    team = read_team(caller, teams)
    return Evaluation.of(agents, flags=flags, caller=caller, team=team, context=context)


def evaluated(evaluation: Evaluation, flag: str) -> JsonObject:
    """One flag, as the protocol writes it.

    Raises:
        FlagNotFound: there is no such flag.
        FlagNotEvaluated: the flag differs between users, and none is named.
    """
    return _success(flag, evaluation.decide(flag), evaluation)


def evaluated_all(evaluation: Evaluation, none_match: str | None) -> Response[str]:
    """All flags, unless the client has these very values already."""
    flags = [_either(evaluation, name) for name in evaluation.names]
    body = json.dumps({"flags": flags}, separators=(",", ":"))
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers: dict[str, str | list[str]] = {"ETag": tag}
    if _matches(none_match, tag):
        return Response(NOT_MODIFIED, headers=headers)
    return Response(200, "application/json", body, headers)


def failure(error: GatehouseError, flag: str | None) -> JsonObject:
    """What the protocol wants to be told of a failure of its own; nothing of any other."""
    match error:
        case FlagNotFound():
            code = "FLAG_NOT_FOUND"
        case FlagNotEvaluated():
            code = error.code
        case _:
            return {}
    named = {} if flag is None else {"key": flag}
    return {**named, "errorCode": code, "errorDetails": error.detail}


def _context(event: APIGatewayProxyEvent) -> JsonObject:
    try:
        body = read_json(event) if event.body else {}
    except MalformedRequest as error:
        raise FlagNotEvaluated(error.detail, code="PARSE_ERROR") from None
    match body:
        case {"context": dict(context)}:
            pass
        case dict() if "context" not in body:
            context = {}
        case _:
            msg = 'The body must be {"context": {…}}.'
            raise FlagNotEvaluated(msg)
    if wrong := _wrong(context):
        raise FlagNotEvaluated(wrong)
    return context


def _wrong(context: JsonObject) -> str | None:
    """What a context may not say."""
    claimed = sorted(OWN & context.keys())
    if claimed:
        return f"The context may not say {', '.join(claimed)}: the gatehouse finds that itself."
    if not isinstance(context.get(TARGETING_KEY, ""), str):
        return f"context.{TARGETING_KEY} must be a text."
    return None


def _either(evaluation: Evaluation, flag: str) -> JsonObject:
    try:
        return evaluated(evaluation, flag)
    except FlagNotEvaluated as error:
        return failure(error, flag)


def _success(flag: str, decision: Decision, evaluation: Evaluation) -> JsonObject:
    agent = evaluation.agents.get(flag)
    return {
        "key": flag,
        "value": decision.value,
        "reason": decision.reason,
        "variant": decision.variant,
        "metadata": {"agent": agent.name, "version": agent.version} if agent else {},
    }


def _matches(none_match: str | None, tag: str) -> bool:
    """RFC 9110: tags are compared weakly, and ``*`` is any."""
    known = {each.strip().removeprefix("W/") for each in (none_match or "").split(",")}
    return not known.isdisjoint({tag, "*"})
