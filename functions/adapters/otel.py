"""Powertools' Tracer on OpenTelemetry: the spans are W3C traces, and no X-Ray SDK is imported.

The X-Ray SDK is in maintenance mode and costs more to import than all other code of a function
together; Powertools lets another provider take its place.
"""

import json
import secrets
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any

from aws_lambda_powertools.tracing.base import BaseProvider, BaseSegment
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import AlwaysRecordSampler, ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from functions.domain.errors import GatehouseError
from functions.domain.run import TraceContext
from functions.domain.trace_state import within_limits
from functions.pipeline.span_ports import Attributes
from functions.pipeline.span_ports import Span as Segment
from functions.pipeline.span_ports import SpanKind as Kind

W3C = TraceContextTextMapPropagator()


class OwnIds(IdGenerator):
    """Ids from the system's randomness.

    The SDK draws them from ``random``, whose state is part of a Lambda snapshot: every environment
    that is restored from it would give its traces the same ids in the same order.
    """

    def generate_span_id(self) -> int:
        return secrets.randbelow((1 << 64) - 1) + 1

    def generate_trace_id(self) -> int:
        return secrets.randbelow((1 << 128) - 1) + 1


class OtelSegment(BaseSegment):
    """A span in the words of Powertools."""

    def __init__(self, span: Span) -> None:
        self._span = span

    @property
    def context(self) -> TraceContext:
        """What to hand on, so that the next hop becomes a child of this span."""
        carrier: dict[str, str] = {}
        W3C.inject(carrier, trace.set_span_in_context(self._span, Context()))
        return TraceContext(carrier["traceparent"], carrier.get("tracestate"))

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes({k: v for k, v in attributes.items() if v is not None})

    def fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def close(self, end_time: int | None = None) -> None:
        self._span.end(end_time)

    def add_subsegment(self, subsegment: Any) -> None:
        """Nothing to do: an OpenTelemetry child names its parent."""

    def remove_subsegment(self, subsegment: Any) -> None:
        """Nothing to do, for the same reason."""

    def put_annotation(self, key: str, value: Any) -> None:
        self._span.set_attribute(key, value)

    def put_metadata(self, key: str, value: Any, namespace: str = "default") -> None:
        self._span.set_attribute(f"{namespace}.{key}", json.dumps(value, default=str))

    @override
    def add_exception(
        self, exception: BaseException, stack: list[Any], remote: bool = False
    ) -> None:
        """Its kind only: a message may quote what the caller sent."""
        kind = type(exception).__name__
        self.fail(exception.slug if isinstance(exception, GatehouseError) else kind)


class OtelProvider(BaseProvider):
    """Where Powertools' Tracer puts its segments."""

    def __init__(
        self,
        service: Mapping[str, str],
        processor: SpanProcessor | None = None,
        *,
        sample_ratio: float = 1.0,
    ) -> None:
        """Without a processor nothing is exported, and traces are only passed on."""
        sampler = ParentBasedTraceIdRatio(sample_ratio)
        provider = TracerProvider(
            # What fails is exported whatever was drawn, so everything is recorded.
            sampler=AlwaysRecordSampler(sampler) if processor else sampler,
            resource=Resource(dict(service)),
            shutdown_on_exit=False,
            id_generator=OwnIds(),
        )
        if processor:
            provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("gatehouse")

    @contextmanager
    def in_subsegment(
        self, name: str | None = None, **kwargs: Any
    ) -> Generator[OtelSegment, None, None]:
        """Time the block; ``parent`` joins another trace, ``kind`` is OpenTelemetry's."""
        parent: TraceContext | None = kwargs.get("parent")
        around = trace.get_current_span()
        with self._tracer.start_as_current_span(
            name or "unnamed",
            context=_joined(parent) if parent else None,
            kind=SpanKind[kwargs.get("kind", "internal").upper()],
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            if parent and around.get_span_context().is_valid:
                _link(around, span)
            segment = OtelSegment(span)
            try:
                yield segment
            except BaseException as error:
                segment.add_exception(error, [])
                raise

    def span(
        self, name: str, parent: TraceContext | None = None, *, kind: Kind = "internal"
    ) -> AbstractContextManager[Segment]:
        """Implements :class:`functions.pipeline.ports.Spans`."""
        return self.in_subsegment(name, parent=parent, kind=kind)

    @asynccontextmanager
    async def in_subsegment_async(
        self, name: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[OtelSegment, None]:
        with self.in_subsegment(name, **kwargs) as segment:
            yield segment

    def put_annotation(self, key: str, value: Any) -> None:
        OtelSegment(trace.get_current_span()).put_annotation(key, value)

    def put_metadata(self, key: str, value: Any, namespace: str = "default") -> None:
        OtelSegment(trace.get_current_span()).put_metadata(key, value, namespace)

    def patch(self, modules: Sequence[str]) -> None:
        """No library is patched: spans are opened where the work is done."""

    def patch_all(self) -> None:
        """No library is patched: spans are opened where the work is done."""


def _joined(parent: TraceContext) -> Context:
    carrier = {"traceparent": parent.traceparent}
    if parent.tracestate:
        carrier["tracestate"] = within_limits(parent.tracestate)
    # An empty context, so that a broken header restarts the trace instead of joining the last one.
    return W3C.extract(carrier, Context())


def _link(batch: Span, member: Span) -> None:
    """Where one piece of work takes part in many traces, each names the other."""
    batch.add_link(member.get_span_context())
    member.add_link(batch.get_span_context())
