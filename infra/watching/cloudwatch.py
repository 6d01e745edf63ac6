"""Boards as CloudWatch draws them: the body of a dashboard."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.watching.panels import Board, Panel, Placed, Section, Unit, placed
from infra.watching.readings import Breakdown, Formula, Reading

AXES: Mapping[Unit, dict[str, Any]] = {
    "count": {"min": 0, "showUnits": False},
    "rate": {"min": 0, "showUnits": False},
    "ms": {"min": 0, "label": "ms", "showUnits": False},
    "s": {"min": 0, "label": "s", "showUnits": False},
    "percent": {"label": "%", "showUnits": False},
    "usd": {"label": "USD", "showUnits": False},
}
ALARMS_HEIGHT = 4
MOST_ALARMS = 100
"""In one widget."""

WORD = re.compile(r"[A-Za-z_]\w*")

Row = list[Any]


def body(board: Board, region: str, alarms: Sequence[str] = ()) -> dict[str, Any]:
    """A dashboard's body; alarms (their ARNs) stand above everything else."""
    first = [_alarms(alarms[:MOST_ALARMS])] if alarms else []
    below = ALARMS_HEIGHT if alarms else 0
    return {
        "periodOverride": "inherit",
        "widgets": [*first, *(_widget(each, region) for each in placed(board, below))],
    }


def _alarms(arns: Sequence[str]) -> dict[str, Any]:
    properties = {"title": "Alarms", "alarms": [*arns], "sortBy": "stateUpdatedTimestamp"}
    place = {"x": 0, "y": 0, "width": 24, "height": ALARMS_HEIGHT}
    return {"type": "alarm", **place, "properties": properties}


def _widget(each: Placed, region: str) -> dict[str, Any]:
    place = {"x": each.x, "y": each.y, "width": each.width, "height": each.height}
    match each.what:
        case Section(title=title, text=text):
            markdown = f"## {title}\n{text}".rstrip()
            return {"type": "text", **place, "properties": {"markdown": markdown}}
        case Panel() as panel:
            return {"type": "metric", **place, "properties": _properties(panel, region)}


def _properties(panel: Panel, region: str) -> dict[str, Any]:
    lines = [{"value": limit.value, "label": limit.label} for limit in panel.limits]
    return {
        "title": panel.title,
        "view": "timeSeries",
        "stacked": panel.stacked,
        "region": region,
        "period": 300,
        "metrics": [row for number, _ in enumerate(panel.series) for row in _rows(panel, number)],
        "yAxis": {"left": AXES[panel.unit]},
        **({"annotations": {"horizontal": lines}} if lines else {}),
    }


def _rows(panel: Panel, number: int) -> Iterator[Row]:
    label, shown = [*panel.series.items()][number]
    match shown:
        case Reading():
            yield _metric(shown, {"label": label})
        case Breakdown():
            yield [{"expression": shown.expression, "id": f"e{number}", "label": shown.label}]
        case Formula(expression=expression, terms=terms):
            # Names are of the whole panel, so each formula has its own.
            names = {name: f"{name}{number}" for name in terms}
            for name, reading in terms.items():
                yield _metric(reading, {"id": names[name], "visible": False})
            yield [{"expression": renamed(expression, names), "id": f"e{number}", "label": label}]


def _metric(reading: Reading, options: dict[str, Any]) -> Row:
    dimensions = [part for pair in reading.by.items() for part in pair]
    shown = {"stat": reading.statistic, **options}
    return [reading.namespace, reading.name, *dimensions, shown]


def renamed(expression: str, names: Mapping[str, str]) -> str:
    """A formula with other names for its terms."""
    return WORD.sub(lambda word: names.get(word[0], word[0]), expression)
