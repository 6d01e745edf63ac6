"""The metrics and log lines that functions write when something happened.

A function that traces nothing needs no more than this; ``telemetry.py`` adds spans to it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from aws_lambda_powertools import Logger

from functions.adapters.emf import EmfLines, Values
from functions.domain import metrics as names
from functions.domain.budget import Balance
from functions.domain.errors import BY_SLUG, GatehouseError
from functions.domain.metrics import Metric
from functions.domain.reconciliation.finding import RESULTS, Finding
from functions.domain.restriction import Restriction
from functions.domain.run import Meter, ModelCall, Run
from functions.pipeline.ports import DeliveryResult

SUCCEEDED = "succeeded"
ACCEPTED = "accepted"
FIRST_FAULT = 500
"""What has this status or a higher one is not the caller's fault."""
MOST_VALUES = 99
"""Of one metric in a line; at a hundred, Powertools would write a line of its own accord."""


class PowertoolsCounters:
    """Implements what :class:`functions.pipeline.ports.Telemetry` counts."""

    def __init__(self, service: str, logger: Logger) -> None:
        self._service = service
        self._logger = logger

    def count_run(self, run: Run, *, status: str, seconds: float) -> None:
        millis = round(seconds * 1000, 1)
        self._log_run(run, status, millis)
        with EmfLines(self._service) as lines:
            if status == ACCEPTED:
                lines.add({names.ACCEPTED: 1}, agent=run.agent)
                return
            lines.add(_ended(run, status, millis), agent=run.agent, team=run.team.name)
            if status != SUCCEEDED:
                lines.add({names.ERRORS: 1}, agent=run.agent, error=status)
            if run.meter.cache != "off":
                lines.add({names.CACHE_USES: 1}, agent=run.agent, cache=run.meter.cache)
            for model, values in _by_model(run.meter):
                lines.add(values, model=model)
            for kind, count in run.placeholders.counts().items():
                lines.add({names.REDACTIONS: count}, entity_type=kind)

    def count_unsettled(self, run: Run) -> None:
        self._logger.error(
            "run not settled",
            run=run.id,
            agent=run.agent,
            team=run.team.name,
            workflow=run.workflow,
            calls=[
                {"model": call.model, "tokens": call.usage.model_dump(exclude_defaults=True)}
                for call in run.meter.calls
            ],
            cost_micro_usd=run.meter.cost_micro_usd,
        )
        self._write({names.UNSETTLED: run.meter.cost_micro_usd}, agent=run.agent)

    def count_budget(self, balance: Balance, forecast: int | None = None) -> None:
        """What became of a team's monthly limit so far, and what is forecast for all of it."""
        values: dict[Metric, float] = {
            names.BUDGET_SPENT: balance.spent,
            names.BUDGET_RESERVED: balance.promised,
        }
        if balance.used_percent is not None:
            values[names.BUDGET_USED] = balance.used_percent
            if forecast is not None:
                values[names.BUDGET_FORECAST] = round(100 * forecast / balance.limit, 2)
        self._write(values, team=balance.team)

    def count_restriction(self, restriction: Restriction) -> None:
        """What a team may still do was restricted by its own policy."""
        self._logger.warning(
            "budget restricted",
            team=restriction.team,
            period=restriction.period,
            scope=restriction.scope,
            action=restriction.action,
            percent=restriction.percent,
            teller=restriction.teller,
        )
        self._write({names.BUDGET_RESTRICTIONS: 1}, action=restriction.action)

    def count_circuit(self, model: str, state: str) -> None:
        """A model's circuit opened, closed, or is being probed."""
        self._logger.warning("circuit changed", model=model, state=state)
        self._write({names.CIRCUIT_CHANGES: 1}, model=model, state=state)

    def count_scan(self, detector: str, units: int) -> None:
        """A second detector read so much, in the units that AWS charges for."""
        self._write({names.PERSONAL_DATA_UNITS: units}, detector=detector)

    def count_delivery(
        self, agent: str, event: str, *, result: DeliveryResult, lag_seconds: float | None
    ) -> None:
        with EmfLines(self._service) as lines:
            lines.add({names.DELIVERIES: 1}, agent=agent, result=result)
            if lag_seconds is not None:
                lines.add({names.EVENT_LAG: round(lag_seconds * 1000)}, agent=agent, event=event)

    def count_dead_letter(self, agent: str, reason: str) -> None:
        self._write({names.DEAD_LETTERS: 1}, agent=agent, reason=reason)

    def count_webhook(self, *, result: DeliveryResult) -> None:
        self._write({names.WEBHOOKS: 1}, result=result)

    def count_batch(self, agent: str, messages: int) -> None:
        self._write({names.BATCH_SIZE: messages}, agent=agent)

    def count_reconciled(self, yesterday: Iterable[Finding], findings: Iterable[Finding]) -> None:
        """What came of comparing the ledger with the provider, and each model's drift yesterday."""
        results = Counter(finding.result for finding in findings)
        with EmfLines(self._service) as lines:
            for result in RESULTS:
                lines.add({names.RECONCILIATIONS: results[result]}, result=result)
            for finding in yesterday:
                if finding.source != "bill" and finding.drift_micro_usd is not None:
                    percent = float(finding.drift_percent or 0)
                    drift = {names.LEDGER_DRIFT: finding.drift_micro_usd}
                    lines.add({**drift, names.LEDGER_DRIFT_PERCENT: percent}, model=finding.subject)

    def _write(self, values: Values, **dimensions: str) -> None:
        with EmfLines(self._service) as lines:
            lines.add(values, **dimensions)

    def _log_run(self, run: Run, status: str, millis: float) -> None:
        trace_id = run.trace.trace_id if run.trace else None
        for call in run.meter.calls:
            self._logger.debug(
                "model call",
                run=run.id,
                trace_id=trace_id,
                model=call.model,
                answered_by=call.answered_by,
                tokens=call.usage.model_dump(exclude_defaults=True),
                cost_micro_usd=call.cost_micro_usd,
                latency_ms=call.latency_ms,
            )
        self._logger.info(
            "run",
            run=run.id,
            agent=run.agent,
            team=run.team.name,
            channel=run.channel,
            workflow=run.workflow,
            status=status,
            trace_id=trace_id,
            model=run.meter.model,
            answered_by=run.meter.answered_by,
            tokens=run.meter.usage.model_dump(exclude_defaults=True),
            cost_micro_usd=run.meter.cost_micro_usd,
            cache=run.meter.cache,
            latency_ms=millis,
            stages={name: round(took, 1) for name, took in run.meter.stages.items()},
        )


def count_dropped_spans(count: int) -> None:
    """So many spans could not be exported."""
    with EmfLines(names.SERVICE) as lines:
        lines.add({names.SPANS_DROPPED: count})


def count_keys_unavailable() -> None:
    """A request was refused since its issuer's keys could not be had."""
    with EmfLines(names.SERVICE) as lines:
        lines.add({names.KEYS_UNAVAILABLE: 1})


def count_dropped_fields(count: int) -> None:
    """So many parts of a log line were not declared."""
    with EmfLines(names.SERVICE) as lines:
        lines.add({names.LOG_FIELDS_DROPPED: count})


def _ended(run: Run, status: str, millis: float) -> dict[Metric, float]:
    """What is counted for the agent; what is nothing is left out, for it would cost bytes."""
    error = None if status == SUCCEEDED else BY_SLUG.get(status, GatehouseError)
    fault = bool(error and error.status >= FIRST_FAULT)
    values: dict[Metric, float] = {
        names.RUNS: 1,
        names.SUCCEEDED: int(error is None),
        names.FAULTS: int(fault),
    }
    if error is None or fault:
        values[names.LATENCY] = millis
    usage, cost = run.meter.usage, run.meter.cost_micro_usd
    used = {
        names.COST: cost,
        names.INPUT_TOKENS: usage.input_tokens,
        names.OUTPUT_TOKENS: usage.output_tokens,
        names.REDACTIONS: sum(run.placeholders.counts().values()),
    }
    return values | {metric: value for metric, value in used.items() if value}


def _by_model(meter: Meter) -> Iterator[tuple[str, dict[Metric, float | list[float]]]]:
    calls: list[ModelCall]
    by_model = attrgetter("model")
    for model, group in groupby(sorted(meter.calls, key=by_model), key=by_model):
        calls = list(group)
        for start in range(0, len(calls), MOST_VALUES):
            yield model, _of_calls(calls[start : start + MOST_VALUES])


def _of_calls(calls: list[ModelCall]) -> dict[Metric, float | list[float]]:
    totals = {
        names.COST: sum(call.cost_micro_usd for call in calls),
        names.INPUT_TOKENS: sum(call.usage.input_tokens for call in calls),
        names.OUTPUT_TOKENS: sum(call.usage.output_tokens for call in calls),
        names.CACHE_READ_TOKENS: sum(call.usage.cache_read_tokens for call in calls),
        names.CACHE_WRITE_TOKENS: sum(call.usage.cache_write_tokens for call in calls),
    }
    latencies: list[float] = [call.latency_ms for call in calls]
    return {names.MODEL_LATENCY: latencies} | {m: total for m, total in totals.items() if total}
