"""What a stage that keeps nothing leaves behind: nothing that CloudFormation can delete."""

import jsii
from aws_cdk import CfnDeletionPolicy, IAspect, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from infra.stages import Stage

HOLDING = (dynamodb.CfnTable, kms.CfnKey, logs.CfnLogGroup, s3.CfnBucket)
"""What data is in, and what opens it."""


@jsii.implements(IAspect)
class Disposal:
    """Ends what constructs keep by themselves, and shortens the time for which logs are kept.

    A bucket must still be emptied by hand before its stack can go, and objects under a lock stay.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def visit(self, node: IConstruct) -> None:
        """What the CDK calls with every construct."""
        if isinstance(node, logs.CfnLogGroup):
            days = node.retention_in_days or self._stage.log_retention_days
            node.retention_in_days = min(days, self._stage.log_retention_days)
        if self._stage.keeps_data or not isinstance(node, HOLDING):
            return
        if node.cfn_options.deletion_policy != CfnDeletionPolicy.DELETE:
            node.apply_removal_policy(RemovalPolicy.DESTROY)
        if isinstance(node, dynamodb.CfnTable):
            node.deletion_protection_enabled = False
