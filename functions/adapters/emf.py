"""Metrics as lines of CloudWatch's embedded metric format, through Powertools, and few of them.

CloudWatch charges for every byte of a line. A line has room for one value of each dimension, and
Powertools gives all of its metrics the same sets of dimensions. Here, what does not contradict one
another shares a line, whatever its dimensions are: the format allows several directives in one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from aws_lambda_powertools.metrics import EphemeralMetrics

from functions.domain.metrics import NAMESPACE, Metric

Values = Mapping[Metric, float | Sequence[float]]


class EmfLines:
    """What is measured at one moment; a context manager that writes it when its block ends."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
        self._lines: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failed: object) -> None:
        for line in self._lines:
            print(json.dumps(line, separators=(",", ":")))  # noqa: T201  # where CloudWatch reads it

    def add(self, values: Values, **dimensions: str) -> None:
        """Add metrics under each of their sets of dimensions of which all values are given.

        Raises:
            ValueError: a metric has no such set, so nobody could ever read it.
        """
        together: dict[tuple[tuple[str, ...], ...], dict[Metric, float | Sequence[float]]] = {}
        for metric, value in values.items():
            sets = metric.sets(dimensions.keys())
            if not sets:
                msg = f"{metric.name} is not kept by {', '.join(dimensions) or 'nothing'}"
                raise ValueError(msg)
            together.setdefault(sets, {})[metric] = value
        for sets, some in together.items():
            self._merge(self._directive(sets, some, dimensions))

    def _directive(
        self, sets: tuple[tuple[str, ...], ...], values: Values, given: Mapping[str, str]
    ) -> dict[str, Any]:
        metrics = self._metrics
        first, *others = sets
        for name in first:
            metrics.add_dimension(name, given[name])
        for names in others:
            metrics.add_dimensions(service=self._service, **{name: given[name] for name in names})
        for metric, value in values.items():
            for each in value if isinstance(value, Sequence) else [value]:
                metrics.add_metric(metric.name, metric.unit, each)
        said: dict[str, Any] = {**metrics.serialize_metric_set()}
        metrics.clear_metrics()
        return said

    def _merge(self, new: dict[str, Any]) -> None:
        said = new.pop("_aws")
        for line in self._lines:
            if all(line.get(name, value) == value for name, value in new.items()):
                line["_aws"]["CloudWatchMetrics"] += said["CloudWatchMetrics"]
                line.update(new)
                return
        self._lines.append({"_aws": said, **new})
