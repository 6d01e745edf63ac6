"""Traces, metrics and the log line of each run, through Powertools."""

from contextlib import AbstractContextManager
from typing import cast

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.adapters.otel import OtelProvider
from functions.domain.run import Run, TraceContext
from functions.pipeline.ports import Span

NAMESPACE = "Gatehouse"


class PowertoolsTelemetry:
    """Implements :class:`functions.pipeline.ports.Telemetry`."""

    def __init__(self, provider: OtelProvider, service: str, logger: Logger) -> None:
        # Outside Lambda the Tracer would disable itself, and import the X-Ray SDK to do so.
        self._tracer = Tracer(service=service, provider=provider, disabled=False, auto_patch=False)
        self._service = service
        self._logger = logger

    def span(self, name: str, parent: TraceContext | None = None) -> AbstractContextManager[Span]:
        opened = self._tracer.provider.in_subsegment(name, parent=parent)
        return cast("AbstractContextManager[Span]", opened)

    def count_circuit(self, model: str, state: str) -> None:
        """A model's circuit opened, closed, or is being probed."""
        self._logger.warning("circuit changed", model=model, state=state)
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=self._service)
        metrics.add_dimension("model", model)
        metrics.add_dimension("state", state)
        metrics.add_metric("CircuitChanges", MetricUnit.Count, 1)
        metrics.flush_metrics()

    def count_run(self, run: Run, *, status: str, seconds: float) -> None:
        millis = round(seconds * 1000, 1)
        self._logger.info(
            "run",
            run=run.id,
            agent=run.agent,
            team=run.team.name,
            channel=run.channel,
            workflow=run.workflow,
            status=status,
            trace_id=run.trace.trace_id if run.trace else None,
            model=run.meter.model,
            answered_by=run.meter.answered_by,
            tokens=run.meter.usage.model_dump(),
            cost_micro_usd=run.meter.cost_micro_usd,
            latency_ms=millis,
        )
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=self._service)
        metrics.add_dimension("agent", run.agent)
        metrics.add_dimension("status", status)
        metrics.add_metric("Runs", MetricUnit.Count, 1)
        metrics.add_metric("Latency", MetricUnit.Milliseconds, millis)
        metrics.add_metric("CostMicroUsd", MetricUnit.Count, run.meter.cost_micro_usd)
        metrics.flush_metrics()
