"""The OpenTelemetry adapter: spans and counts with ids, in the caller's trace, without content."""

import json

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gatehouse_sdk import InvalidInput, opentelemetry
from tests.unit.sdk.fakes import FakeGatehouse, client_of, problem

AGENT = "ticket_summary"


class Backend:
    """Providers that keep what they are given."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.reader = InMemoryMetricReader()
        self.hooks = opentelemetry.hooks(self.tracers, MeterProvider([self.reader]))

    def count(self, name: str) -> int:
        data = self.reader.get_metrics_data()
        assert data
        (resource,) = json.loads(data.to_json())["resource_metrics"]
        metrics = [metric for scope in resource["scope_metrics"] for metric in scope["metrics"]]
        (found,) = (metric for metric in metrics if metric["name"] == name)
        return sum(point["value"] for point in found["data"]["data_points"])


def test_each_attempt_is_a_span_in_the_callers_trace() -> None:
    backend, gatehouse = Backend(), FakeGatehouse()
    gatehouse.replies = [problem(503, "model-unavailable", retryable=True)]
    with backend.tracers.get_tracer("host").start_as_current_span("host") as host:
        client_of(gatehouse, hooks=backend.hooks).run(AGENT, {"text": "secret"})
        trace_id = f"{host.get_span_context().trace_id:032x}"
    failed, answered, _ = backend.spans.get_finished_spans()
    assert [span.name for span in (failed, answered)] == ["gatehouse run"] * 2
    assert answered.attributes == {
        "gatehouse.call": "run",
        "gen_ai.agent.name": AGENT,
        "http.response.status_code": 200,
    }
    assert not failed.status.is_ok
    assert {f"{span.context.trace_id:032x}" for span in (failed, answered)} == {trace_id}
    assert {r.headers["traceparent"].split("-")[1] for r in gatehouse.requests} == {trace_id}
    assert "secret" not in failed.to_json() + answered.to_json()
    assert backend.count("gatehouse.client.retries") == 1


def test_failures_are_counted() -> None:
    backend, gatehouse = Backend(), FakeGatehouse()
    gatehouse.replies = [problem(422, "invalid-input", retryable=False)]
    with pytest.raises(InvalidInput):
        client_of(gatehouse, hooks=backend.hooks).run(AGENT, {})
    assert backend.count("gatehouse.client.errors") == 1


def test_without_a_span_the_client_begins_a_trace_of_its_own() -> None:
    gatehouse = FakeGatehouse()
    client_of(gatehouse, hooks=Backend().hooks).run(AGENT, {})
    assert gatehouse.requests[0].headers["traceparent"].endswith("-01")
