"""The nightly comparison of the ledger with Bedrock's own numbers, and who is told of it."""

from collections.abc import Iterator
from pathlib import Path

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.domain import metrics
from functions.domain.bedrock_tags import profiles_folder
from functions.settings import ReconcilerSettings
from infra.constructs.alarm import Alarm
from infra.constructs.python_function import PythonFunction
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.watching.alarms import Watch
from infra.watching.readings import own

NIGHTLY = events.Schedule.cron(minute="30", hour="3")
"""In UTC: half an hour after the figures of the day before are taken to be complete."""
LONGEST = Duration.minutes(15)
DAY = 24 * 60
WATCHES = (
    Watch(
        name="ledger-drift",
        section="ledger-drift",
        says="The ledger and Bedrock's own numbers are further apart than is tolerated.",
        reading=own(metrics.RECONCILIATIONS, "Maximum", result="drifts"),
        above=0,
        minutes=DAY,
    ),
    Watch(
        name="ledger-not-reconciled",
        section="ledger-not-reconciled",
        says="For two nights the ledger could not be compared with Bedrock's own numbers.",
        reading=own(metrics.RECONCILIATIONS, "Maximum", result="unknown"),
        above=0,
        minutes=DAY,
        periods=2,
    ),
)


class Reconciler(Construct):
    """The function, its schedule and its two alarms."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        place: Place,
        bundle: Path,
        layer: lambda_.ILayerVersion,
        state: SharedState,
    ) -> None:
        super().__init__(scope, id_)
        function = PythonFunction(
            self,
            "Function",
            entrypoint="reconciler",
            bundle=bundle,
            layers=[layer],
            settings=ReconcilerSettings(**place.settings(), ledger_table=state.ledger.table_name),
            timeout=LONGEST,
            keys=state.keys,
            somebody_waits=False,
        )
        state.grant_reconcile(function.role)
        for statement in _sources(Stack.of(self), place):
            function.role.add_to_policy(statement)
        events.Rule(
            self,
            "Nightly",
            description="Compares the ledger with what Bedrock counted.",
            schedule=NIGHTLY,
            targets=[targets.LambdaFunction(function.live, retry_attempts=2)],
        )
        for watch in WATCHES:
            Alarm(self, watch.name, watch)


def _sources(stack: Stack, place: Place) -> Iterator[iam.PolicyStatement]:
    """The rights to read the provider's numbers, of those sources that the zone names."""
    # CloudWatch's metrics and Cost Explorer have no resources to name.
    yield iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"])
    if place.zone.reconciliation.cost_explorer:
        yield iam.PolicyStatement(actions=["ce:GetCostAndUsage"], resources=["*"])
    if group := place.zone.reconciliation.invocation_logs:
        log_group = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"{group}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        yield iam.PolicyStatement(actions=["logs:FilterLogEvents"], resources=[log_group])
    if place.zone.inference_profiles:
        folder = stack.format_arn(
            service="ssm",
            resource="parameter",
            resource_name=profiles_folder(place.zone.name).removeprefix("/"),
        )
        yield iam.PolicyStatement(actions=["ssm:GetParametersByPath"], resources=[folder])
