"""Hooks that report to OpenTelemetry: a span for each attempt, and counts. No content, only ids.

Needs ``pip install agent-gatehouse-sdk[opentelemetry]``::

    client = Client(hooks=opentelemetry.hooks())
"""

import time

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from gatehouse_sdk._hooks import (
    Attempt,
    CallFailed,
    Hooks,
    QueueChanged,
    ResponseReceived,
    RetryPlanned,
)

SCOPE = "gatehouse_sdk"
FIRST_FAILURE = 400
NANOSECONDS = 1_000_000_000


def current_traceparent() -> str | None:
    """The span that the caller is in, so that runs become part of its trace."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return None
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"


def hooks(
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> Hooks:
    """Hooks on the given providers, else on the process's own."""
    tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
    meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
    retries = meter.create_counter("gatehouse.client.retries")
    errors = meter.create_counter("gatehouse.client.errors")
    queued = meter.create_counter("gatehouse.client.queue")

    def on_response(event: ResponseReceived) -> None:
        """The span is made afterwards, so nothing has to be remembered between two hooks."""
        ended = time.time_ns()
        began = ended - int(event.seconds * NANOSECONDS)
        attributes = _about(event.attempt) | {"http.response.status_code": event.status}
        if event.request_id:
            attributes["gatehouse.request_id"] = event.request_id
        name = f"gatehouse {event.attempt.call}"
        span = tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes=attributes, start_time=began
        )
        if event.status >= FIRST_FAILURE:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def on_retry(event: RetryPlanned) -> None:
        retries.add(1, _about(event.attempt) | {"error.type": event.slug})

    def on_error(event: CallFailed) -> None:
        errors.add(1, _about(event.attempt) | {"error.type": event.slug})

    def on_queue(event: QueueChanged) -> None:
        queued.add(1, {"gatehouse.queue.action": event.action, "gatehouse.call": event.call})

    return Hooks(
        on_response=on_response,
        on_retry=on_retry,
        on_error=on_error,
        on_queue=on_queue,
        traceparent=current_traceparent,
    )


def _about(attempt: Attempt) -> dict[str, str | int]:
    found: dict[str, str | int] = {"gatehouse.call": attempt.call}
    return found | ({"gen_ai.agent.name": attempt.agent} if attempt.agent else {})
