"""A region's metrics, from CloudWatch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.aws import explained
from cli.readings.series import Series, Wanted
from functions.domain.metrics import NAMESPACE, SERVICE
from functions.domain.names import JsonObject

MOST_QUERIES = 500
"""Of one request."""
RECENT = timedelta(hours=3)
"""CloudWatch can leave out series of which nothing came for so long."""
ADDED_UP = frozenset({"Sum", "SampleCount"})


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """Implements :class:`cli.readings.series.Source`, from whole minutes."""

    client: Any
    place: str
    since: datetime
    until: datetime

    def series(self) -> set[Series]:
        recent = {"RecentlyActive": "PT3H"} if self.until - self.since <= RECENT else {}
        with explained("cloudwatch", self.place):
            pages = self.client.get_paginator("list_metrics").paginate(
                Namespace=NAMESPACE,
                Dimensions=[{"Name": "service", "Value": SERVICE}],
                **recent,
            )
            return {_series(metric) for page in pages for metric in page["Metrics"]}

    def read(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, float]:
        found: dict[Wanted, float] = {}
        for start in range(0, len(wanted), MOST_QUERIES):
            found |= self._read(wanted[start : start + MOST_QUERIES])
        return found

    def _read(self, wanted: Sequence[Wanted]) -> dict[Wanted, float]:
        queries = [self._query(number, each) for number, each in enumerate(wanted)]
        values: dict[str, list[float]] = {}
        for result in self._results(queries):
            values.setdefault(result["Id"], []).extend(result["Values"])
        ids = ((f"q{number}", each) for number, each in enumerate(wanted))
        return {each: _one(values[id_], each) for id_, each in ids if values.get(id_)}

    def _results(self, queries: list[JsonObject]) -> Iterator[JsonObject]:
        with explained("cloudwatch", self.place):
            pages = self.client.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries, StartTime=self.since, EndTime=self.until
            )
            for page in pages:
                yield from page["MetricDataResults"]

    def _query(self, number: int, wanted: Wanted) -> JsonObject:
        dimensions = {"service": SERVICE, **wanted.series.dimensions}
        return {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": wanted.series.name,
                    "Dimensions": [{"Name": n, "Value": dimensions[n]} for n in sorted(dimensions)],
                },
                "Period": int((self.until - self.since).total_seconds()),
                "Stat": wanted.statistic,
            },
        }


def _series(metric: JsonObject) -> Series:
    by = {d["Name"]: d["Value"] for d in metric["Dimensions"] if d["Name"] != "service"}
    return Series(metric["MetricName"], frozenset(by.items()))


def _one(values: list[float], wanted: Wanted) -> float:
    """One figure, although CloudWatch may divide the time in two: of percentiles the worse one."""
    return float(sum(values) if wanted.statistic in ADDED_UP else max(values))
