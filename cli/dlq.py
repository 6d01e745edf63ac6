"""``gatehouse dlq``: what could not be answered, and what a person does about it."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli import dlq_moves
from cli import dlq_options as options
from cli import dlq_show as show
from cli.dead_letters import queues
from cli.dead_letters.letter import Letter
from cli.dead_letters.look import Look
from cli.dead_letters.queues import AgentQueues
from cli.dead_letters.reach import QueuesFailed, Reach
from cli.dead_letters.selection import Selection
from cli.dead_letters.tally import tally
from cli.dlq_moves import out, reached

app = typer.Typer(no_args_is_help=True, help="Dead letters: list, read, send back, throw away.")


@app.command("list")
def list_letters(
    *,
    region: options.Region = None,
    agent: options.AnyAgent = None,
    limit: Annotated[int, typer.Option(min=1, help="Of letters looked at, per agent.")] = 1000,
    as_json: options.Json = False,
) -> None:
    """How many there are, by agent and reason."""
    with reached(region) as reach:
        found = [tally(reach, each, limit=limit) for each in _chosen(reach, agent)]
    if as_json:
        out.print_json(data=show.as_data(found, reach.place))
    elif not found:
        out.print(f"no agent has queues in {reach.place}; is the gatehouse deployed there?")
    else:
        out.print(show.tallies(found))


@app.command("show")
def show_letter(
    message_id: Annotated[str | None, typer.Argument(help="As 'show --first' prints it.")] = None,
    *,
    region: options.Region = None,
    agent: options.AnyAgent = None,
    reason: options.ReasonOption = None,
    first: Annotated[bool, typer.Option("--first", help="Any one that fits.")] = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Also show the personal data in it.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Read one: why it is here, its trace, and what it says."""
    if bool(message_id) == first:
        msg = "name the message, or say --first"
        raise typer.BadParameter(msg)
    selection = Selection(reason=reason, message_ids=frozenset({message_id} if message_id else ()))
    with reached(region) as reach:
        owner, found = _first(reach, _chosen(reach, agent), selection)
    if as_json:
        out.print_json(data=show.letter_data(owner, found, reveal=reveal))
    else:
        out.print(show.letter(owner, found, reveal=reveal))


app.command()(dlq_moves.redrive)
app.command()(dlq_moves.purge)


def _chosen(reach: Reach, agent: str | None) -> Sequence[AgentQueues]:
    return [queues.of(reach, agent)] if agent else [*queues.every(reach).values()]


def _first(reach: Reach, chosen: Sequence[AgentQueues], selection: Selection) -> tuple[str, Letter]:
    """The first letter that is meant, and whose it is.

    Raises:
        QueuesFailed: there is none.
    """
    for each in chosen:
        has = queues.filling(reach, each.dead_letter_urls)
        with Look(reach=reach, queues=each, before=has.at) as look:
            for letter in look:
                if selection.takes(letter):
                    return each.agent, letter
    msg = (
        f"no such dead letter can be seen in {reach.place}; one that somebody else looks at shows "
        "itself again within two minutes"
    )
    raise QueuesFailed(msg)
