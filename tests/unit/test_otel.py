"""Spans: in their caller's trace, with ids of their own, and without content."""

import random

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from functions.adapters.otel import OtelProvider
from functions.domain.run import TraceContext

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MARKER = "Zebra-4711"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> OtelProvider:
    return OtelProvider({"service.name": "test"}, spans)


def test_a_span_joins_its_caller_s_trace_and_hands_it_on(provider: OtelProvider) -> None:
    parent = TraceContext(f"00-{TRACE}-00f067aa0ba902b7-01", "vendor=1")

    with provider.in_subsegment("run", parent=parent) as segment:
        assert segment.context.trace_id == TRACE
        assert segment.context.span_id != parent.span_id
        assert segment.context.tracestate == "vendor=1"


@pytest.mark.parametrize("broken", ["", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", "ff-x"])
def test_a_broken_header_begins_a_new_trace(provider: OtelProvider, broken: str) -> None:
    with provider.in_subsegment("run", parent=TraceContext(broken)) as segment:
        assert len(segment.context.trace_id) == 32
        assert int(segment.context.trace_id, 16)


def test_restored_snapshots_do_not_repeat_each_other_s_ids(provider: OtelProvider) -> None:
    seen = []
    for _ in range(2):
        random.seed(1)  # as when two environments are restored from one snapshot
        with provider.in_subsegment("run") as segment:
            seen.append(segment.context.trace_id)
    assert seen[0] != seen[1]


def test_an_error_is_recorded_by_its_kind_alone(
    provider: OtelProvider, spans: InMemorySpanExporter
) -> None:
    with pytest.raises(KeyError), provider.in_subsegment("run"):
        raise KeyError(MARKER)

    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "KeyError"
    assert MARKER not in span.to_json()


def test_an_absent_attribute_is_not_noted(
    provider: OtelProvider, spans: InMemorySpanExporter
) -> None:
    with provider.in_subsegment("run") as segment:
        segment.note({"gen_ai.request.model": None, "gatehouse.team": "retail"})

    (span,) = spans.get_finished_spans()
    assert dict(span.attributes or {}) == {"gatehouse.team": "retail"}
