"""``gatehouse dlq redrive`` and ``purge``: the two commands that change something.

Each says what it is about to do, and asks. Ctrl-C lets it finish the letter in its hands.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from types import FrameType

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli import dlq_options as options
from cli import dlq_show as show
from cli.dead_letters import moves, queues
from cli.dead_letters.moves import Departed, OnLetter, Order, Pace
from cli.dead_letters.reach import QueuesFailed, Reach, explained
from cli.dead_letters.selection import Selection
from cli.dead_letters.tally import shares
from local.state import running

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to letters, and how to speak of it."""

    intention: str
    done: str
    act: Callable[[Reach, Order, Pace, OnLetter], Departed]


REDRIVE = Deed("send back to the agent", "sent back", moves.redrive)
PURGE = Deed("delete for good", "deleted", moves.purge)


def redrive(  # noqa: PLR0913  # each is an option of the command
    *,
    agent: options.AgentOption,
    region: options.Region = None,
    reason: options.ReasonOption = None,
    team: options.TeamOption = None,
    type_: options.TypeOption = None,
    message_id: options.MessageIds = None,
    rate: options.Rate = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Send them back to the agent, which then tries again."""
    ids = frozenset(message_id or ())
    selection = Selection(reason=reason, team=team, type=type_, message_ids=ids)
    with reached(region) as reach:
        order = _order(reach, agent, selection)
        if _agreed(reach, order, REDRIVE, dry_run=dry_run, yes=yes):
            pace = Pace(per_second=rate, not_before=time.monotonic() + moves.BOUND_SECONDS)
            _carry_out(reach, order, REDRIVE, pace)


def purge(  # noqa: PLR0913  # each is an option of the command
    *,
    agent: options.AgentOption,
    region: options.Region = None,
    reason: options.ReasonOption = None,
    team: options.TeamOption = None,
    type_: options.TypeOption = None,
    message_id: options.MessageIds = None,
    older_than: options.OlderThan = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Delete them for good."""
    ids = frozenset(message_id or ())
    selection = Selection(reason=reason, team=team, type=type_, message_ids=ids)
    with reached(region) as reach:
        order = _order(reach, agent, selection, older_than)
        if _agreed(reach, order, PURGE, dry_run=dry_run, yes=yes):
            _carry_out(reach, order, PURGE, Pace(per_second=None))


@contextmanager
def reached(region: str | None) -> Iterator[Reach]:
    """The queues of a region, or of the local stack when none is named.

    Raises:
        CannotCall: there is no such place, or something went wrong on the way.
    """
    with explained(region or "the local stack"):
        yield Reach.aws(region) if region else Reach.local(running())


def _order(
    reach: Reach, agent: str, selection: Selection, older_than: timedelta | None = None
) -> Order:
    found = queues.of(reach, agent)
    has = queues.filling(reach, found.dead_letter_urls)
    if older_than is not None:
        selection = replace(selection, dead_before=has.at - older_than)
    return Order(queues=found, selection=selection, before=has.at, about=has.total)


def _agreed(reach: Reach, order: Order, deed: Deed, *, dry_run: bool, yes: bool) -> bool:
    """Show what is meant and ask; whether it is to be done."""
    if yes and not dry_run:
        return True
    with out.status("looking"):
        found = moves.preview(reach, order)
    if not found:
        out.print(f"no dead letter of {order.queues.agent} in {reach.place} fits")
        return False
    out.print(show.shares(shares(found), order.before))
    what = f"{deed.intention}: {len(found)} of {order.queues.agent} in {reach.place}"
    if dry_run:
        out.print(f"would {what}")
        return False
    return typer.confirm(f"{what}, now?")


def _carry_out(reach: Reach, order: Order, deed: Deed, pace: Pace) -> None:
    with _bar(order.about, deed.done) as on_letter, _stopped_by_ctrl_c(pace.stop):
        gone = deed.act(reach, order, pace, on_letter)
    out.print(f"{deed.done}: {len(gone.ids)} of {order.queues.agent} in {reach.place}")
    if pace.stop.is_set():
        err.print("stopped before the end; the others are where they were")
        raise typer.Exit(INTERRUPTED)
    if gone.may_have_left_some:
        err.print("there are so many letters that some may be left; repeat the command")
    if missing := order.selection.message_ids - gone.ids:
        msg = f"these were not to be seen in {reach.place}: {', '.join(sorted(missing))}"
        raise QueuesFailed(msg)


@contextmanager
def _bar(about: int, done: str) -> Iterator[OnLetter]:
    """Advances with each letter that was looked at."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeRemainingColumn(), console=out) as progress:
        task = progress.add_task(f"0 {done}", total=about)

        def on_letter(left: int) -> None:
            progress.update(task, advance=1, description=f"{left} {done}")

        yield on_letter


@contextmanager
def _stopped_by_ctrl_c(stop: Event) -> Iterator[None]:
    """The first Ctrl-C asks to stop; the second is the usual one."""

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
