"""Who is told that money runs low, and what is done about it.

A team has up to ten resources here, so its alarms are in one of a fixed number of stacks, which
follows from its name: its addresses confirm their subscriptions once, whoever else comes or goes.
"""

from collections.abc import Iterable

from aws_cdk import CfnWaitConditionHandle
from constructs import Construct

from functions.domain.team import Team
from infra.artifacts import Artifacts
from infra.constructs.bill_watch import AnomalyWatch, BillBudgets
from infra.constructs.budget_alarms_topic import BudgetAlarmsTopic
from infra.constructs.budget_guard import BudgetGuard
from infra.constructs.python_function import PythonLayer
from infra.constructs.region_keys import Keys
from infra.constructs.shared_state import SharedState
from infra.constructs.team_alarms import TeamAlarms
from infra.place import Place
from infra.stacks.regional import RegionalStack

SHARDS = 16
"""Room for some 500 teams in a zone if each names four addresses, or 700 if each names one."""


class BudgetsStack(RegionalStack):
    """The guard of budgets, its topic, and the watch over the bill where the zone wants it."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        artifacts: Artifacts,
        state: SharedState,
        teams: Iterable[Team],
    ) -> None:
        super().__init__(
            scope,
            "budgets",
            place=place,
            description="Agent Gatehouse: guard of budgets",
            tags={"gatehouse:consumer": "budget-guard"},
        )
        alarms = BudgetAlarmsTopic(self, "Alarms", keys=state.keys)
        BudgetGuard(
            self,
            "Guard",
            place=place,
            bundle=artifacts.budget_guard,
            layer=PythonLayer(self, "Packages", folder=artifacts.functions_layer),
            state=state,
            alarms=alarms,
        )
        if place.zone.inference_profiles:
            BillBudgets(self, "Bill", place=place, teams=teams, tells=alarms.topic_arn)
        # A monitor is of the whole account: one region of the zone has it for all.
        if place.zone.cost_anomalies and place.region == place.zone.regions[0]:
            AnomalyWatch(self, "Anomalies", place=place, anomalies=place.zone.cost_anomalies)


class TeamBudgetsStack(RegionalStack):
    """The alarms of one shard's teams, of those that have somebody to tell."""

    def __init__(
        self, scope: Construct, *, place: Place, shard: int, teams: tuple[Team, ...], keys: Keys
    ) -> None:
        super().__init__(
            scope,
            f"team-budgets-{shard}",
            place=place,
            description="Agent Gatehouse: alarms on budgets of teams",
        )
        # CloudFormation takes no stack without a resource, and this one costs and does nothing.
        CfnWaitConditionHandle(self, "Placeholder")
        for team in teams:
            if team.alerts:
                TeamAlarms(self, team.name, team=team, keys=keys)
