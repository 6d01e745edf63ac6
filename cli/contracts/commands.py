"""``gatehouse events``: the contracts of events as a person works with them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.contracts.compare import broken
from cli.contracts.release import NotCompatible, release, unreleased
from functions.domain.contracts import Contracts, released

EVENTS = Path(__file__).parents[2] / "events"

app = typer.Typer(no_args_is_help=True, help="Contracts of events: check, release, describe.")
out = Console(highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Option(help="The contracts.", show_default="events")]


@app.command("check")
def check(*, folder: Folder = EVENTS) -> None:
    """Fail if a contract breaks what was released."""
    contracts = _contracts(folder)
    found = broken(released(folder), contracts)
    for one in found:
        out.print(f"[red]broken[/red]  [bold]{one.contract}[/bold] {one.at or '/'}  {one.rule}")
        out.print(f"        {one.why}.", markup=False)
        out.print(f"        {one.instead}", markup=False)
    bad = {one.contract for one in found}
    for contract in unreleased(folder):
        if contract.name not in bad:
            out.print(f"changed {contract.name}: keeps its promises, 'gatehouse events release'")
    total = len(contracts.every)
    out.print(f"{total} contracts, {len(released(folder))} released, {len(found)} promises broken")
    raise typer.Exit(1 if found else 0)


@app.command("release")
def release_contracts(*, folder: Folder = EVENTS) -> None:
    """Record the contracts as released, in events/released.json."""
    _contracts(folder)
    try:
        news = release(folder)
    except NotCompatible as error:
        out.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    for contract in news:
        out.print(f"released {contract.name}")
    out.print(f"{len(news)} contracts released" if news else "nothing has changed")


@app.command("asyncapi")
def describe() -> None:
    """Print the AsyncAPI document of all events."""
    from cli.contracts.asyncapi import document
    from functions.agents import discover

    found = document(_contracts(EVENTS), discover(), EVENTS)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def _contracts(folder: Path) -> Contracts:
    try:
        return Contracts.load(folder)
    except ValueError as error:
        out.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
