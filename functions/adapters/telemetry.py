"""Traces, metrics and the log line of each run, through Powertools."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.adapters.otel import OtelProvider
from functions.domain import metrics as names
from functions.domain.run import Run, TraceContext
from functions.pipeline.ports import DeliveryResult, Span


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
        with self._metrics(model=model, state=state) as metrics:
            metrics.add_metric(names.CIRCUIT_CHANGES, MetricUnit.Count, 1)

    def count_scan(self, detector: str, units: int) -> None:
        """A second detector read so much, in the units that AWS charges for."""
        with self._metrics(detector=detector) as metrics:
            metrics.add_metric(names.PERSONAL_DATA_UNITS, MetricUnit.Count, units)

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
        with self._metrics(agent=run.agent, status=status) as metrics:
            metrics.add_metric(names.RUNS, MetricUnit.Count, 1)
            metrics.add_metric(names.LATENCY, MetricUnit.Milliseconds, millis)
            metrics.add_metric(names.COST, MetricUnit.Count, run.meter.cost_micro_usd)

    def count_unsettled(self, run: Run) -> None:
        self._logger.error(
            "run not settled",
            run=run.id,
            agent=run.agent,
            team=run.team.name,
            workflow=run.workflow,
            calls=[
                {"model": call.model, "tokens": call.usage.model_dump()} for call in run.meter.calls
            ],
            cost_micro_usd=run.meter.cost_micro_usd,
        )
        with self._metrics(agent=run.agent) as metrics:
            metrics.add_metric(names.UNSETTLED, MetricUnit.Count, run.meter.cost_micro_usd)

    def count_delivery(
        self, agent: str, event: str, *, result: DeliveryResult, lag_seconds: float | None
    ) -> None:
        with self._metrics(agent=agent, result=result) as metrics:
            metrics.add_metric(names.DELIVERIES, MetricUnit.Count, 1)
        if lag_seconds is not None:
            with self._metrics(agent=agent, event=event) as metrics:
                metrics.add_metric(
                    names.EVENT_LAG, MetricUnit.Milliseconds, round(lag_seconds * 1000)
                )

    def count_dead_letter(self, agent: str, reason: str) -> None:
        with self._metrics(agent=agent, reason=reason) as metrics:
            metrics.add_metric(names.DEAD_LETTERS, MetricUnit.Count, 1)

    def count_webhook(self, *, result: DeliveryResult) -> None:
        with self._metrics(result=result) as metrics:
            metrics.add_metric(names.WEBHOOKS, MetricUnit.Count, 1)

    def count_batch(self, agent: str, messages: int) -> None:
        with self._metrics(agent=agent) as metrics:
            metrics.add_metric(names.BATCH_SIZE, MetricUnit.Count, messages)

    @contextmanager
    def _metrics(self, **dimensions: str) -> Iterator[EphemeralMetrics]:
        """Metrics that share these dimensions, written as one line of CloudWatch's own format."""
        metrics = EphemeralMetrics(namespace=names.NAMESPACE, service=self._service)
        for name, value in dimensions.items():
            metrics.add_dimension(name, value)
        yield metrics
        metrics.flush_metrics()
