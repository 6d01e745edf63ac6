"""The spans of calls of functions: whose trace they join, and what they say."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from functions.adapters.otel import OtelProvider
from functions.adapters.topic import SnsPublisher
from functions.domain.errors import EventLoop
from functions.domain.event import Event
from functions.domain.message import Message
from functions.domain.run import TraceContext
from functions.entrypoints.spans import gathered, processing, request_trace, served
from tests import fakes

PARENT = f"00-{'1' * 32}-{'2' * 16}-01"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:events"


@dataclass
class Watched:
    """A provider whose spans can be read."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def __post_init__(self) -> None:
        self.provider = OtelProvider({}, SimpleSpanProcessor(self.exporter))

    def __getitem__(self, name: str) -> ReadableSpan:
        (found,) = (s for s in self.exporter.get_finished_spans() if s.name == name)
        return found

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.exporter.get_finished_spans()]


@dataclass
class Topic:
    """As much of SNS as is used."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, **given: Any) -> dict[str, str]:
        self.sent.append(given)
        return {"MessageId": "m-1"}


def event(**changes: Any) -> Event:
    fields = {"id": "e-1", "source": "/shop", "type": "word.said", "team": "helpdesk", "data": {}}
    return Event.model_validate(fields | {"time": fakes.NOW} | changes)


def message(**changes: Any) -> Message:
    return replace(Message(id="m-1", body="", receipt="r", receives=2), **changes)


def request(**headers: str) -> dict[str, Any]:
    return {"httpMethod": "POST", "resource": "/v1/agents/{agent}/run", "headers": headers}


def publisher(watched: Watched, topic: Topic) -> SnsPublisher:
    return SnsPublisher(TOPIC, lambda: topic, watched.provider)  # type: ignore[arg-type, return-value]  # as much of the client as is used


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def test_a_request_is_answered_in_its_caller_s_trace() -> None:
    watched = Watched()
    served(watched.provider, request(traceparent=PARENT), lambda: {"statusCode": 200})
    span = watched["POST /v1/agents/{agent}/run"]
    assert (span.kind, parent_of(span)) == (SpanKind.SERVER, 0x2222222222222222)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/agents/{agent}/run",
        "http.response.status_code": 200,
    }


@pytest.mark.parametrize(("status", "failed"), [(499, False), (500, True), (503, True)])
def test_a_request_failed_when_it_was_not_its_caller_s_fault(status: int, *, failed: bool) -> None:
    watched = Watched()
    served(watched.provider, request(), lambda: {"statusCode": status})
    span = watched["POST /v1/agents/{agent}/run"]
    assert (not span.status.is_ok and bool(span.status.status_code.value == 2)) is failed
    assert (span.attributes or {}).get("error.type") == (str(status) if failed else None)


def test_headers_are_read_whatever_their_case_and_however_often_they_come() -> None:
    assert request_trace(request()) is None
    assert request_trace({"headers": None, "multiValueHeaders": None}) is None
    assert request_trace(request(TraceParent=PARENT)) == TraceContext(PARENT)
    several = {"Traceparent": [PARENT], "tracestate": ["a=1", "b=2"]}
    found = request_trace({"headers": {}, "multiValueHeaders": several})
    assert found == TraceContext(PARENT, "a=1,b=2")


def test_a_request_with_two_parents_begins_a_new_trace() -> None:
    watched = Watched()
    twice = request() | {"multiValueHeaders": {"traceparent": [PARENT, PARENT]}}
    served(watched.provider, twice, lambda: {"statusCode": 200})
    assert watched["POST /v1/agents/{agent}/run"].parent is None


def test_a_message_is_worked_on_in_the_trace_of_what_sent_it() -> None:
    watched = Watched()
    with processing(watched.provider, "echo", message(), event(traceparent=PARENT)) as trace_id:
        assert trace_id == "1" * 32
    span = watched["process echo"]
    assert (span.kind, parent_of(span)) == (SpanKind.CONSUMER, 0x2222222222222222)
    assert span.attributes == {
        "messaging.system": "aws_sqs",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "echo",
        "messaging.message.id": "m-1",
        "gatehouse.receives": 2,
    }


def test_whoever_is_told_of_a_failed_message_is_told_its_trace() -> None:
    watched = Watched()
    with (
        pytest.raises(EventLoop) as caught,
        processing(watched.provider, "echo", message(), event(traceparent=PARENT)),
    ):
        raise EventLoop("round")
    assert caught.value.trace_id == "1" * 32
    assert (watched["process echo"].attributes or {})["error.type"] == "event-loop"


def test_several_messages_have_a_span_in_common_and_a_single_one_has_not() -> None:
    watched = Watched()
    for number in (1, 3):
        with gathered(watched.provider, "echo", number):
            pass
    assert watched.names == ["process batch echo"]
    assert (watched["process batch echo"].attributes or {})["messaging.batch.message_count"] == 3


def test_an_event_carries_the_trace_of_its_sending() -> None:
    watched, topic = Watched(), Topic()
    with watched.provider.span("run") as run:
        sent = publisher(watched, topic).publish(event())
        assert sent.trace is not None
        assert sent.trace.trace_id == run.context.trace_id
    span = watched["send word.said"]
    assert sent.trace.span_id == f"{span.context.span_id:016x}"
    assert sent.trace.traceparent in topic.sent[0]["Message"]
    assert span.kind is SpanKind.PRODUCER
    assert (span.attributes or {})["messaging.destination.name"] == "events"
    assert (span.attributes or {})["messaging.message.id"] == "m-1"


def test_an_event_that_has_a_trace_stays_in_it_and_is_linked_with_its_sender() -> None:
    watched, topic = Watched(), Topic()
    with watched.provider.span("request"):
        sent = publisher(watched, topic).publish(event(traceparent=PARENT, tracestate="a=1"))
    assert sent.trace is not None
    assert (sent.trace.trace_id, sent.tracestate) == ("1" * 32, "a=1")
    (link,) = watched["send word.said"].links
    assert link.context.span_id == watched["request"].context.span_id
