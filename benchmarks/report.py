"""Figures as a table for people and as JSON for machines."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside what it is compared with."""

    what: str
    value: float
    unit: str
    floor: float

    @property
    def ratio(self) -> float:
        return self.value / self.floor


def as_table(figures: Iterable[Figure], console: Console) -> None:
    table = Table("measured", "value", "unit", "floor or limit", "ratio")
    for figure in figures:
        numbers = (f"{figure.value:.2f}", figure.unit, f"{figure.floor:.2f}", f"{figure.ratio:.2f}")
        table.add_row(figure.what, *numbers)
    console.print(table)


def as_json(figures: Iterable[Figure]) -> str:
    return json.dumps([asdict(figure) | {"ratio": round(figure.ratio, 3)} for figure in figures])
