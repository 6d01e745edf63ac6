"""Spans over a real socket: what is sent, to whom, and what happens when nobody takes it.

The bytes are read with OpenTelemetry's own protocol buffers, which know nothing of this exporter.
"""

import json
from typing import Any

import boto3
import pytest
from opentelemetry.trace import SpanKind

from benchmarks.otlp_endpoints import Receiver, hanging, receiver, refusing
from functions.adapters import otlp_headers
from functions.adapters.otel import OtelProvider
from functions.adapters.otlp import Headers, OtlpHttp
from functions.adapters.outbox import Outbox
from functions.domain.run import TraceContext
from tests import fakes
from tests.otlp import decoded

PARENT = TraceContext(f"00-{'1' * 32}-{'2' * 16}-01", "vendor=1")
RESOURCE = {"service.name": "gatehouse", "cloud.region": "eu-central-1"}


class Exporting:
    """A provider with its outbox, to this endpoint."""

    def __init__(
        self, endpoint: str, headers: Headers = otlp_headers.none, bound: float = 5.0
    ) -> None:
        self.dropped: list[tuple[int, str]] = []
        send = OtlpHttp(endpoint, headers)
        self.outbox = Outbox(send, lambda *told: self.dropped.append(told), bound_seconds=bound)
        self.provider = OtelProvider(RESOURCE, self.outbox)

    def call(self) -> None:
        with (
            self.provider.span("process echo", PARENT, kind="consumer"),
            self.provider.span("chat", kind="client") as span,
        ):
            span.note({"gen_ai.usage.input_tokens": 7, "gatehouse.repair": False})
            span.note({"gen_ai.response.finish_reasons": ["end_turn"], "ratio": 0.5})
            span.fail("model-unavailable")
        self.outbox.flush(30)


def test_a_receiver_that_knows_only_the_protocol_reads_what_was_meant() -> None:
    with receiver() as found:
        exporting = Exporting(found.url)
        exporting.call()
    assert exporting.dropped == []
    (request,) = found.received
    assert (request.path, request.headers["Content-Type"]) == ("/v1/traces", "application/json")
    trace = decoded(request.body)
    assert trace.resource == RESOURCE
    chat, process = trace.spans
    assert (chat.name, process.name) == ("chat", "process echo")
    assert {chat.trace_id, process.trace_id} == {PARENT.trace_id}
    assert (chat.parent_id, process.parent_id) == (process.span_id, PARENT.span_id)
    assert process.trace_state == "vendor=1"
    assert (chat.kind, process.kind) == (SpanKind.CLIENT.name, SpanKind.CONSUMER.name)
    assert (chat.failed, process.failed) == (True, False)
    assert chat.attributes == {
        "gen_ai.usage.input_tokens": 7,
        "gatehouse.repair": False,
        "gen_ai.response.finish_reasons": ["end_turn"],
        "ratio": 0.5,
        "error.type": "model-unavailable",
    }
    assert process.start_ns <= chat.start_ns <= chat.end_ns <= process.end_ns


def test_a_connection_is_kept_between_calls() -> None:
    with receiver() as found:
        exporting = Exporting(found.url)
        exporting.call()
        exporting.call()
    assert (len(found.received), len(found.connections)) == (2, 1)


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503, 302])
def test_a_refusal_drops_the_spans_and_nothing_else(status: int) -> None:
    with receiver() as found:
        found.status = status
        exporting = Exporting(found.url)
        exporting.call()
        exporting.call()
    assert exporting.dropped == [(2, "NotTaken"), (2, "paused")]
    assert len(found.received) == 1


def test_what_a_collector_rejects_is_counted() -> None:
    with receiver() as found:
        found.reply = {"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too long"}}
        exporting = Exporting(found.url)
        exporting.call()
    assert exporting.dropped == [(1, "rejected")]


def test_an_endpoint_that_hangs_holds_nobody() -> None:
    with hanging() as url:
        exporting = Exporting(url, bound=0.05)
        exporting.call()
        exporting.call()
    # Which of the two sees first that the time is over does not matter.
    assert exporting.dropped[0] in {(2, "timeout"), (2, "ReadTimeoutError")}
    assert exporting.dropped[1] == (2, "paused")


def test_an_endpoint_that_refuses_holds_nobody() -> None:
    with refusing() as url:
        exporting = Exporting(url)
        exporting.call()
    assert exporting.dropped == [(2, "NewConnectionError")]


def sent(found: Receiver) -> dict[str, str]:
    return {name.lower(): value for name, value in found.received[-1].headers.items()}


def test_cloudwatch_gets_a_signature_of_the_role(aws: None) -> None:
    with receiver() as found:
        sign = otlp_headers.signed(boto3.Session().get_credentials, "eu-central-1")
        Exporting(found.url, sign).call()
    headers = sent(found)
    assert "/eu-central-1/xray/aws4_request" in headers["authorization"]
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=")
    assert "x-amz-date" in headers
    assert headers["content-type"] == "application/json"


def test_a_collector_gets_the_headers_of_the_secret_and_notices_a_new_one(aws: None) -> None:
    client: Any = boto3.client("secretsmanager")
    client.create_secret(Name="gatehouse/otlp", SecretString=json.dumps({"dd-api-key": "first"}))
    times = [fakes.NOW]
    with receiver() as found:
        headers = otlp_headers.from_secret(client, "gatehouse/otlp", lambda: times[-1])
        exporting = Exporting(found.url, headers)
        for key, minutes in (("first", 0), ("first", 4), ("second", 5)):
            times.append(fakes.NOW.replace(minute=fakes.NOW.minute + minutes))
            exporting.call()
            assert sent(found)["dd-api-key"] == key
            client.put_secret_value(
                SecretId="gatehouse/otlp", SecretString=json.dumps({"dd-api-key": "second"})
            )
    assert exporting.dropped == []


def test_a_secret_that_cannot_be_read_costs_the_spans_only(aws: None) -> None:
    client: Any = boto3.client("secretsmanager")
    with receiver() as found:
        headers = otlp_headers.from_secret(client, "gatehouse/none", lambda: fakes.NOW)
        exporting = Exporting(found.url, headers)
        exporting.call()
    assert exporting.dropped == [(2, "ResourceNotFoundException")]
    assert found.received == []
