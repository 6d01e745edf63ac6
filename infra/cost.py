"""What the gatehouse itself costs, besides what models cost.

It follows from what tables declare, what runs were measured to use, and what AWS charges.
``python -m infra.pages`` writes it into ``docs/cost.md``.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.domain import metrics
from functions.domain.metrics import Estate
from infra.prices import AwsPrice, aws_prices

FILE = Path(__file__).with_name("measured.toml")
LOG_EVENT_OVERHEAD_BYTES = 26
"""CloudWatch adds so much to each line."""
BYTES_PER_GB = 1_000_000_000
MINUTES_PER_MONTH = 60 * 730

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
ESTATE = Estate(teams=50, agents=20, models=6, event_types=2)
"""A large customer: what the page reckons with."""


@dataclass(frozen=True, slots=True)
class Series:
    """How many series there are in one region."""

    steady: int
    """At most, whatever happens."""
    rare: int
    """At most, in hours in which everything that can go wrong does."""

    @property
    def total(self) -> int:
        return self.steady + self.rare

    @classmethod
    def of(cls, estate: Estate) -> "Series":
        counted = {m: m.series(estate) for m in metrics.ALL}
        rare = sum(count for m, count in counted.items() if m.rare)
        return cls(sum(counted.values()) - rare, rare)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBytes:
    """What is written to CloudWatch Logs."""

    run_line: int
    run_metrics: int
    run_log_events: int
    event_metrics: int
    """Besides, for a run that an event caused."""
    event_log_events: int
    budget_metrics: int
    """Of one team, each minute."""

    @property
    def of_run(self) -> int:
        return self.run_line + self.run_metrics + self.run_log_events * LOG_EVENT_OVERHEAD_BYTES

    @property
    def of_event(self) -> int:
        """What a run from the queue writes more."""
        return self.event_metrics + self.event_log_events * LOG_EVENT_OVERHEAD_BYTES

    def of_budgets(self, teams: int) -> int:
        """In a month."""
        return teams * MINUTES_PER_MONTH * (self.budget_metrics + LOG_EVENT_OVERHEAD_BYTES)


@cache
def log_bytes() -> LogBytes:
    """As measured."""
    return LogBytes(**tomllib.loads(FILE.read_text(encoding="utf-8"))["log_bytes"])


def series_cost(series: int, region: str) -> float:
    """US dollars a month, if each is there all month."""
    return _price("custom-metric").cost(series, region)


def ingestion_cost(written_bytes: float, region: str) -> float:
    """US dollars for writing so much into the logs of functions."""
    return _price("lambda-log-ingestion").cost(written_bytes / BYTES_PER_GB, region)


def _price(item: str) -> AwsPrice:
    return aws_prices()[item]
