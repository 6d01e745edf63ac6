"""What functions share, and how much of it each may touch."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from infra.constructs.audit_trail import AuditTrail
from infra.constructs.flag_store import FlagConfiguration
from infra.constructs.region_keys import WRITE, Keys
from infra.place import Common, Place


class RunPlaces(Common):
    """The fields of ``RunSettings``: where a run leaves what it leaves behind."""

    memory_table: str
    outcomes_bucket: str
    ledger_table: str
    budgets_table: str
    cache_table: str
    circuits_table: str
    audit_stream: str
    audit_bucket: str
    flags_application: str
    flags_environment: str
    flags_profile: str


@dataclass(frozen=True, slots=True)
class SharedState:
    """The tables, the bucket, the topic and the flags of a region."""

    memory: dynamodb.ITable
    outcomes: s3.IBucket
    ledger: dynamodb.ITable
    budgets: dynamodb.ITable
    cache: dynamodb.ITable
    circuits: dynamodb.ITable
    pace: dynamodb.ITable
    runs: dynamodb.ITable
    usage: dynamodb.ITable
    events: sns.ITopic
    flags: FlagConfiguration
    keys: Keys
    audit: AuditTrail

    @property
    def tables(self) -> tuple[dynamodb.ITable, ...]:
        return (
            self.memory,
            self.ledger,
            self.budgets,
            self.cache,
            self.circuits,
            self.pace,
            self.runs,
            self.usage,
        )

    def run_places(self, place: Place) -> RunPlaces:
        """What a function that executes runs is told."""
        return {
            **place.settings(),
            "memory_table": self.memory.table_name,
            "outcomes_bucket": self.outcomes.bucket_name,
            "ledger_table": self.ledger.table_name,
            "budgets_table": self.budgets.table_name,
            "cache_table": self.cache.table_name,
            "circuits_table": self.circuits.table_name,
            "audit_stream": self.audit.stream_name,
            "audit_bucket": self.audit.bucket.bucket_name,
            "flags_application": self.flags.application,
            "flags_environment": self.flags.environment,
            "flags_profile": self.flags.profile,
        }

    def grant_runs(self, role: iam.IGrantable) -> None:
        """Let a function execute runs: remember their outcomes and pay for them."""
        self.memory.grant(
            role,
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        )
        # Not the CDK's own grants: they add listing and deleting.
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["s3:GetObject", "s3:PutObject"],
            resource_arns=[self.outcomes.arn_for_objects("*")],
        )
        self.keys.use_data(role, "s3", WRITE)
        self.keys.use_data(role, "dynamodb")
        # Nobody who spends may read or change what was spent.
        self.ledger.grant(role, "dynamodb:PutItem")
        self.budgets.grant(role, "dynamodb:UpdateItem")
        self.cache.grant(role, "dynamodb:GetItem", "dynamodb:PutItem")
        self.circuits.grant(role, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
        self.flags.grant_read(role)
        self.audit.grant_write(role)

    def grant_accept(self, role: iam.IGrantable) -> None:
        """Let a function accept runs that are done later, and tell how they are."""
        self.runs.grant(role, "dynamodb:GetItem", "dynamodb:PutItem")
        self._grant_publish(role)

    def grant_consume(self, role: iam.IGrantable) -> None:
        """Let a function do accepted runs and answer events, at each team's pace."""
        self.runs.grant(role, "dynamodb:UpdateItem")
        self.pace.grant(role, "dynamodb:UpdateItem")
        self._grant_publish(role)

    def grant_show(self, role: iam.IGrantable) -> None:
        """Let a function read what became of accepted runs."""
        self.runs.grant(role, "dynamodb:GetItem")
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["s3:GetObject"],
            resource_arns=[self.outcomes.arn_for_objects("*")],
        )
        self.keys.use_data(role, "s3")
        self.keys.use_data(role, "dynamodb")

    def grant_sweep(self, role: iam.IGrantable) -> None:
        """Let a function look through all budgets, and tell what it finds."""
        self.budgets.grant(role, "dynamodb:Scan", "dynamodb:UpdateItem")
        self.keys.use_data(role, "dynamodb")
        self._grant_publish(role)

    def grant_restrict(self, role: iam.IGrantable) -> None:
        """Let a function mark budgets, and tell that it did."""
        self.budgets.grant(role, "dynamodb:UpdateItem")
        self.keys.use_data(role, "dynamodb")
        self._grant_publish(role)

    def grant_reconcile(self, role: iam.IGrantable) -> None:
        """Let a function read what was charged, and nothing else."""
        self.ledger.grant(role, "dynamodb:Query")
        self.keys.use_data(role, "dynamodb")

    def grant_tell_usage(self, role: iam.IGrantable) -> None:
        """Let a function read what was charged, and the sums of closed days."""
        self.ledger.grant(role, "dynamodb:Query")
        self.usage.grant(role, "dynamodb:Query")
        self.keys.use_data(role, "dynamodb")

    def grant_close_days(self, role: iam.IGrantable) -> None:
        """Let a function add up what was charged: the sums are its own, all else it only reads."""
        self.ledger.grant(role, "dynamodb:Query")
        self.usage.grant(role, "dynamodb:Query", "dynamodb:BatchWriteItem")
        self.budgets.grant(role, "dynamodb:Scan")
        self.keys.use_data(role, "dynamodb")

    def _grant_publish(self, role: iam.IGrantable) -> None:
        # Not the CDK's own grant: it adds any use of the key.
        iam.Grant.add_to_principal(
            grantee=role, actions=["sns:Publish"], resource_arns=[self.events.topic_arn]
        )
        self.keys.use_services(role, "sns", WRITE)
