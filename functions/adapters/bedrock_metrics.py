"""What Amazon Bedrock counted, from CloudWatch: daily sums of tokens by model.

Bedrock publishes under ``AWS/Bedrock`` with the dimension ``ModelId``, in the region where it was
called. Its value is the id that was called: a model's, a cross-region inference profile's, or the
end of an application inference profile's ARN. AWS documents the dimension and not its values, so
each is looked for under its next likely names too. The first that has data counts: the names of
one thing are never added up.
https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of
from functions.domain.geography import foundation_model
from functions.domain.ledger import Period
from functions.domain.reconciliation.books import KINDS, midnight
from functions.domain.reconciliation.by_metrics import Reading
from functions.domain.reconciliation.finding import CannotRead

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

CALLS = "calls"
METRICS = {
    "input": ("InputTokenCount",),
    "output": ("OutputTokenCount",),
    "cache_read": ("CacheReadInputTokenCount", "CacheReadInputTokens"),
    "cache_write": ("CacheWriteInputTokenCount", "CacheWriteInputTokens"),
    # For people to look at only: AWS's own pages disagree on whether it counts failed calls.
    CALLS: ("Invocations",),
}
"""Each kind of figure by the names that it may have."""
DAY_SECONDS = 86_400
MOST_QUERIES = 500
"""In one call, says CloudWatch."""
FAILED = frozenset({"Forbidden", "InternalError"})

Names = tuple[tuple[str, ...], ...]
"""Under what a model is counted: things that add up, each with the names that it may have."""


def names_of(model: str) -> Names:
    """A model that is called by its own id. A profile may be counted as the model behind it."""
    return (tuple(dict.fromkeys([model, foundation_model(model)])),)


def end_of_arn(called: str) -> str:
    """An id as it is counted, out of the ARN that may stand in its place."""
    return called.rpartition("/")[2] if called.startswith("arn:") else called


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric under one name, and how much it is preferred to the others of the same figure."""

    model: str
    thing: int
    kind: str
    rank: int
    metric: str
    name: str


class CloudWatchMetrics:
    """Implements :class:`functions.pipeline.reconcile.Metrics`."""

    def __init__(
        self, client: "CloudWatchClient", names: Callable[[str], Names] = names_of
    ) -> None:
        self._client = client
        self._names = names

    def readings(self, models: Collection[str], period: Period) -> dict[tuple[str, date], Reading]:
        series = [each for model in models for each in _series(model, self._names(model))]
        found: dict[tuple[str, date, str, int], tuple[int, float]] = {}
        for each, day, value in self._values(series, period):
            figure = (each.model, day, each.kind, each.thing)
            if figure not in found or each.rank < found[figure][0]:
                found[figure] = (each.rank, value)
        sums: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
        for (model, day, kind, _), (_, value) in found.items():
            of_day = sums[model, day]
            of_day[kind] = of_day.get(kind, 0) + round(value)
        return {key: _reading(of_day) for key, of_day in sums.items()}

    def _values(
        self, series: Sequence[_Series], period: Period
    ) -> Iterator[tuple[_Series, date, float]]:
        for start in range(0, len(series) if period.days else 0, MOST_QUERIES):
            some = {f"m{n}": s for n, s in enumerate(series[start : start + MOST_QUERIES])}
            for result in self._results(some, period):
                for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                    yield some[result["Id"]], at.astimezone(UTC).date(), value

    def _results(self, series: dict[str, _Series], period: Period) -> Iterator[Any]:
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_query(id_, each) for id_, each in series.items()],
            StartTime=midnight(period.first),
            EndTime=midnight(period.end),
        )
        try:
            for page in pages:
                yield from map(_checked, page["MetricDataResults"])
        except (ClientError, BotoCoreError) as error:
            why = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            msg = f"CloudWatch cannot be read ({why})"
            raise CannotRead(msg) from error


def _checked(result: Any) -> Any:
    if result["StatusCode"] in FAILED:
        msg = f"CloudWatch gave no figures ({result['StatusCode']})"
        raise CannotRead(msg)
    return result


def _series(model: str, names: Names) -> Iterator[_Series]:
    for thing, called in enumerate(names):
        for kind, metrics in METRICS.items():
            ways = [(metric, name) for name in called for metric in metrics]
            for rank, (metric, name) in enumerate(ways):
                yield _Series(model, thing, kind, rank, metric, name)


def _query(id_: str, series: _Series) -> Any:
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Bedrock",
                "MetricName": series.metric,
                "Dimensions": [{"Name": "ModelId", "Value": series.name}],
            },
            "Period": DAY_SECONDS,
            "Stat": "Sum",
        },
    }


def _reading(sums: dict[str, int]) -> Reading:
    tokens: Iterable[tuple[str, int]] = ((kind, sums[kind]) for kind in KINDS if kind in sums)
    return Reading(dict(tokens), sums.get(CALLS))
