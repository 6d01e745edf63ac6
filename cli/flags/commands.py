"""The commands of ``gatehouse flags``."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.calls import CannotCall, here
from cli.flags import switch
from cli.flags.stores import AppConfigFlags, FlagFile, FlagStore
from functions.agents import discover
from functions.domain.flags import AGENT
from functions.domain.names import JsonObject
from infra.flags import PROFILE, problems
from local import appconfig
from local.state import FOLDER, running

app = typer.Typer(no_args_is_help=True, help="Switch agents off and on while everything runs.")
out = Console(highlight=False)

Region = Annotated[
    list[str] | None,
    typer.Option(help="On AWS, with your credentials; repeat it. Without it: the local stack."),
]
Agent = Annotated[str, typer.Argument(help="Its name; see 'gatehouse flags list'.")]
Team = Annotated[str | None, typer.Option(help="Only for this team.")]


@app.command("list")
def list_flags(*, region: Region = None) -> None:
    """What the flags say of each agent, and which others there are."""
    for store in _stores(region):
        flags = store.read()
        table = Table("agent", "flag", title=store.place)
        for agent in _agents():
            table.add_row(agent, switch.state(flags, agent))
        out.print(table)
        others = [name for name in flags if not name.startswith(AGENT)]
        if others:
            out.print(f"other flags: {', '.join(others)}")


@app.command("off")
def switch_off(agent: Agent, *, team: Team = None, region: Region = None) -> None:
    """Kill an agent: within a minute every run of it is answered with 'agent-switched-off'."""
    _change(switch.off, agent, team, region)


@app.command("on")
def switch_on(agent: Agent, *, team: Team = None, region: Region = None) -> None:
    """Take the kill switch away; other rules of the agent's flag stay as they are."""
    _change(switch.on, agent, team, region)


def _change(
    change: Callable[[JsonObject, str, str | None], JsonObject],
    agent: str,
    team: str | None,
    region: list[str] | None,
) -> None:
    agents = _agents()
    if agent not in agents:
        msg = f"there is no agent {agent!r}; they are: {', '.join(agents)}"
        raise CannotCall(msg)
    why = f"gatehouse flags: {change.__name__} {agent} {team or ''}".rstrip()
    for store in _stores(region):
        flags = change(store.read(), agent, team)
        for problem in problems(flags, agents):
            msg = f"{store.place}: the flags that are there are not in order: {problem}"
            raise CannotCall(msg)
        store.write(flags, why)
        out.print(f"{store.place}: within a minute {agent} is {switch.state(flags, agent)}")


def _agents() -> list[str]:
    return [manifest.name for manifest in discover()]


def _stores(regions: list[str] | None) -> list[FlagStore]:
    if regions:
        return [AppConfigFlags.of(region) for region in regions]
    here(running())
    return [FlagFile(FOLDER / appconfig.FOLDER / f"{PROFILE}.json")]
