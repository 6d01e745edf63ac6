"""What must outlive every deploy: the tables, the bucket, the topic and the contracts."""

from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.domain.contracts import released
from infra.blueprint import Sources
from infra.constructs.audit_trail import AuditTrail
from infra.constructs.flag_store import FlagConfiguration
from infra.constructs.region_keys import Keys
from infra.constructs.schema_registry import SchemaRegistry
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack

EVENTS = Sources().events
OUTCOMES_LIFETIME = Duration.days(8)
"""A day longer than an idempotency key, so that no record outlives what it names."""
UNFINISHED_LIFETIME = Duration.days(1)
BRIEFLY, LONG = 1, 35
"""For how many days a table can be set back. A backup keeps what the table has let go of: what must
end is in backups for the shortest time that DynamoDB has, what must last for the longest."""


class StateStack(RegionalStack):
    """Memory of runs, the books of money, answers to use again, and the topic for events."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        flags: FlagConfiguration,
        keys: Keys,
        audit: AuditTrail,
        events: Path = EVENTS,
    ) -> None:
        super().__init__(
            scope, "state", place=place, description="Agent Gatehouse: tables and topic"
        )
        SchemaRegistry(self, "Contracts", releases=released(events))
        self._key = keys.data
        self.shared = SharedState(
            keys=keys,
            audit=audit,
            memory=self._table("Memory", partition_key="id", expires="expiration"),
            outcomes=self._bucket("Outcomes"),
            ledger=self._table("Ledger", partition_key="pk", sort_key="sk", protected=True),
            budgets=self._table("Budgets", partition_key="pk", sort_key="sk", protected=True),
            cache=self._table("Cache", partition_key="pk", expires="expiration"),
            circuits=self._table("Circuits", partition_key="id", expires="expiration"),
            pace=self._table("Pace", partition_key="pk", expires="expiration"),
            runs=self._table("Runs", partition_key="pk", expires="expiration", protected=True),
            usage=self._table("Usage", partition_key="pk", sort_key="sk", protected=True),
            flags=flags,
            events=sns.Topic(self, "Events", enforce_ssl=True, master_key=keys.services),
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
        self,
        id_: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        expires: str | None = None,
        protected: bool = False,
    ) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            id_,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            deletion_protection=protected,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._key,
            partition_key=_text(partition_key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True,
                recovery_period_in_days=BRIEFLY if expires else LONG,
            ),
            removal_policy=RemovalPolicy.RETAIN,
            sort_key=_text(sort_key) if sort_key else None,
            time_to_live_attribute=expires,
        )

    def _bucket(self, id_: str) -> s3.Bucket:
        return s3.Bucket(
            self,
            id_,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # One key of the bucket's own asks KMS in the place of every object.
            bucket_key_enabled=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=UNFINISHED_LIFETIME,
                    expiration=OUTCOMES_LIFETIME,
                )
            ],
            minimum_tls_version=1.2,
            # What ends by a rule must be gone then, so no earlier versions are kept.
            versioned=False,
            removal_policy=RemovalPolicy.RETAIN,
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
