"""``gatehouse erase --subject S``: the right to erasure, with a report of what goes and stays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import aws
from cli.audit import trail
from cli.dead_letters.reach import Reach
from cli.erase.stores import Found, Store, lines_of, stores
from cli.erase.subject import Subject
from cli.estate import Estate
from cli.stage import Stage, owner, zone_named
from functions.domain.audit_lines import Site, of_act
from functions.domain.names import JsonObject
from functions.domain.zone import Zone
from infra.stages import DEFAULT
from local.state import running

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
PAGE = 1000
"""Progress is told each time so many items were read."""
KEPT = (
    (
        "ledger, budgets",
        "hold amounts, teams and run ids and no person; books are kept as tax law has it",
    ),
    ("logs, traces, metrics", "hold no subject and no content; they end after three months"),
    (
        "work queues",
        "cannot be searched; what waits there is done or a dead letter within a quarter of an hour",
    ),
    ("backups of tables", "can be restored for 35 days: erase again after a restore"),
)


def erase(  # noqa: PLR0913  # each is an option of the command
    *,
    subject: Annotated[str, typer.Option(help="The token's subject, or what texts name them by.")],
    team: Annotated[str | None, typer.Option(help="Only what this team has.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="On AWS; repeat it. Without it: the local stack.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="All regions of this zone.")] = None,
    stage: Stage = DEFAULT,
    profile: Annotated[str | None, typer.Option(help="Of your AWS configuration.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Erase; else it is only told.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Erase what is kept about a caller or a person, and report it store by store."""
    about = Subject(subject, team)
    places = [
        (owner(estate.region, stage), estate, reach)
        for estate, reach in _places(region, zone_named(zone, stage) if zone else None, profile)
    ]
    reports = [_region(where, estate, reach, about, yes=yes) for where, estate, reach in places]
    if as_json:
        out.print_json(data={"erased": yes, "regions": reports})
        return
    for report in reports:
        out.print(_table(report))
    if not yes:
        out.print("nothing was erased; repeat it with --yes to erase")


def _region(zone: Zone, estate: Estate, reach: Reach, subject: Subject, *, yes: bool) -> JsonObject:
    with _explained(estate):
        lines = lines_of(estate, subject)
        runs = frozenset(line["run"] for line in lines if "run" in line)
        every = stores(estate, reach, runs)
        counts = {store.name: store.find(subject, _tell) for store in every}
        if yes:
            _act(zone, estate, every, counts)
        kept_until = zone.audit.retention_days
    found = [
        *(
            Found(store=name, count=count, fate="erased" if yes and count else _fate(count))
            for name, count in counts.items()
        ),
        Found(
            store="audit trail",
            count=len(lines),
            fate="kept",
            why=f"proves who did what (GDPR 17(3)b, e); ends after {kept_until} days",
        ),
        *(Found(store=store, count=0, fate="kept", why=why) for store, why in KEPT),
    ]
    return {
        "region": estate.region,
        "stores": [
            {"store": f.store, "found": f.count, "fate": f.fate, "why": f.why} for f in found
        ],
    }


def _act(zone: Zone, estate: Estate, every: Sequence[Store], counts: dict[str, int]) -> None:
    for store in every:
        store.erase()
    site = Site(zone.name, estate.region)
    # It must be provable that it was done, and not whom it was about.
    operator = estate.client("sts").get_caller_identity()["Arn"]
    trail.write(estate, of_act(operator, "erased", counts, site, datetime.now(UTC)))


def _places(
    regions: list[str] | None, zone: Zone | None, profile: str | None
) -> Iterator[tuple[Estate, Reach]]:
    named = [*(regions or ()), *(zone.regions if zone else ())]
    if not named:
        here = running()
        yield Estate.local(here), Reach.local(here)
    for region in dict.fromkeys(named):
        sqs = aws.client("sqs", region, profile)
        yield Estate.aws(region, profile), Reach(sqs, region)


@contextmanager
def _explained(estate: Estate) -> Iterator[None]:
    with aws.explained("dynamodb", estate.place):
        yield


def _fate(count: int) -> str:
    return "to erase" if count else "none"


def _tell(store: str, count: int) -> None:
    if count % PAGE == 0:
        err.print(f"{store}: {count} read", style="dim")


def _table(report: JsonObject) -> Table:
    table = Table("store", "found", "", "why", title=report["region"], header_style="bold")
    for row in report["stores"]:
        table.add_row(row["store"], str(row["found"]), row["fate"], row["why"])
    return table
