"""Acts when a budget runs low, as its team wants it: suspends its runs, or leaves it cheap models.

It hears of thresholds from the sweeper within a minute, and of CloudWatch's and AWS Budgets' alarms
on a topic of their own. What it does is a mark on the month's budget, an event, a line and a
metric. Being told twice does it once, and what somebody has lifted is not placed again.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bootstrap.budget_guard import Guard, guard_parts
from functions.bootstrap.surroundings import begin, logger
from functions.bootstrap.tracing import traced
from functions.domain.budget import period
from functions.domain.errors import AccessDenied, GatehouseError
from functions.domain.event import BUDGET_RESTRICTED, Event, schema_uri
from functions.domain.message import Message
from functions.domain.restriction import Reached, Restriction, restriction
from functions.domain.team import Team
from functions.entrypoints.attempts import attempt, bury, each
from functions.entrypoints.budget_signals import Senders, read
from functions.pipeline.ports import DeliveryResult


@traced("guard budgets")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    return each(event, context, partial(take, guard_parts()))


def take(guard: Guard, message: Message, left: timedelta) -> DeliveryResult:
    """Do what a message asks for; no error of it ever leaves this function."""
    placed: list[Restriction] = []
    failed: list[str] = []

    def give_up(error: GatehouseError) -> DeliveryResult:
        failed.append(error.slug)
        bury(guard, message, error, None, None)
        return "dead-lettered"

    result = attempt(guard, message, lambda: _heed(guard, message, placed), give_up)
    logger().info(
        "budget told",
        status=failed[0] if failed else None,
        attempts=message.receives,
        result=result,
        restrictions=len(placed),
    )
    return result


def _heed(guard: Guard, message: Message, placed: list[Restriction]) -> DeliveryResult:
    settings = guard.settings
    senders = Senders(
        events=settings.topic_arn,
        alarms=settings.alarms_topic_arn,
        zone=settings.zone,
        region=settings.region,
    )
    here = tuple(team for team in guard.teams.teams.values() if team.zone == settings.zone)
    for reached in read(message.body, senders, here):
        team = _team(here, reached)
        wanted = restriction(reached, team)
        # What is told of a month that is over restricts nobody.
        if wanted and wanted.period == period(guard.now()) and _place(guard, wanted, team):
            placed.append(wanted)
    return "succeeded"


def _team(here: tuple[Team, ...], reached: Reached) -> Team:
    for team in here:
        if team.name == reached.team:
            return team
    msg = "The budget is of a team that is not registered in this zone."
    raise AccessDenied(msg)


def _place(guard: Guard, wanted: Restriction, team: Team) -> bool:
    """Whether it stands now. Who was interrupted here tells it again, under the same id."""
    if not guard.restrictions.place(wanted, team.budget.shards):
        return False
    guard.publisher.publish(restricted_event(wanted, guard.settings.zone, guard.now()))
    guard.counters.count_restriction(wanted)
    return True


def restricted_event(placed: Restriction, zone: str, now: datetime) -> Event:
    """What a team, and whoever else listens, is told about it."""
    return Event(
        id=placed.id,
        source=f"/gatehouse/{zone}/budgets",
        type=BUDGET_RESTRICTED,
        time=now,
        team=placed.team,
        dataschema=schema_uri(BUDGET_RESTRICTED, 1),
        data={
            "period": placed.period,
            "scope": placed.scope,
            "action": placed.action,
            "percent": placed.percent,
            "told_by": placed.teller,
        },
    )
