"""The commands of ``gatehouse``; each parses, calls one function and prints."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from cli import calls, demo, dlq, logs, metrics, reconcile, show, trace
from cli.audit import commands as audit
from cli.budgets import commands as budgets
from cli.calls import CannotCall, here
from cli.contracts import commands as contracts
from cli.doctor.commands import doctor
from cli.erase import commands as erasing
from cli.events import event
from cli.flags import commands as flags
from cli.usage import commands as usage
from functions.domain.names import UNASSIGNED
from local.identity import CannotMint, Minter
from local.state import FOLDER, Running, running

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run the gatehouse on this machine, and talk to it.",
)
app.add_typer(audit.app, name="audit")
app.add_typer(budgets.app, name="budgets")
app.add_typer(dlq.app, name="dlq")
app.add_typer(contracts.app, name="events")
app.add_typer(flags.app, name="flags")
app.add_typer(usage.app, name="usage")
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Team = Annotated[str, typer.Option(help="The team that calls and pays.")]


@app.command()
def up(
    *,
    region: Annotated[str, typer.Option(help="Whose template to run.")] = "eu-central-1",
    port: Annotated[int, typer.Option(help="Of the gateway; 0 takes a free one.")] = 0,
    model: Annotated[
        str | None,
        typer.Option(
            envvar="GATEHOUSE_MODEL",
            help="embedded, a .gguf file, the URL of an OpenAI-compatible server, bedrock, "
            "or scripted:FILE.",
        ),
    ] = None,
    otlp: Annotated[
        str | None,
        typer.Option(
            envvar="GATEHOUSE_OTLP",
            help="An OTLP/HTTP endpoint that gets all spans, too, such as Jaeger's.",
        ),
    ] = None,
    show_demo: Annotated[bool, typer.Option("--demo", help="Then run three agents.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop after the demo.")] = False,
) -> None:
    """Start the whole bundle on this machine, and keep it up until Ctrl-C."""
    code = demo.up(
        out,
        region=region,
        port=port,
        model=model,
        otlp=otlp,
        show_demo=show_demo or once,
        once=once,
    )
    raise typer.Exit(code)


@app.command()
def run(
    agent: Annotated[str, typer.Argument(help="Its name; see 'gatehouse agents'.")],
    *,
    given: Annotated[
        str, typer.Option("--input", "-i", help="A JSON file with the input, or - for stdin.")
    ],
    team: Team = "platform",
    workflow: Annotated[str | None, typer.Option(help="A tag to charge the run to.")] = None,
    key: Annotated[str | None, typer.Option(help="An idempotency key.")] = None,
    raw: Annotated[bool, typer.Option("--json", help="Print the reply as it came.")] = False,
    later: Annotated[bool, typer.Option("--later", help="Do not keep the call waiting.")] = False,
) -> None:
    """Run an agent of the local stack, and print what came of it."""
    stack = _stack()
    body = calls.read_input(given)
    token = _token(team)
    answered = calls.run(stack, token, agent, body, workflow=workflow, key=key, later=later)
    if later and answered.ok:
        out.print(f"{answered.body['id']} is {answered.body['status']}")
        answered = calls.ended(stack, token, answered.body["id"])
    if raw:
        out.print_json(data=answered.body)
    else:
        out.print((show.ended if later else show.outcome)(answered, stack))
    failed = not answered.ok or answered.body.get("status") == "failed"
    raise typer.Exit(1 if failed else 0)


@contracts.app.command("publish")
def publish(
    source: Annotated[str, typer.Argument(help="A JSON file, or - for stdin.")],
    *,
    team: Team = "platform",
    type_: Annotated[
        str | None,
        typer.Option("--type", help="The file holds an event's data only: this is its type."),
    ] = None,
) -> None:
    """Publish an event, or an array of them, by way of the API."""
    if type_:
        found = event(type_, team=team, workflow=UNASSIGNED, data=calls.read_input(source))
    else:
        found = calls.read_json(source)
    answered = calls.publish(_stack(), _token(team), found)
    out.print(show.published(answered))
    refused = any("problem" in result for result in answered.body.get("results", []))
    raise typer.Exit(1 if refused or not answered.ok else 0)


@app.command()
def agents(
    query: Annotated[str | None, typer.Argument(help="Only those with these words.")] = None,
    *,
    team: Team = "platform",
) -> None:
    """The agents of the local stack."""
    answered = calls.agents(_stack(), _token(team), query)
    out.print(show.catalogue(answered) if answered.ok else show.problem(answered))
    raise typer.Exit(0 if answered.ok else 1)


@app.command()
def token(
    *,
    team: Team = "platform",
    role: Annotated[list[str] | None, typer.Option(help="Instead of the team's own roles.")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it lives.")] = 480,
) -> None:
    """A token that the local stack accepts."""
    minter = Minter.load(FOLDER / "identity")
    sys.stdout.write(minter.mint(team, role, lifetime_seconds=minutes * 60) + "\n")


@app.command("trace")
def show_trace(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of a run or of a trace.")],
) -> None:
    """Follow a request through all the runs that it led to, on the local stack."""
    out.print(trace.trace(FOLDER, id_))


app.command("reconcile")(reconcile.reconcile)
app.command()(doctor)
app.command()(erasing.erase)
app.command()(logs.logs)
app.command()(metrics.metrics)


def main() -> None:
    """Run a command; what goes wrong is told in a sentence, not in a traceback."""
    try:
        app()
    except (CannotCall, CannotMint, trace.NoTrace) as error:
        err.print(f"[red]{error}[/red]")
        sys.exit(1)


def _stack() -> Running:
    return here(running(), otherwise="")


def _token(team: str) -> str:
    return Minter.load(FOLDER / "identity").mint(team)
