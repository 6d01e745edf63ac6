"""What runs by the clock: nobody calls it, and everybody relies on it."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from functions.settings import SweeperSettings
from infra.artifacts import Artifacts
from infra.constructs.alarm import Alarm
from infra.constructs.python_function import PythonFunction, PythonLayer
from infra.constructs.reconciler import Reconciler
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack
from infra.watching.alarms import Watch
from infra.watching.readings import INVOCATIONS, aws

EVERY = Duration.minutes(1)
"""How long a dead run's promise can be held at most, beyond the minute in which it closes."""


class UpkeepStack(RegionalStack):
    """The sweeper of budgets and the reconciler of the ledger, each with its schedule."""

    def __init__(
        self, scope: Construct, *, place: Place, artifacts: Artifacts, state: SharedState
    ) -> None:
        super().__init__(scope, "upkeep", place=place, description="Agent Gatehouse: upkeep")
        packages = PythonLayer(self, "Packages", folder=artifacts.functions_layer)
        Reconciler(
            self,
            "Reconciler",
            place=place,
            bundle=artifacts.reconciler,
            layer=packages,
            state=state,
        )
        sweeper = PythonFunction(
            self,
            "Sweeper",
            entrypoint="sweeper",
            bundle=artifacts.sweeper,
            layers=[packages],
            settings=SweeperSettings(
                **place.settings(),
                budgets_table=state.budgets.table_name,
                topic_arn=state.events.topic_arn,
            ),
            timeout=Duration.seconds(50),
            keys=state.keys,
            somebody_waits=False,
        )
        state.grant_sweep(sweeper.role)
        Alarm(
            self,
            "Stopped",
            Watch(
                name="sweeper-stopped",
                section="sweeper-stopped",
                says="Budgets are not swept.",
                reading=aws(INVOCATIONS, sweeper.name),
                below=1,
                periods=3,
            ),
        )
        events.Rule(
            self,
            "EveryMinute",
            description="Gives back what dead runs left promised, and tells thresholds.",
            schedule=events.Schedule.rate(EVERY),
            targets=[targets.LambdaFunction(sweeper.live, retry_attempts=0)],
        )
