"""Series of metrics and the figures that can be asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from functions.domain.metrics import Metric

Statistic = Literal["Sum", "SampleCount", "Maximum", "p50", "p95", "p99"]
By = frozenset[tuple[str, str]]
"""Dimensions with their values, less ``service``."""


@dataclass(frozen=True, slots=True)
class Series:
    """A metric under one set of values of its dimensions."""

    name: str
    by: By

    @property
    def dimensions(self) -> dict[str, str]:
        return dict(self.by)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One figure of one series."""

    series: Series
    statistic: Statistic


class Source(Protocol):
    """Somewhere that metrics can be read from, over one span of time."""

    @property
    def place(self) -> str: ...

    def series(self) -> set[Series]:
        """Those that there may be."""
        ...

    def read(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, float]:
        """The figures, where there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A figure that is read for each agent, team or model."""

    name: str
    metric: Metric
    statistic: Statistic = "Sum"
    each: str | None = None
    """A further dimension: there is a figure for each of its values."""


Figures = dict[str, float | dict[str, float] | None]


def rows(source: Source, dimension: str, columns: Sequence[Column]) -> dict[str, Figures]:
    """By each value of the dimension, its columns."""
    places = {
        Wanted(series, column.statistic): (series.dimensions[dimension], column)
        for series in source.series()
        for column in columns
        if _is_of(series, dimension, column)
    }
    found = source.read(list(places))
    table: dict[str, Figures] = {}
    for wanted, (value, column) in places.items():
        row = table.setdefault(value, {c.name: {} if c.each else None for c in columns})
        if wanted in found:
            _put(row, column, wanted.series, found[wanted])
    return {value: table[value] for value in sorted(table) if any(table[value].values())}


def _is_of(series: Series, dimension: str, column: Column) -> bool:
    names = {dimension, *([column.each] if column.each else [])}
    return series.name == column.metric.name and series.dimensions.keys() == names


def _put(row: Figures, column: Column, series: Series, figure: float) -> None:
    kept = row[column.name]
    if isinstance(kept, dict) and column.each:
        kept[series.dimensions[column.each]] = figure
    else:
        row[column.name] = figure
