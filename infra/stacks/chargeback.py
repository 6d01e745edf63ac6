"""What finance gets: days that are closed by the clock, and files that FinOps tools read."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.settings import ExporterSettings
from infra.artifacts import Artifacts
from infra.constructs.alarm import Alarm
from infra.constructs.python_function import PythonFunction, PythonLayer
from infra.constructs.region_keys import WRITE
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack
from infra.watching.alarms import Watch
from infra.watching.readings import FUNCTION_ERRORS, aws

HOURLY = Duration.hours(1)
LONGEST = Duration.minutes(15)
FAILURES = 3
"""In a row: one may be a hiccup, and nothing is lost meanwhile."""
EARLIER_VERSIONS_LIFETIME = Duration.days(90)
RARELY_READ_AFTER = Duration.days(90)
UNFINISHED_LIFETIME = Duration.days(1)


class ChargebackStack(RegionalStack):
    """The exporter, its schedule, its bucket and its alarm."""

    def __init__(
        self, scope: Construct, *, place: Place, artifacts: Artifacts, state: SharedState
    ) -> None:
        super().__init__(
            scope, "chargeback", place=place, description="Agent Gatehouse: chargeback"
        )
        bucket = _bucket(self, state)
        exporter = PythonFunction(
            self,
            "Exporter",
            entrypoint="exporter",
            bundle=artifacts.exporter,
            layers=[PythonLayer(self, "Packages", folder=artifacts.functions_layer)],
            settings=ExporterSettings(
                **place.settings(),
                ledger_table=state.ledger.table_name,
                usage_table=state.usage.table_name,
                budgets_table=state.budgets.table_name,
                exports_bucket=bucket.bucket_name,
            ),
            timeout=LONGEST,
            keys=state.keys,
            somebody_waits=False,
        )
        state.grant_close_days(exporter.role)
        # Not the CDK's own grant: it adds listing and deleting.
        iam.Grant.add_to_principal(
            grantee=exporter.role,
            actions=["s3:PutObject"],
            resource_arns=[bucket.arn_for_objects("focus/*")],
        )
        state.keys.use_data(exporter.role, "s3", WRITE)
        events.Rule(
            self,
            "Hourly",
            description="Closes the days that are over.",
            schedule=events.Schedule.rate(HOURLY),
            targets=[targets.LambdaFunction(exporter.live, retry_attempts=0)],
        )
        Alarm(
            self,
            "Failing",
            Watch(
                name="exporter-failing",
                section="exporter-failing",
                says="Days are not closed.",
                reading=aws(FUNCTION_ERRORS, exporter.name),
                above=0,
                minutes=60,
                periods=FAILURES,
            ),
        )


def _bucket(scope: Construct, state: SharedState) -> s3.Bucket:
    """What was billed is kept, and nobody's later file takes an earlier one's place unseen."""
    return s3.Bucket(
        scope,
        "Exports",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        # One key of the bucket's own asks KMS in the place of every object.
        bucket_key_enabled=True,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=state.keys.data,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=UNFINISHED_LIFETIME,
                noncurrent_version_expiration=EARLIER_VERSIONS_LIFETIME,
                transitions=[
                    s3.Transition(
                        storage_class=s3.StorageClass.INFREQUENT_ACCESS,
                        transition_after=RARELY_READ_AFTER,
                    )
                ],
            )
        ],
        minimum_tls_version=1.2,
        removal_policy=RemovalPolicy.RETAIN,
        versioned=True,
    )
