"""Usage as a person wants to read it: a table, and bars for what costs most."""

from decimal import Decimal
from typing import Any

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

BAR_WIDTH = 48
JsonObject = dict[str, Any]


def table(report: JsonObject) -> RenderableType:
    """A line for each group, and the total."""
    by: list[str] = report["group_by"]
    found = Table(box=None, header_style="bold", show_footer=True, footer_style="bold")
    whole = _measures(report["total"])
    for number, name in enumerate(by):
        found.add_column(name.replace("_", " "), footer="all" if number == 0 else "")
    for (name, _), footer in zip(_measures(report["total"]), whole, strict=True):
        found.add_column(name, justify="right", footer=footer[1])
    for group in report["groups"] if by else ():
        names = [Text(str(group[name])) for name in by]
        found.add_row(*names, *(value for _, value in _measures(group)))
    return Group(_heading(report), "", found)


def chart(report: JsonObject) -> RenderableType:
    """A bar for each group, as long as its cost is large; days in their order."""
    by: list[str] = report["group_by"]
    groups = report["groups"]
    if by[:1] != ["day"]:
        groups = sorted(groups, key=lambda group: -group["cost_micro_usd"])
    most = max((group["cost_micro_usd"] for group in groups), default=0)
    bars = Table.grid(padding=(0, 1))
    bars.add_column(no_wrap=True)
    bars.add_column(width=BAR_WIDTH)
    bars.add_column(justify="right")
    for group in groups:
        label = Text(" · ".join(str(group[name]) for name in by) or "all")
        cost = group["cost_micro_usd"]
        bars.add_row(label, Bar(most or 1, 0, cost, width=BAR_WIDTH), _dollars(group))
    return Group(_heading(report), "", bars)


def _heading(report: JsonObject) -> Text:
    whose = report["team"] or "all teams"
    place = f"{report['zone']} {report['region']}"
    when = f"{report['from']} to {report['to']} (not included)"
    final = f"days before {report['final_before']} are final"
    return Text(f"{whose}, {place}, {when}; {final}", style="dim")


def _measures(group: JsonObject) -> list[tuple[str, str]]:
    tokens = group["tokens"]
    cached = tokens["cache_read"] + tokens["cache_write"] + tokens["cache_write_hour"]
    return [
        ("runs", f"{group['runs']:,}"),
        ("calls", f"{group['calls']:,}"),
        ("tokens in", f"{tokens['input']:,}"),
        ("cached", f"{cached:,}"),
        ("tokens out", f"{tokens['output']:,}"),
        ("cost", _dollars(group)),
    ]


def _dollars(group: JsonObject) -> str:
    return f"${Decimal(group['cost_usd']):,.6f}"
