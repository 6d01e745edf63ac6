"""Traces, metrics and the log line of each run, through Powertools."""

from contextlib import AbstractContextManager
from typing import cast

from aws_lambda_powertools import Logger, Tracer

from functions.adapters.counters import PowertoolsCounters
from functions.adapters.otel import OtelProvider
from functions.domain.run import TraceContext
from functions.pipeline.span_ports import Span, SpanKind


class PowertoolsTelemetry(PowertoolsCounters):
    """Implements :class:`functions.pipeline.ports.Telemetry`."""

    def __init__(self, provider: OtelProvider, service: str, logger: Logger) -> None:
        super().__init__(service, logger)
        # Outside Lambda the Tracer would disable itself, and import the X-Ray SDK to do so.
        self._tracer = Tracer(service=service, provider=provider, disabled=False, auto_patch=False)

    def span(
        self, name: str, parent: TraceContext | None = None, *, kind: SpanKind = "internal"
    ) -> AbstractContextManager[Span]:
        provider = cast("OtelProvider", self._tracer.provider)
        return provider.span(name, parent, kind=kind)
