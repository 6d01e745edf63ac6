"""Panels and boards: what is shown beside what, whoever draws it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from infra.watching.readings import Breakdown, Formula, Reading

GRID = 24
HEIGHT = 6
HEADING = 2

Unit = Literal["count", "ms", "s", "percent", "usd", "rate"]
Shown = Reading | Formula | Breakdown


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A horizontal line: what was promised."""

    value: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Some series over one another, in one unit."""

    title: str
    series: Mapping[str, Shown]
    """By their labels; a breakdown labels its series itself."""
    unit: Unit = "count"
    limits: Sequence[Limit] = ()
    stacked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and the panels under it, in rows of up to three."""

    title: str
    text: str = ""
    panels: Sequence[Panel] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Sections, one under the other."""

    title: str
    sections: Sequence[Section]

    @property
    def panels(self) -> list[Panel]:
        return [panel for section in self.sections for panel in section.panels]


@dataclass(frozen=True, slots=True)
class Placed:
    """A heading or a panel, and where on the grid it is."""

    what: Section | Panel
    x: int
    y: int
    width: int
    height: int


def placed(board: Board, y: int = 0) -> Iterator[Placed]:
    """Everything on a board, from the top, without gaps."""
    for section in board.sections:
        yield Placed(section, 0, y, GRID, HEADING)
        y += HEADING
        for row in _rows(section.panels):
            width = GRID // len(row)
            for number, panel in enumerate(row):
                yield Placed(panel, number * width, y, width, HEIGHT)
            y += HEIGHT


def _rows(panels: Sequence[Panel], most: int = 3) -> Iterator[Sequence[Panel]]:
    for start in range(0, len(panels), most):
        yield panels[start : start + most]
