"""Outcomes, problems and the catalogue as a person wants to read them."""

from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.calls import Answered
from local.state import Running

DEMO = "demo model: plumbing is real, judgement is not"


def outcome(answered: Answered, stack: Running) -> RenderableType:
    """A run's output, and below it who answered, what it cost and how to find it again."""
    if not answered.ok:
        return problem(answered)
    body = answered.body
    return card(
        f"{body['agent']} {body['version']}",
        body["output"],
        [
            ("model", _model(body, stack)),
            ("tokens", _tokens(body["usage"])),
            ("cost", dollars(body["cost_micro_usd"])),
            ("time", f"{answered.seconds:.1f} s"),
            ("trace", str(body["trace_id"])),
        ],
    )


def ended(answered: Answered, stack: Running) -> RenderableType:
    """A run that was done later: its outcome, or why it failed."""
    if not answered.ok:
        return problem(answered)
    body = answered.body
    if body["status"] == "failed":
        return problem(Answered(body["problem"]["status"], body["problem"], answered.seconds))
    return outcome(Answered(answered.status, body["outcome"], answered.seconds), stack)


def published(answered: Answered) -> RenderableType:
    """A line for each event."""
    if not answered.ok:
        return problem(answered)
    table = Table("event", "status", "what is wrong", box=None, header_style="bold")
    for result in answered.body["results"]:
        wrong = str(result.get("problem", {}).get("detail", ""))
        table.add_row(result.get("id", "?"), str(result["status"]), Text(wrong))
    return table


def problem(answered: Answered) -> RenderableType:
    """What went wrong, as the gatehouse says it."""
    body = answered.body
    facts = [("type", body.get("type", "")), ("request", body.get("request_id", ""))]
    found = [f"{v['pointer']}: {v['detail']}" for v in body.get("violations", [])]
    text = Text("\n".join([str(body.get("detail", body)), *found]))
    title = f"{answered.status} {body.get('title', 'not an answer of the gatehouse')}"
    return Panel(Group(text, "", _facts(facts)), title=title, title_align="left", style="red")


def card(title: str, output: dict[str, Any], facts: list[tuple[str, str]]) -> RenderableType:
    """Fields by name; what is nested stays readable."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in output.items():
        table.add_row(name.replace("_", " "), _value(value))
    return Panel(Group(table, "", _facts(facts)), title=title, title_align="left")


def catalogue(answered: Answered) -> RenderableType:
    """One line an agent."""
    table = Table("agent", "version", "what it does", "roles", box=None, header_style="bold")
    for agent in answered.body["agents"]:
        name = agent["name"] if agent["enabled"] else f"{agent['name']} (off)"
        table.add_row(name, agent["version"], agent["description"], " ".join(agent["roles"]))
    return table


def dollars(micro_usd: int) -> str:
    return f"${micro_usd / 1_000_000:.6f}"


def _model(body: dict[str, Any], stack: Running) -> str:
    asked, answered_by = body["model"], body["answered_by"]
    name = asked if asked == answered_by else f"{answered_by}, standing in for {asked}"
    return f"{name} ({DEMO})" if stack.model.get("demo") else name


def _tokens(usage: dict[str, int]) -> str:
    return f"{usage['input_tokens']} in, {usage['output_tokens']} out"


def _facts(facts: list[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for name, value in facts:
        table.add_row(name, value)
    return table


def _value(value: Any) -> RenderableType:
    """Plain values as text, a proved value with its proof, everything else as a small table."""
    if value in (None, [], {}):
        return Text("-", style="dim")
    match value:
        case str() | bool() | int() | float():
            return Text(str(value))
        case list() if all(isinstance(item, str) for item in value):
            return Text("\n".join(value))
        case list():
            return _rows(value)
        case {"value": found, "evidence": [{"source": source}, *_]}:
            return Text.assemble(str(found), (f"  ({source})", "dim"))
    return _fields(value)


def _fields(value: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, inner in value.items():
        table.add_row(name.replace("_", " "), _value(inner))
    return table


def _rows(value: list[Any]) -> RenderableType:
    """One line for each: the values of its fields, one beside the other."""
    table = Table.grid(padding=(0, 2))
    for item in value:
        fields = item.values() if isinstance(item, dict) else [item]
        table.add_row(*(str(field).replace("_", " ") for field in fields))
    return table
