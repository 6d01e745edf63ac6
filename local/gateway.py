"""The REST API of the template, served: one request in, one response out, no socket needed.

    route → size → authorizer → usage plan → validator → integration
      │       │        │            │            │            │
      └───────┴────────┴── Refused ─┴────────────┴────────────┴──▶ gateway response

The order is API Gateway's: whoever is not let in never learns whether the request was well formed.
"""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswerInTime
from dataclasses import dataclass

from local import mock, proxy
from local.authorizer import Authorizations, DeniedByPolicy, Invoke
from local.gateway_responses import (
    INTEGRATION_TIMEOUT,
    MISSING_AUTHENTICATION_TOKEN,
    REQUEST_TOO_LARGE,
    THROTTLED,
    Refused,
    render,
)
from local.http import Request, Response
from local.invocation import MAX_PAYLOAD_BYTES, Invocation, new_trace_header
from local.physical import digest
from local.proxy import Call
from local.rest_api import RestApi
from local.routing import Router
from local.template import JsonObject
from local.usage import Clock, Usage, throttle, utc_now
from local.validation import validate

MAX_BODY_BYTES = 10 * 1024 * 1024
INTEGRATION_THREADS = 32


@dataclass(slots=True)
class _Progress:
    """What is known about a request when it is refused, for the words of the refusal."""

    context: JsonObject


class LocalGateway:
    """One stage of one REST API."""

    def __init__(
        self,
        api: RestApi,
        invoke: Invoke,
        *,
        now: Clock = utc_now,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._api = api
        self._invoke = invoke
        self._now = now
        self._new_id = new_id
        self._router = Router(api.methods)
        self._authorizations = Authorizations(invoke, now)
        self._usage = Usage(api.keys, api.plans, now)
        self._stage_throttle = throttle(
            api.method_settings, "ThrottlingRateLimit", "ThrottlingBurstLimit", now
        )
        self._threads = ThreadPoolExecutor(INTEGRATION_THREADS, "integration")

    def handle(self, request: Request) -> Response:
        """Answer a request; every failure is an answer too."""
        request_id, trace = self._new_id(), new_trace_header(lambda: self._now().timestamp())
        progress = _Progress(self._anonymous_context(request, request_id))
        try:
            found = self._serve(self._call(request, request_id, trace), progress)
        except Refused as refused:
            if isinstance(refused, DeniedByPolicy):
                progress.context["authorizer"] = refused.context
            accept = request.header("accept")
            found = render(refused, self._api.gateway_responses, progress.context, accept)
        headers = (
            ("x-amzn-requestid", request_id),
            ("x-amz-apigw-id", progress.context["extendedRequestId"]),
            ("x-amzn-trace-id", trace.split(";")[0]),
        )
        return Response(found.status, (*found.headers, *headers), found.body)

    def close(self) -> None:
        """Give up on functions that have not answered yet."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _call(self, request: Request, request_id: str, trace: str) -> Call:
        _, stage, path = [*request.path.split("/", 2), "", ""][:3]
        match = self._router.match(request.method, f"/{path}")
        # Deviation from AWS: an unknown stage is answered like an unknown route.
        if stage != self._api.stage_name or match is None:
            raise Refused(MISSING_AUTHENTICATION_TOKEN)
        return Call(
            api=self._api,
            request=request,
            path=f"/{path}",
            match=match,
            request_id=request_id,
            trace=trace,
            received_at=self._now(),
        )

    def _serve(self, call: Call, progress: _Progress) -> Response:
        if call.request.oversized or len(call.request.body) > MAX_BODY_BYTES:
            raise Refused(REQUEST_TOO_LARGE)
        progress.context = call.context({}, None)
        method = call.match.method
        answer = None
        if method.authorizer:
            answer = self._authorizations.authorize(method.authorizer, call.authorizer_event())
            progress.context = call.context(answer.context, None)
        if self._stage_throttle and not self._stage_throttle.take():
            raise Refused(THROTTLED)
        if method.key_required:
            value = answer.usage_key if answer else None
            key_id = self._usage.admit(value)
            authorized = answer.context if answer else {}
            progress.context = call.context(authorized, (key_id, str(value)))
        validate(method, call.request, call.match.path_parameters)
        return self._integrate(call, progress.context)

    def _integrate(self, call: Call, context: JsonObject) -> Response:
        integration = call.match.method.integration
        if integration.function_arn is None:
            return mock.respond(integration, call.request, context)
        payload = json.dumps(call.event(context)).encode()
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise Refused(REQUEST_TOO_LARGE)  # Lambda takes less than the gateway does.
        invocation = Invocation(payload, integration.function_arn, trace=call.trace)
        # The function goes on after the gateway has given up on it, as on AWS.
        pending = self._threads.submit(self._invoke, invocation)
        try:
            reply = pending.result(integration.timeout_seconds)
        except NoAnswerInTime:
            raise Refused(INTEGRATION_TIMEOUT) from None
        return proxy.response(reply, call)

    def _anonymous_context(self, request: Request, request_id: str) -> JsonObject:
        """What can be said of a request before its route is known."""
        return {
            "apiId": self._api.id,
            "extendedRequestId": digest(request_id, length=16),
            "httpMethod": request.method,
            "path": request.path,
            "requestId": request_id,
            "stage": self._api.stage_name,
        }
