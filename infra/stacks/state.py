"""What must outlive every deploy: the tables, the bucket, the topic and the contracts."""

from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.domain.contracts import released
from infra.blueprint import Sources
from infra.constructs.flag_store import FlagConfiguration
from infra.constructs.schema_registry import SchemaRegistry
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack

EVENTS = Sources().events
OUTCOMES_LIFETIME = Duration.days(8)
"""A day longer than an idempotency key, so that no record outlives what it names."""


class StateStack(RegionalStack):
    """Memory of runs, the books of money, answers to use again, and the topic for events."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        flags: FlagConfiguration,
        events: Path = EVENTS,
    ) -> None:
        super().__init__(
            scope, "state", place=place, description="Agent Gatehouse: tables and topic"
        )
        SchemaRegistry(self, "Contracts", releases=released(events))
        self.shared = SharedState(
            memory=_table(self, "Memory", partition_key="id", expires="expiration"),
            outcomes=_bucket(self, "Outcomes"),
            ledger=_table(self, "Ledger", partition_key="pk", sort_key="sk", protected=True),
            budgets=_table(self, "Budgets", partition_key="pk", sort_key="sk", protected=True),
            cache=_table(self, "Cache", partition_key="pk", expires="expiration"),
            circuits=_table(self, "Circuits", partition_key="id", expires="expiration"),
            pace=_table(self, "Pace", partition_key="pk", expires="expiration"),
            runs=_table(self, "Runs", partition_key="pk", expires="expiration"),
            flags=flags,
            events=sns.Topic(
                self,
                "Events",
                enforce_ssl=True,
                master_key=kms.Alias.from_alias_name(self, "TopicKey", "alias/aws/sns"),
            ),
        )
        self._export()

    def _export(self) -> None:
        """Export everything that is shared, whether or not a stack imports it today.

        Otherwise the first agent to publish would change this stack, and the last one to go could
        not: an export cannot be removed while its importer is still there.
        """
        for table in self.shared.tables:
            self.export_value(table.table_name)
            self.export_value(table.table_arn)
        self.export_value(self.shared.outcomes.bucket_name)
        self.export_value(self.shared.outcomes.bucket_arn)
        self.export_value(self.shared.events.topic_arn)


def _table(
    scope: Construct,
    id_: str,
    *,
    partition_key: str,
    sort_key: str | None = None,
    expires: str | None = None,
    protected: bool = False,
) -> dynamodb.Table:
    return dynamodb.Table(
        scope,
        id_,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        deletion_protection=protected,
        partition_key=_text(partition_key),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        removal_policy=RemovalPolicy.RETAIN,
        sort_key=_text(sort_key) if sort_key else None,
        time_to_live_attribute=expires,
    )


def _bucket(scope: Construct, id_: str) -> s3.Bucket:
    return s3.Bucket(
        scope,
        id_,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=OUTCOMES_LIFETIME)],
        removal_policy=RemovalPolicy.RETAIN,
    )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
