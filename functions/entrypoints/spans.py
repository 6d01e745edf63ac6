"""The span of a call of a function, by what called it: a request, a message, or several.

Names and attributes follow OpenTelemetry's conventions for HTTP and for messaging. A message's work
is a child of what sent it, so that one request is one trace across queues. Where a call works on
several messages they have a span in common, and it and theirs are linked: each stays in its trace.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from functions.domain.errors import GatehouseError
from functions.domain.event import Event
from functions.domain.message import Message
from functions.domain.run import TraceContext
from functions.pipeline.span_ports import Spans

FIRST_FAULT = 500
"""A status below it is no failure of the server, by the conventions for HTTP."""


def request_trace(event: Mapping[str, Any]) -> TraceContext | None:
    """The trace that a request belongs to; with two parents it has none that can be read."""
    parents, states = (_header(event, name) for name in ("traceparent", "tracestate"))
    return TraceContext(",".join(parents), ",".join(states) or None) if parents else None


def served(
    spans: Spans, event: Mapping[str, Any], answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Answer a request of API Gateway, in its span."""
    method, route = event["httpMethod"], event["resource"]
    with spans.span(f"{method} {route}", request_trace(event), kind="server") as span:
        span.note({"http.request.method": method, "http.route": route})
        reply = answer()
        span.note({"http.response.status_code": reply["statusCode"]})
        if reply["statusCode"] >= FIRST_FAULT:
            span.fail(str(reply["statusCode"]))
        return reply


def gathered(spans: Spans, consumer: str, messages: int) -> AbstractContextManager[object]:
    """The span that several messages have in common; a single one needs none."""
    return _batch(spans, consumer, messages) if messages > 1 else nullcontext()


@contextmanager
def _batch(spans: Spans, consumer: str, messages: int) -> Iterator[None]:
    with spans.span(f"process batch {consumer}", kind="consumer") as span:
        span.note({**_messaging(consumer), "messaging.batch.message_count": messages})
        yield


@contextmanager
def processing(spans: Spans, consumer: str, message: Message, event: Event) -> Iterator[str]:
    """Work on a message, in the trace that its event belongs to, whose id is given."""
    with spans.span(f"process {consumer}", event.trace, kind="consumer") as span:
        span.note(
            {
                **_messaging(consumer),
                "messaging.message.id": message.id,
                "gatehouse.receives": message.receives,
            }
        )
        trace_id = span.context.trace_id
        try:
            yield trace_id
        except GatehouseError as error:
            error.trace_id = error.trace_id or trace_id
            raise


def _messaging(consumer: str) -> dict[str, str]:
    return {
        "messaging.system": "aws_sqs",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": consumer,
    }


def _header(event: Mapping[str, Any], name: str) -> list[str]:
    """Every value of a header, in the order in which they came."""
    multiple, single = event.get("multiValueHeaders") or {}, event.get("headers") or {}
    every = [v for key, values in multiple.items() if key.lower() == name for v in values]
    return every or [value for key, value in single.items() if key.lower() == name]
