"""Asks the Lambda authorizer who calls, and remembers its answers as API Gateway does.

An answer is cached under the values of the identity sources, for every route at once: the cached
policy is judged again for the method of each request. A denial is remembered like a permission, and
a failure of the authorizer never.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from local.gateway_responses import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    UNAUTHORIZED,
    Refused,
)
from local.invocation import Invocation, Reply
from local.policy import Verdict, judge
from local.rest_api import Authorizer
from local.template import JsonObject
from local.usage import Clock, utc_now

Invoke = Callable[[Invocation], Reply]
SCALARS = (str, int, float, bool)


class DeniedByPolicy(Refused):
    """The authorizer denies; what it said about the caller may be told to them."""

    def __init__(self, verdict: Verdict, context: JsonObject) -> None:
        deny = " with an explicit deny" if verdict is Verdict.DENIED else ""
        super().__init__(ACCESS_DENIED, f"{ACCESS_DENIED.message}{deny}")
        self.context = context


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authorizer said about a caller."""

    policy: Mapping[str, Any]
    context: JsonObject
    """Handed on to the function, with the principal's id."""
    usage_key: str | None


class Authorizations:
    """The authorizer of the API and the cache of its answers."""

    def __init__(self, invoke: Invoke, now: Clock = utc_now) -> None:
        self._invoke = invoke
        self._now = now
        self._lock = Lock()
        self._cached: dict[tuple[str, ...], tuple[datetime, Answer]] = {}

    def authorize(self, authorizer: Authorizer, event: JsonObject) -> Answer:
        """What the authorizer says about the request of this event.

        Raises:
            Refused: an identity source is missing, the authorizer failed, or its policy denies.
        """
        identity = tuple(_identity(event, source) for source in authorizer.identity_sources)
        if not all(identity):
            raise Refused(UNAUTHORIZED)
        answer = self._remembered((authorizer.function_arn, *identity))
        if answer is None:
            answer = self._ask(authorizer.function_arn, event)
            self._remember((authorizer.function_arn, *identity), answer, authorizer.ttl_seconds)
        verdict = _judge(answer, event["methodArn"])
        if verdict is not Verdict.ALLOWED:
            raise DeniedByPolicy(verdict, answer.context)
        return answer

    def _remembered(self, key: tuple[str, ...]) -> Answer | None:
        with self._lock:
            expires, answer = self._cached.get(key, (None, None))
            return answer if expires and expires > self._now() else None

    def _remember(self, key: tuple[str, ...], answer: Answer, ttl_seconds: int) -> None:
        # Without identity sources there would be one answer for everybody.
        if ttl_seconds and len(key) > 1:
            with self._lock:
                self._cached[key] = (self._now() + timedelta(seconds=ttl_seconds), answer)

    def _ask(self, function_arn: str, event: JsonObject) -> Answer:
        reply = self._invoke(Invocation(json.dumps(event).encode(), function_arn))
        if reply.failed:
            # The one error that means the caller; every other means the authorizer itself.
            said = reply.json().get("errorMessage")
            raise Refused(UNAUTHORIZED if said == "Unauthorized" else AUTHORIZER_FAILURE)
        return _read(reply.json())


def _identity(event: JsonObject, source: str) -> str:
    """The value of an identity source such as ``method.request.header.Authorization``."""
    kind, name = source.removeprefix("method.request.").split(".", 1)
    places = {
        "context": event["requestContext"],
        "header": {key.lower(): value for key, value in event["headers"].items()},
        "querystring": event["queryStringParameters"],
        "stageVariables": event["stageVariables"] or {},
    }
    return str(places[kind].get(name.lower() if kind == "header" else name) or "")


def _read(answer: Any) -> Answer:
    """Check an authorizer's answer as API Gateway would.

    Raises:
        Refused: it lacks a principal or a policy, or its context holds more than plain values.
    """
    match answer:
        case {"principalId": str(principal), "policyDocument": {"Statement": _} as policy}:
            context = answer.get("context") or {}
            if all(isinstance(value, SCALARS) for value in context.values()):
                # API Gateway hands every value on as text.
                texts = {name: _text(value) for name, value in context.items()}
                texts["principalId"] = principal
                return Answer(policy, texts, answer.get("usageIdentifierKey"))
    raise Refused(AUTHORIZER_CONFIGURATION_ERROR)


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _judge(answer: Answer, method_arn: str) -> Verdict:
    try:
        return judge(answer.policy, method_arn)
    except (KeyError, ValueError) as error:
        raise Refused(AUTHORIZER_CONFIGURATION_ERROR) from error
