"""The local stack's metrics, from the lines that CloudWatch would read on AWS."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil
from pathlib import Path

from cli.log_lines.entry import Entry
from cli.log_lines.sources import LogFiles
from cli.readings.series import Series, Statistic, Wanted
from functions.domain.metrics import NAMESPACE
from functions.domain.names import JsonObject


class LocalLines:
    """Implements :class:`cli.readings.series.Source`."""

    place = "the local stack"

    def __init__(self, folder: Path, since: datetime) -> None:
        self._values: dict[Series, list[float]] = {}
        for entry in LogFiles(folder).metrics(since):
            for series, values in _measured(entry):
                self._values.setdefault(series, []).extend(values)

    def series(self) -> set[Series]:
        return set(self._values)

    def read(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, float]:
        return {each: _figure(self._values[each.series], each.statistic) for each in wanted}


def _measured(entry: Entry) -> Iterator[tuple[Series, list[float]]]:
    line: JsonObject = entry.fields or {}
    for said in line["_aws"]["CloudWatchMetrics"]:
        for names in said["Dimensions"] if said["Namespace"] == NAMESPACE else ():
            by = frozenset((name, line[name]) for name in names if name != "service")
            for metric in said["Metrics"]:
                yield Series(metric["Name"], by), line[metric["Name"]]


def _figure(values: list[float], statistic: Statistic) -> float:
    match statistic:
        case "Sum":
            return float(sum(values))
        case "SampleCount":
            return float(len(values))
        case "Maximum":
            return max(values)
    rank = ceil(len(values) * int(statistic.removeprefix("p")) / 100)
    return sorted(values)[max(0, rank - 1)]
