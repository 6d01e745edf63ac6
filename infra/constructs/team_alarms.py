"""Tells a team how much of its money is gone: four alarms and a topic with its addresses."""

from typing import get_args

from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.domain import metrics
from functions.domain.budget import Threshold
from functions.domain.team import Team
from infra.constructs import budget_alarms_topic
from infra.constructs.alarm import Alarm
from infra.constructs.region_keys import Keys
from infra.watching.alarms import Watch
from infra.watching.readings import own

JUST_BELOW = 0.01
"""Alarms go off above a number, and a threshold is reached when it is met."""


class TeamAlarms(Construct):
    """One for each threshold, and one for the forecast; the guard hears of all of them, too."""

    def __init__(self, scope: Construct, id_: str, *, team: Team, keys: Keys) -> None:
        super().__init__(scope, id_)
        topic = sns.Topic(self, "Topic", enforce_ssl=True, master_key=keys.services)
        budget_alarms_topic.let_alarms_publish(topic)
        for address in team.alerts:
            sns.Subscription(
                self,
                f"To-{address}",
                topic=topic,
                endpoint=address,
                protocol=sns.SubscriptionProtocol.EMAIL,
            )
        tells = [topic.topic_arn, budget_alarms_topic.topic_arn(self)]
        for watch in watches(team.name):
            # A team's money is the team's: not those who run the gatehouse, but its own people.
            Alarm(self, watch.name, watch).alarm_actions = tells


def watches(team: str) -> tuple[Watch, ...]:
    """The alarms of a team, by its name."""
    reached = tuple(
        Watch(
            name=f"{team}-{percent}",
            section="team-budget",
            says=f"{team}: {percent} % of the month's budget is spent, or a run was refused.",
            reading=own(metrics.BUDGET_USED, "Maximum", team=team),
            above=percent - JUST_BELOW,
        )
        for percent in get_args(Threshold)
    )
    forecast = Watch(
        name=f"{team}-forecast",
        section="team-budget-forecast",
        says=f"{team}: at this pace the month's budget will not do.",
        reading=own(metrics.BUDGET_FORECAST, "Maximum", team=team),
        above=100,
        minutes=60,
        periods=3,
    )
    return (*reached, forecast)
