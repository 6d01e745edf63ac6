"""What functions write when something happens: every path of the counters, and a typical run."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger

from functions.adapters.counters import (
    PowertoolsCounters,
    count_dropped_fields,
    count_dropped_spans,
    count_keys_unavailable,
)
from functions.adapters.log import make_logger
from functions.domain.budget import Balance
from functions.domain.ledger import Period
from functions.domain.metrics import SERVICE
from functions.domain.names import MicroUsd
from functions.domain.personal_data.entities import EntityType
from functions.domain.pricing import Usage
from functions.domain.reconciliation.finding import Account, Finding
from functions.domain.restriction import Restriction
from functions.domain.run import Meter, ModelCall, Run, TraceContext
from functions.domain.team import Team
from functions.pipeline.run import pipeline
from tests import fakes

Series = tuple[str, frozenset[tuple[str, str]]]
"""A metric's name, and its dimensions with their values."""
TYPICAL_MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@dataclass(frozen=True)
class Written:
    """What went to the log and to the metrics."""

    log: list[str]
    metrics: list[str]

    @property
    def series(self) -> dict[Series, list[float]]:
        found: dict[Series, list[float]] = {}
        for line in map(json.loads, self.metrics):
            for said in line["_aws"]["CloudWatchMetrics"]:
                for names in said["Dimensions"]:
                    by = frozenset((name, line[name]) for name in names if name != "service")
                    assert line["service"] == SERVICE
                    assert "service" in names
                    for metric in said["Metrics"]:
                        found.setdefault((metric["Name"], by), []).extend(line[metric["Name"]])
        return found

    def values(self, name: str, **by: str) -> list[float]:
        return self.series.get((name, frozenset(by.items())), [])


def logger_to(stream: io.StringIO, level: str = "INFO") -> Logger:
    """A logger as functions have it, of its own: Powertools keeps one for each name."""
    logger = make_logger(f"test-{uuid4()}", count_dropped_fields, level=level, stream=stream)
    logger.append_keys(service=SERVICE)
    return logger


def written(
    act: Callable[[PowertoolsCounters], Any], *, level: str = "INFO", **keys: str
) -> Written:
    log, metrics = io.StringIO(), io.StringIO()
    logger = logger_to(log, level)
    logger.append_keys(**keys)
    with redirect_stdout(metrics):
        act(PowertoolsCounters(SERVICE, logger))
    return Written(log.getvalue().splitlines(), metrics.getvalue().splitlines())


def call(model: str = fakes.MODEL, **changes: Any) -> ModelCall:
    fields: dict[str, Any] = {
        "model": model,
        "answered_by": "claude",
        "usage": Usage(input_tokens=1200, output_tokens=180),
        "cost_micro_usd": MicroUsd(2100),
        "latency_ms": 1480,
        "price_since": "2026-01-01T00:00:00Z",
    }
    return ModelCall(**fields | changes)


def a_run(
    *calls: ModelCall, cache: Any = "off", found: tuple[EntityType, ...] = (), **of: Any
) -> Run:
    run = fakes.run(meter=Meter(), **of)
    for each in calls:
        run.meter.add(each)
    run.meter.cache = cache
    for number, kind in enumerate(found):
        run.placeholders.issue(kind, f"value {number}")
    return run


def stages() -> list[str]:
    """What a run with a key goes through, as its meter names it."""
    run = fakes.run(idempotency_key="k-1")
    pipeline(fakes.parts())(run)
    return list(run.meter.stages)


def typical_run() -> Run:
    """As the agents of this repository have them, in names and lengths too."""
    team: Team = fakes.TEAM.model_copy(update={"name": "kyc-operations"})
    run = a_run(
        call(TYPICAL_MODEL, answered_by=TYPICAL_MODEL),
        cache="miss",
        found=(EntityType.PERSON, EntityType.EMAIL_ADDRESS),
        agent="kyc_screening",
        workflow="onboarding",
        team=team,
        trace=TraceContext(f"00-{'a' * 32}-{'b' * 16}-01"),
    )
    run.meter.stages.update(dict.fromkeys(stages(), 12.3))
    return replace(run)


BALANCE = Balance(
    team=fakes.TEAM.name,
    period="2026-11",
    scope="team",
    limit=MicroUsd(2_000_000_000),
    spent=MicroUsd(500_000_000),
    promised=MicroUsd(40_000),
    refused=False,
)
RESTRICTION = Restriction(
    team=fakes.TEAM.name,
    period="2026-11",
    scope="team",
    percent=80,
    action="suspend",
    teller="ledger",
)
SPENT = Account(calls=1, cost_micro_usd=MicroUsd(2100))
FINDING = Finding(
    source="metrics",
    subject=fakes.MODEL,
    period=Period(date(2026, 11, 1), date(2026, 11, 2)),
    ledger=SPENT,
    provider=SPENT,
    drift_micro_usd=0,
)
CACHED = Usage(input_tokens=9, output_tokens=9, cache_read_tokens=9, cache_write_tokens=9)


def every_path(counters: PowertoolsCounters) -> None:
    """Everything that can be counted, each at least once."""
    count = counters.count_run
    found = (EntityType.PERSON,)
    count(a_run(call(usage=CACHED), cache="hit", found=found), status="succeeded", seconds=1)
    count(a_run(), status="out-of-time", seconds=29)
    count(a_run(), status="accepted", seconds=0.1)
    counters.count_unsettled(a_run(call()))
    counters.count_budget(BALANCE, MicroUsd(1_000_000_000))
    counters.count_restriction(RESTRICTION)
    counters.count_circuit(fakes.MODEL, "OPEN")
    counters.count_scan("comprehend", 3)
    counters.count_delivery("echo", "word.said", result="succeeded", lag_seconds=3.5)
    counters.count_batch("echo", 4)
    counters.count_dead_letter("echo", "event-loop")
    counters.count_webhook(result="retried")
    counters.count_reconciled([FINDING], [FINDING])
    count_dropped_fields(1)
    count_dropped_spans(1)
    count_keys_unavailable()
