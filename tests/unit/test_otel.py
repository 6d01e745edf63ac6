"""Spans: in their caller's trace, with ids of their own, sampled as was drawn, without content."""

import random
from itertools import pairwise

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from functions.adapters.otel import OtelProvider
from functions.domain.errors import AccessDenied
from functions.domain.run import TraceContext
from functions.domain.trace_state import within_limits

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
MARKER = "Zebra-4711"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> OtelProvider:
    return OtelProvider({"service.name": "test"}, SimpleSpanProcessor(spans))


def caller(traceparent: str = f"00-{TRACE}-{PARENT}-01", state: str | None = None) -> TraceContext:
    return TraceContext(traceparent, state)


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_span_joins_its_caller_s_trace_and_hands_it_on(provider: OtelProvider) -> None:
    with provider.span("run", caller(state="vendor=1")) as span:
        assert span.context.trace_id == TRACE
        assert span.context.span_id != PARENT
        assert span.context.headers["tracestate"] == "vendor=1"


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01,00-{TRACE}-{PARENT}-01",
        "ff-x",
    ],
)
def test_a_broken_header_begins_a_new_trace(provider: OtelProvider, broken: str) -> None:
    with provider.span("run", caller(broken, "vendor=1")) as span:
        assert span.context.trace_id != TRACE
        assert int(span.context.trace_id, 16)
        assert span.context.tracestate is None


def test_a_later_version_of_the_header_is_read_as_far_as_it_is_known(
    provider: OtelProvider,
) -> None:
    with provider.span("run", caller(f"01-{TRACE}-{PARENT}-01-more")) as span:
        assert span.context.trace_id == TRACE
        assert span.context.traceparent.startswith("00-")


@pytest.mark.parametrize(
    "broken", ["=1", "A=1", "a=1,b", "a=1\tb", ",".join(f"k{n}=1" for n in range(33))]
)
def test_a_broken_tracestate_is_left_out_and_the_trace_goes_on(
    provider: OtelProvider, broken: str
) -> None:
    with provider.span("run", caller(state=broken)) as span:
        assert (span.context.trace_id, span.context.tracestate) == (TRACE, None)


def test_thirty_two_entries_and_512_characters_are_passed_on(provider: OtelProvider) -> None:
    full = ",".join(f"k{n}={'v' * 12}" for n in range(10, 42))
    assert len(full) == 32 * 17 - 1 - 0
    state = within_limits(full)
    assert 0 < len(state) <= 512
    assert full.startswith(state), "the last ones are left out"
    with provider.span("run", caller(state=full)) as span:
        assert span.context.tracestate == state


def test_long_entries_are_left_out_first() -> None:
    kept = ["first=1", *(f"k{n}={'v' * 100}" for n in range(4)), "last=1"]
    long = f"long={'v' * 200}"
    assert within_limits(",".join([kept[0], long, *kept[1:]])) == ",".join(kept)


@pytest.mark.parametrize(("flags", "ratio"), [("00", 1.0), ("01", 0.0)])
def test_what_the_caller_decided_is_kept_to_and_passed_on(
    spans: InMemorySpanExporter, flags: str, ratio: float
) -> None:
    provider = OtelProvider({}, SimpleSpanProcessor(spans), sample_ratio=ratio)
    with provider.span("run", caller(f"00-{TRACE}-{PARENT}-{flags}")) as span:
        assert span.context.traceparent.endswith(f"-{flags}")
        with provider.span("inner") as inner:
            assert inner.context.traceparent.endswith(f"-{flags}")
    assert len(spans.get_finished_spans()) == 2 * int(flags)


def test_without_an_exporter_a_trace_is_only_passed_on() -> None:
    provider = OtelProvider({}, sample_ratio=0.0)
    with provider.span("ours") as span:
        assert span.context.traceparent.endswith("-00")
    with provider.span("run", caller(state="vendor=1")) as span:
        assert span.context.traceparent.endswith("-01")
        assert (span.context.trace_id, span.context.tracestate) == (TRACE, "vendor=1")


def test_where_several_traces_meet_each_keeps_its_own_and_they_are_linked(
    provider: OtelProvider, spans: InMemorySpanExporter
) -> None:
    parents = [f"00-{digit * 32}-{PARENT}-01" for digit in "12"]
    with provider.span("batch", kind="consumer"):
        for number, parent in enumerate(parents):
            with provider.span(f"message {number}", caller(parent), kind="consumer"):
                pass

    found = by_name(spans)
    batch, messages = found["batch"], [found["message 0"], found["message 1"]]
    ids = {span.context.trace_id for span in (batch, *messages)}
    assert len(ids) == 3
    assert {link.context.span_id for link in batch.links} == {m.context.span_id for m in messages}
    for message in messages:
        (link,) = message.links
        assert link.context.span_id == batch.context.span_id
        assert message.kind is SpanKind.CONSUMER


def test_restored_snapshots_do_not_repeat_each_other_s_ids(provider: OtelProvider) -> None:
    seen = []
    for _ in range(2):
        random.seed(1)  # as when two environments are restored from one snapshot
        with provider.span("run") as span:
            seen.append(span.context.trace_id)
    assert all(first != second for first, second in pairwise(seen))


@pytest.mark.parametrize(
    ("error", "kind"), [(KeyError(MARKER), "KeyError"), (AccessDenied(MARKER), "access-denied")]
)
def test_an_error_is_recorded_by_its_kind_alone(
    provider: OtelProvider, spans: InMemorySpanExporter, error: Exception, kind: str
) -> None:
    with pytest.raises(type(error)), provider.span("run"):
        raise error

    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == kind
    assert not span.status.is_ok
    assert MARKER not in span.to_json()


def test_an_absent_attribute_is_not_noted(
    provider: OtelProvider, spans: InMemorySpanExporter
) -> None:
    with provider.span("run") as span:
        span.note({"gen_ai.request.model": None, "gatehouse.team": "retail"})

    (found,) = spans.get_finished_spans()
    assert dict(found.attributes or {}) == {"gatehouse.team": "retail"}
