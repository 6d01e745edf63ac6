"""Figures as tables for a terminal."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Column, Table

from cli.readings.report import Report
from cli.readings.series import Figures
from cli.show import dollars

NONE = "-"
MOST_KINDS = 2
"""Of errors or dead letters, those that are named."""

Cell = Callable[[Figures], str]


def shown(report: Report) -> RenderableType:
    """All tables that have rows."""
    tables = [
        _table("agent", report.agents, AGENT),
        _table("team", report.teams, TEAM),
        _table("model", report.models, MODEL),
    ]
    return Group(*(table for table in tables if table.row_count))


def _number(name: str) -> Cell:
    return lambda row: _plain(row[name])


def _plain(figure: Any) -> str:
    return NONE if figure is None else f"{figure:,.0f}"


def _percent(name: str, times: int = 100) -> Cell:
    def cell(row: Figures) -> str:
        figure: Any = row[name]
        return NONE if figure is None else f"{figure * times:.1f} %"

    return cell


def _money(name: str) -> Cell:
    def cell(row: Figures) -> str:
        figure: Any = row[name]
        return NONE if figure is None else dollars(round(figure))

    return cell


def _worst(name: str) -> Cell:
    def cell(row: Figures) -> str:
        figures: Any = row[name]
        return _plain(max(figures.values(), default=None))

    return cell


def _kinds(name: str) -> Cell:
    """How many of each kind, the most frequent first."""

    def cell(row: Figures) -> str:
        found: Any = row[name]
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        told = [f"{count:.0f} {kind}" for kind, count in ranked[:MOST_KINDS]]
        rest = sum(count for _, count in ranked[MOST_KINDS:])
        return ", ".join([*told, f"{rest:.0f} more"] if rest else told) or NONE

    return cell


AGENT: Mapping[str, Cell] = {
    "runs": _number("runs"),
    "success": _percent("success_rate"),
    "p50 ms": _number("p50_ms"),
    "p95": _number("p95_ms"),
    "p99": _number("p99_ms"),
    "tokens in": _number("input_tokens"),
    "out": _number("output_tokens"),
    "cost": _money("cost_micro_usd"),
    "cache hits": _percent("cache_hit_rate"),
    "lag p95 ms": _worst("lag_p95_ms"),
    "errors": _kinds("errors"),
    "dead letters": _kinds("dead_letters"),
}
TEAM: Mapping[str, Cell] = {
    "runs": _number("runs"),
    "success": _percent("success_rate"),
    "cost": _money("cost_micro_usd"),
    "this month": _money("spent_this_month_micro_usd"),
    "reserved": _money("reserved_micro_usd"),
    "of budget": _percent("budget_used_percent", times=1),
}
MODEL: Mapping[str, Cell] = {
    "calls": _number("calls"),
    "p50 ms": _number("p50_ms"),
    "p95": _number("p95_ms"),
    "tokens in": _number("input_tokens"),
    "out": _number("output_tokens"),
    "cost": _money("cost_micro_usd"),
    "circuit": _kinds("circuit_changes"),
}


def _table(of: str, rows: Mapping[str, Figures], cells: Mapping[str, Cell]) -> Table:
    columns = [Column(of, overflow="fold"), *(Column(name, justify="right") for name in cells)]
    table = Table(*columns, box=None, header_style="bold")
    for name, row in rows.items():
        table.add_row(name, *(cell(row) for cell in cells.values()))
    return table
