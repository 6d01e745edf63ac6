"""What a person asks of metrics: agents, teams and models, with the rates that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.readings.series import Column, Figures, Source, rows
from functions.domain import metrics
from functions.domain.names import JsonObject

AGENT = (
    Column("runs", metrics.RUNS),
    Column("succeeded", metrics.SUCCEEDED),
    Column("faults", metrics.FAULTS),
    Column("errors", metrics.ERRORS, each="error"),
    Column("p50_ms", metrics.LATENCY, "p50"),
    Column("p95_ms", metrics.LATENCY, "p95"),
    Column("p99_ms", metrics.LATENCY, "p99"),
    Column("input_tokens", metrics.INPUT_TOKENS),
    Column("output_tokens", metrics.OUTPUT_TOKENS),
    Column("cost_micro_usd", metrics.COST),
    Column("cache_uses", metrics.CACHE_USES, each="cache"),
    Column("redactions", metrics.REDACTIONS),
    Column("lag_p95_ms", metrics.EVENT_LAG, "p95", each="event"),
    Column("dead_letters", metrics.DEAD_LETTERS, each="reason"),
    Column("unsettled_micro_usd", metrics.UNSETTLED),
)
TEAM = (
    Column("runs", metrics.RUNS),
    Column("succeeded", metrics.SUCCEEDED),
    Column("cost_micro_usd", metrics.COST),
    Column("spent_this_month_micro_usd", metrics.BUDGET_SPENT, "Maximum"),
    Column("reserved_micro_usd", metrics.BUDGET_RESERVED, "Maximum"),
    Column("budget_used_percent", metrics.BUDGET_USED, "Maximum"),
)
MODEL = (
    Column("calls", metrics.MODEL_LATENCY, "SampleCount"),
    Column("p50_ms", metrics.MODEL_LATENCY, "p50"),
    Column("p95_ms", metrics.MODEL_LATENCY, "p95"),
    Column("input_tokens", metrics.INPUT_TOKENS),
    Column("output_tokens", metrics.OUTPUT_TOKENS),
    Column("cost_micro_usd", metrics.COST),
    Column("circuit_changes", metrics.CIRCUIT_CHANGES, each="state"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured in a span of time."""

    place: str
    since: datetime
    until: datetime
    agents: Mapping[str, Figures]
    teams: Mapping[str, Figures]
    models: Mapping[str, Figures]

    @classmethod
    def of(cls, source: Source, since: datetime, until: datetime) -> "Report":
        return cls(
            place=source.place,
            since=since,
            until=until,
            agents={
                name: row | {"success_rate": _rate(row), "cache_hit_rate": _hit_rate(row)}
                for name, row in rows(source, "agent", AGENT).items()
            },
            teams={
                name: row | {"success_rate": _rate(row)}
                for name, row in rows(source, "team", TEAM).items()
            },
            models=rows(source, "model", MODEL),
        )

    @property
    def is_empty(self) -> bool:
        return not (self.agents or self.teams or self.models)

    def as_data(self) -> JsonObject:
        return {
            "place": self.place,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "agents": dict(self.agents),
            "teams": dict(self.teams),
            "models": dict(self.models),
        }


def _rate(row: Figures) -> float | None:
    runs, succeeded = row["runs"], row["succeeded"]
    if not isinstance(runs, float) or not isinstance(succeeded, float) or not runs:
        return None
    return succeeded / runs


def _hit_rate(row: Figures) -> float | None:
    uses: Any = row["cache_uses"]
    total = sum(uses.values())
    return uses.get("hit", 0.0) / total if total else None
