"""What functions share, and how much of it each may touch."""

from dataclasses import dataclass
from typing import TypedDict

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from infra.constructs.flag_store import FlagConfiguration
from infra.place import Place


class RunPlaces(TypedDict):
    """The fields of ``RunSettings``: where a run leaves what it leaves behind."""

    zone: str
    region: str
    memory_table: str
    outcomes_bucket: str
    ledger_table: str
    budgets_table: str
    cache_table: str
    circuits_table: str
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
    events: sns.ITopic
    flags: FlagConfiguration

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
        )

    def run_places(self, place: Place) -> RunPlaces:
        """What a function that executes runs is told."""
        return {
            "zone": place.zone.name,
            "region": place.region,
            "memory_table": self.memory.table_name,
            "outcomes_bucket": self.outcomes.bucket_name,
            "ledger_table": self.ledger.table_name,
            "budgets_table": self.budgets.table_name,
            "cache_table": self.cache.table_name,
            "circuits_table": self.circuits.table_name,
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
        # Nobody who spends may read or change what was spent.
        self.ledger.grant(role, "dynamodb:PutItem")
        self.budgets.grant(role, "dynamodb:UpdateItem")
        self.cache.grant(role, "dynamodb:GetItem", "dynamodb:PutItem")
        self.circuits.grant(role, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
        self.flags.grant_read(role)

    def grant_accept(self, role: iam.IGrantable) -> None:
        """Let a function accept runs that are done later, and tell how they are."""
        self.runs.grant(role, "dynamodb:GetItem", "dynamodb:PutItem")
        self.events.grant_publish(role)

    def grant_consume(self, role: iam.IGrantable) -> None:
        """Let a function do accepted runs and answer events, at each team's pace."""
        self.runs.grant(role, "dynamodb:UpdateItem")
        self.pace.grant(role, "dynamodb:UpdateItem")
        self.events.grant_publish(role)

    def grant_show(self, role: iam.IGrantable) -> None:
        """Let a function read what became of accepted runs."""
        self.runs.grant(role, "dynamodb:GetItem")
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["s3:GetObject"],
            resource_arns=[self.outcomes.arn_for_objects("*")],
        )

    def grant_sweep(self, role: iam.IGrantable) -> None:
        """Let a function look through all budgets, and tell what it finds."""
        self.budgets.grant(role, "dynamodb:Scan", "dynamodb:UpdateItem")
        self.events.grant_publish(role)
