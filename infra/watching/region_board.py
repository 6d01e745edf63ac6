"""What is shown of a region: everything that is not one agent's, and all agents side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain import metrics
from functions.domain.metrics import Metric
from infra.watching.agent_board import MILLION
from infra.watching.panels import Board, Panel, Section, Unit
from infra.watching.readings import (
    API_LATENCY,
    BACKUP,
    CALLER_ERRORS,
    CONCURRENCY,
    DURATION,
    FUNCTION_ERRORS,
    READS_THROTTLED,
    REQUESTS,
    SERVER_ERRORS,
    THROTTLES,
    TO_S3,
    TO_SPLUNK,
    WRITES_THROTTLED,
    AwsMetric,
    Breakdown,
    Reading,
    aws,
    own,
)

AUDIT_DESTINATIONS: Mapping[str, AwsMetric] = {
    "S3": TO_S3,
    "S3, beside Splunk": BACKUP,
    "Splunk": TO_SPLUNK,
}


def audit_destinations(*, splunk: bool) -> dict[str, AwsMetric]:
    """Those of a zone, which may have Splunk."""
    return {
        name: metric
        for name, metric in AUDIT_DESTINATIONS.items()
        if (metric is not TO_S3) == splunk
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionNames:
    """Names as CloudWatch has them, or the variables of a dashboard."""

    api: str
    stage: str
    stream: str
    audit: Mapping[str, AwsMetric]
    """Where audit lines go, and what says how old the oldest one is that is not there yet."""
    functions: Mapping[str, str]
    """By what they are called here."""
    tables: Mapping[str, str]


def region_board(title: str, names: RegionNames) -> Board:
    """Everything that is measured in a region, what callers feel first."""
    return Board(
        title=title,
        sections=(
            Section(title="Edge", panels=_edge(names)),
            Section(title="Agents", panels=_agents()),
            Section(title="Models", panels=_models()),
            Section(title="Money", panels=_money()),
            Section(title="Messages", panels=_messages()),
            Section(title="Personal data and audit", panels=_trust(names)),
            Section(title="Functions and tables", panels=_functions(names)),
        ),
    )


def _edge(names: RegionNames) -> tuple[Panel, ...]:
    def api(metric: AwsMetric, statistic: str = "Sum") -> Reading:
        return aws(metric, names.api, names.stage, statistic=statistic)

    return (
        Panel(
            title="Requests",
            series={
                "all": api(REQUESTS),
                "the caller's fault": api(CALLER_ERRORS),
                "our fault": api(SERVER_ERRORS),
            },
        ),
        Panel(
            title="Latency of requests",
            series={p: api(API_LATENCY, p) for p in ("p50", "p95", "p99")},
            unit="ms",
        ),
        Panel(
            title="Identity provider's keys missing",
            series={"requests refused": own(metrics.KEYS_UNAVAILABLE)},
        ),
    )


def _agents() -> tuple[Panel, ...]:
    return (
        _by("Runs", metrics.RUNS, "agent", stacked=True),
        _by("Succeeded", metrics.SUCCEEDED, "agent", statistic="Average"),
        _by("Faults", metrics.FAULTS, "agent"),
        _by("Latency, p95", metrics.LATENCY, "agent", statistic="p95", unit="ms"),
        _by("Errors by kind", metrics.ERRORS, "error", stacked=True),
        _by("Accepted for later", metrics.ACCEPTED, "agent"),
        _by("Runs by team", metrics.RUNS, "team", stacked=True),
        _by("Success by team", metrics.SUCCEEDED, "team", statistic="Average"),
        _by("Cache uses", metrics.CACHE_USES, "agent", "cache", stacked=True),
    )


def _models() -> tuple[Panel, ...]:
    return (
        _by("Calls of models", metrics.MODEL_LATENCY, "model", statistic="SampleCount"),
        _by("Latency of models, p95", metrics.MODEL_LATENCY, "model", statistic="p95", unit="ms"),
        _by("Circuits", metrics.CIRCUIT_CHANGES, "model", "state", stacked=True),
        _by("Tokens read", metrics.INPUT_TOKENS, "model"),
        _by("Tokens written", metrics.OUTPUT_TOKENS, "model"),
        Panel(
            title="Tokens in the provider's cache",
            series={
                "read": _breakdown(metrics.CACHE_READ_TOKENS, "model"),
                "written": _breakdown(metrics.CACHE_WRITE_TOKENS, "model"),
            },
        ),
    )


def _money() -> tuple[Panel, ...]:
    return (
        _usd("Cost by agent", metrics.COST, "agent"),
        _usd("Cost by model", metrics.COST, "model"),
        _usd("Cost by team", metrics.COST, "team"),
        _by("Budgets used", metrics.BUDGET_USED, "team", statistic="Maximum", unit="percent"),
        _usd("Budgets spent", metrics.BUDGET_SPENT, "team", statistic="Maximum"),
        _usd("Budgets promised", metrics.BUDGET_RESERVED, "team", statistic="Maximum"),
        _by(
            "Forecast of budgets",
            metrics.BUDGET_FORECAST,
            "team",
            statistic="Maximum",
            unit="percent",
        ),
        _by("Teams restricted", metrics.BUDGET_RESTRICTIONS, "action"),
        _usd("Drift of the ledger", metrics.LEDGER_DRIFT, "model", statistic="Maximum"),
        _by(
            "Drift of the ledger, in percent",
            metrics.LEDGER_DRIFT_PERCENT,
            "model",
            statistic="Maximum",
            unit="percent",
        ),
        _by("Reconciled", metrics.RECONCILIATIONS, "result"),
        _usd("Not settled", metrics.UNSETTLED, "agent"),
    )


def _messages() -> tuple[Panel, ...]:
    return (
        _by("Tries of messages", metrics.DELIVERIES, "agent", "result", stacked=True),
        _by("Event lag, p95", metrics.EVENT_LAG, "agent", "event", statistic="p95", unit="ms"),
        _by("Dead letters", metrics.DEAD_LETTERS, "agent", "reason", stacked=True),
        _by("Messages at a time", metrics.BATCH_SIZE, "agent", statistic="Average"),
        _by("Webhooks", metrics.WEBHOOKS, "result", stacked=True),
    )


def _trust(names: RegionNames) -> tuple[Panel, ...]:
    return (
        _by("Values masked", metrics.REDACTIONS, "entity_type", stacked=True),
        _by("Second detector", metrics.PERSONAL_DATA_UNITS, "detector"),
        Panel(
            title="Audit freshness",
            series={
                name: aws(metric, names.stream, statistic="Maximum")
                for name, metric in names.audit.items()
            },
            unit="s",
        ),
        Panel(
            title="Audit lines",
            series={
                "deferred": own(metrics.AUDIT_DEFERRED),
                "lost": own(metrics.AUDIT_LOST),
            },
        ),
        Panel(
            title="Dropped",
            series={
                "spans": own(metrics.SPANS_DROPPED),
                "fields of log lines": own(metrics.LOG_FIELDS_DROPPED),
            },
        ),
    )


def _functions(names: RegionNames) -> tuple[Panel, ...]:
    return (
        _each("Calls that failed", names.functions, FUNCTION_ERRORS),
        _each("Calls throttled", names.functions, THROTTLES),
        _each("Duration of calls, p95", names.functions, DURATION, statistic="p95", unit="ms"),
        _each("Calls at a time", names.functions, CONCURRENCY, statistic="Maximum"),
        _each("Reads throttled", names.tables, READS_THROTTLED),
        _each("Writes throttled", names.tables, WRITES_THROTTLED),
    )


def _each(
    title: str,
    named: Mapping[str, str],
    metric: AwsMetric,
    *,
    statistic: str = "Sum",
    unit: Unit = "count",
) -> Panel:
    series = {label: aws(metric, name, statistic=statistic) for label, name in named.items()}
    return Panel(title=title, series=series, unit=unit)


def _by(
    title: str,
    metric: Metric,
    *by: str,
    statistic: str = "Sum",
    unit: Unit = "count",
    stacked: bool = False,
) -> Panel:
    shown = _breakdown(metric, *by, statistic=statistic)
    return Panel(title=title, series={"all": shown}, unit=unit, stacked=stacked)


def _usd(title: str, metric: Metric, *by: str, statistic: str = "Sum") -> Panel:
    shown = _breakdown(metric, *by, statistic=statistic, divisor=MILLION)
    return Panel(title=title, series={"all": shown}, unit="usd")


def _breakdown(metric: Metric, *by: str, statistic: str = "Sum", divisor: int = 1) -> Breakdown:
    return Breakdown(metric=metric, by=by, statistic=statistic, where={}, divisor=divisor)
