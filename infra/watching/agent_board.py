"""What is shown of one agent. Grafana shows the same of the agent that is chosen there."""

from dataclasses import dataclass

from functions.domain import metrics
from infra.watching.objectives import fault_terms, quick_share
from infra.watching.panels import Board, Limit, Panel, Section
from infra.watching.readings import (
    CONCURRENCY,
    DURATION,
    FUNCTION_ERRORS,
    IN_FLIGHT,
    INVOCATIONS,
    OLDEST,
    THROTTLES,
    VISIBLE,
    Breakdown,
    Formula,
    Reading,
    aws,
    own,
)

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNames:
    """Whose board it is: names as CloudWatch has them, or the variables of a dashboard."""

    agent: str
    function: str
    queue: str
    dead_letters: str
    availability_percent: float | str
    latency_percent: float | str
    quick_ms: int | str


def agent_board(title: str, names: AgentNames) -> Board:
    """Everything that is measured of one agent, what its callers feel first."""
    return Board(
        title=title,
        sections=(
            Section(title="Promises", panels=_promises(names)),
            Section(title="Runs", panels=_runs(names.agent)),
            Section(title="Models and money", panels=_models(names.agent)),
            Section(title="Messages", panels=_messages(names)),
            Section(title="Function", panels=_function(names.function)),
        ),
    )


def _promises(names: AgentNames) -> tuple[Panel, ...]:
    bad = fault_terms(names.agent)
    quick = quick_share(names.agent, names.quick_ms)
    budget = f"(100 - {names.availability_percent})"
    slack = f"(100 - {names.latency_percent})"
    return (
        Panel(
            title="Availability",
            series={"not our fault": Formula(expression="100 * (1 - bad / valid)", terms=bad)},
            unit="percent",
            limits=_promised(names.availability_percent),
        ),
        Panel(
            title="Quick runs",
            series={f"within {names.quick_ms} ms": quick},
            unit="percent",
            limits=_promised(names.latency_percent),
        ),
        Panel(
            title="How fast the error budget burns",
            series={
                "failing": Formula(expression=f"100 * bad / valid / {budget}", terms=bad),
                "slow": Formula(expression=f"(100 - quick) / {slack}", terms={"quick": quick}),
            },
            unit="rate",
            limits=(Limit(value=1, label="as fast as it may"), Limit(value=14.4, label="page")),
        ),
    )


def _promised(percent: float | str) -> tuple[Limit, ...]:
    return () if isinstance(percent, str) else (Limit(value=percent, label="promised"),)


def _runs(agent: str) -> tuple[Panel, ...]:
    return (
        Panel(
            title="Traffic",
            series={
                "runs": own(metrics.RUNS, agent=agent),
                "succeeded": own(metrics.SUCCEEDED, agent=agent),
                "accepted for later": own(metrics.ACCEPTED, agent=agent),
            },
        ),
        Panel(
            title="Success",
            series={
                "of all runs": Formula(
                    expression="100 * succeeded",
                    terms={"succeeded": own(metrics.SUCCEEDED, "Average", agent=agent)},
                )
            },
            unit="percent",
        ),
        Panel(
            title="Errors by kind",
            series={
                "kinds": Breakdown(metric=metrics.ERRORS, by=("error",), where={"agent": agent})
            },
            stacked=True,
        ),
        Panel(
            title="Latency",
            series={p: own(metrics.LATENCY, p, agent=agent) for p in ("p50", "p95", "p99")},
            unit="ms",
        ),
        Panel(
            title="Cache hit rate", series={"answers used again": _hit_rate(agent)}, unit="percent"
        ),
        Panel(title="Values masked", series={"values": own(metrics.REDACTIONS, agent=agent)}),
    )


def _hit_rate(agent: str) -> Formula:
    terms = {use: own(metrics.CACHE_USES, agent=agent, cache=use) for use in metrics.CACHE.values}
    every = " + ".join(f"FILL({use}, 0)" for use in terms)
    return Formula(expression=f"100 * (FILL(hit, 0) + FILL(stale, 0)) / ({every})", terms=terms)


def _models(agent: str) -> tuple[Panel, ...]:
    cost = own(metrics.COST, agent=agent)
    return (
        Panel(
            title="Cost",
            series={"models": Formula(expression=f"cost / {MILLION}", terms={"cost": cost})},
            unit="usd",
        ),
        Panel(
            title="Cost of a run",
            series={
                "on average": Formula(
                    expression=f"cost / runs / {MILLION}",
                    terms={"cost": cost, "runs": own(metrics.RUNS, agent=agent)},
                )
            },
            unit="usd",
        ),
        Panel(
            title="Tokens",
            series={
                "read": own(metrics.INPUT_TOKENS, agent=agent),
                "written": own(metrics.OUTPUT_TOKENS, agent=agent),
            },
        ),
        Panel(title="Not settled", series={"cost": _unsettled(agent)}, unit="usd"),
        Panel(
            title="Circuits of all models that opened",
            series={
                "models": Breakdown(
                    metric=metrics.CIRCUIT_CHANGES, by=("model",), where={"state": "OPEN"}
                )
            },
        ),
    )


def _unsettled(agent: str) -> Formula:
    terms = {"cost": own(metrics.UNSETTLED, agent=agent)}
    return Formula(expression=f"cost / {MILLION}", terms=terms)


def _messages(names: AgentNames) -> tuple[Panel, ...]:
    here = {"agent": names.agent}
    return (
        Panel(
            title="Event lag",
            series={
                "p95": Breakdown(
                    metric=metrics.EVENT_LAG, by=("event",), statistic="p95", where=here
                )
            },
            unit="ms",
        ),
        Panel(
            title="Tries of messages",
            series={
                "results": Breakdown(metric=metrics.DELIVERIES, by=("result",), where=here),
            },
            stacked=True,
        ),
        Panel(
            title="Messages taken at a time",
            series={"average": own(metrics.BATCH_SIZE, "Average", agent=names.agent)},
        ),
        Panel(
            title="Queue",
            series={
                "waiting": aws(VISIBLE, names.queue, statistic="Maximum"),
                "worked on": aws(IN_FLIGHT, names.queue, statistic="Maximum"),
            },
        ),
        Panel(
            title="Oldest message",
            series={"waits for": aws(OLDEST, names.queue, statistic="Maximum")},
            unit="s",
        ),
        Panel(
            title="Dead letters",
            series={
                "waiting": aws(VISIBLE, names.dead_letters, statistic="Maximum"),
                "given up": Breakdown(metric=metrics.DEAD_LETTERS, by=("reason",), where=here),
            },
        ),
    )


def _function(function: str) -> tuple[Panel, ...]:
    return (
        Panel(
            title="Calls of the function",
            series={
                "calls": aws(INVOCATIONS, function),
                "failed": aws(FUNCTION_ERRORS, function),
                "throttled": aws(THROTTLES, function),
            },
        ),
        Panel(title="Duration of calls", series=_durations(function), unit="ms"),
        Panel(
            title="Calls at a time",
            series={"most": aws(CONCURRENCY, function, statistic="Maximum")},
        ),
    )


def _durations(function: str) -> dict[str, Reading]:
    return {p: aws(DURATION, function, statistic=p) for p in ("p50", "p95", "p99")}
