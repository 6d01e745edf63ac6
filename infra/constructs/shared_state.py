"""What functions share, and how much of it each may touch."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns


@dataclass(frozen=True, slots=True)
class SharedState:
    """The tables and the topic of a region."""

    memory: dynamodb.ITable
    ledger: dynamodb.ITable
    events: sns.ITopic

    def grant_runs(self, role: iam.IGrantable) -> None:
        """Let a function execute runs: remember their outcomes and charge for them."""
        self.memory.grant(
            role,
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        )
        # Nobody who spends may read or change what was spent.
        self.ledger.grant(role, "dynamodb:PutItem")
