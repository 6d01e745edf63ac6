"""Whether every run that was paid for has its line in the audit trail.

The ledger is written in one transaction with the run's outcome, the line a moment later. What dies
in between leaves a run without a line, unless it comes again; the ledger tells which.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cli.audit.trail import LATEST, Wanted, lines
from cli.estate import Estate
from functions.domain.ledger import Period, next_month


@dataclass(frozen=True, slots=True)
class Missing:
    """A run of the ledger without a line."""

    run: str
    team: str
    agent: str
    time: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many runs were compared, and those that lack their line."""

    runs: int
    missing: tuple[Missing, ...]


def check(estate: Estate, teams: Iterable[str], wanted: Wanted) -> Checked:
    """Compare the ledger's runs of some time with the trail."""
    told = {
        id_
        # A run ends after it began, and may have its line when its message comes again.
        for line in lines(estate, replace(wanted, until=wanted.until + LATEST))
        for id_ in (line.get("run"), line.get("replay_of"))
        if id_
    }
    table = estate.table("Ledger")
    runs = [run for team in teams for run in _ledger(estate, table, team, wanted)]
    return Checked(len(runs), tuple(run for run in runs if run.run not in told))


def _ledger(estate: Estate, table: str, team: str, wanted: Wanted) -> Iterator[Missing]:
    first, last = wanted.since.astimezone(UTC), wanted.until.astimezone(UTC)
    for month in Period(first.date().replace(day=1), next_month(last.date())).months():
        pages = (
            estate.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=table,
                KeyConditionExpression="pk = :team AND sk BETWEEN :first AND :last",
                ProjectionExpression="sk, #run, #agent",
                ExpressionAttributeNames={"#run": "run", "#agent": "agent"},
                ExpressionAttributeValues={
                    ":team": {"S": f"{team}#{month.first:%Y-%m}"},
                    ":first": {"S": _bound(first)},
                    ":last": {"S": _bound(last)},
                },
            )
        )
        for item in (item for page in pages for item in page["Items"]):
            time = item["sk"]["S"].partition("#")[0]
            yield Missing(item["run"]["S"], team, item["agent"]["S"], time)


def _bound(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
