"""The region's own KMS keys: one for what is kept, one for what AWS services handle themselves.

The line between the two is who has to be let in. What is kept (tables, objects, secrets) is
reached by the roles of functions alone, so its key admits no service. Topics, queues and log groups
are written by AWS services in their own name, and a key that admits those must not open a table.
A third key would be paid for each month and would divide nobody from anything.

Neither key can be used directly, by anybody: only through the services named here, for somebody
whom the service lets in as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

READ = ("kms:Decrypt",)
WRITE = ("kms:Decrypt", "kms:GenerateDataKey")
"""SNS, SQS and S3 ask for both of who writes."""
LOGGING = (
    "kms:Decrypt*",
    "kms:DescribeKey",
    "kms:Encrypt*",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)
"""As CloudWatch Logs asks for them."""
ROTATION = Duration.days(365)
WAITING = Duration.days(30)
"""How long a key that somebody has deleted can still be brought back; the longest that KMS has."""
KEPT = ("dynamodb", "firehose", "s3", "secretsmanager")
HANDLED = ("lambda", "sns", "sqs")
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
"""Keeping a key, without a right to use it or to let anybody use it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a region, as other stacks know them: a grant changes a role, never a key."""

    region: str
    data: kms.IKey
    """For what is kept: tables, buckets, secrets, and whatever a role writes for good."""
    services: kms.IKey
    """For what services handle: topics, queues, log groups, functions' variables and snapshots."""

    def use_data(self, role: iam.IGrantable, service: str, actions: Sequence[str] = READ) -> None:
        """Let a role use the data key where a service asks in the role's name."""
        self._use(self.data, role, service, actions)

    def use_services(
        self, role: iam.IGrantable, service: str, actions: Sequence[str] = READ
    ) -> None:
        """Let a role use the services' key where a service asks in the role's name."""
        self._use(self.services, role, service, actions)

    def _use(
        self, key: kms.IKey, role: iam.IGrantable, service: str, actions: Sequence[str]
    ) -> None:
        through = {"kms:ViaService": f"{service}.{self.region}.amazonaws.com"}
        iam.Grant.add_to_principal(
            grantee=role,
            actions=[*actions],
            resource_arns=[key.key_arn],
            conditions={"StringEquals": through},
        )


class RegionKeys(Construct):
    """Both keys with their policies; they outlive their stack, or nothing could be read again."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        data = _key(self, "Data", "What the gatehouse keeps", _policy(self, KEPT))
        services = _key(
            self, "Services", "What AWS services handle for the gatehouse", self._open_to_services()
        )
        self.made = (data, services)
        self.keys = Keys(
            region=Stack.of(self).region,
            data=kms.Key.from_key_arn(self, "DataReference", data.key_arn),
            services=kms.Key.from_key_arn(self, "ServicesReference", services.key_arn),
        )

    def _open_to_services(self) -> iam.PolicyDocument:
        stack = Stack.of(self)
        policy = _policy(self, HANDLED)
        groups = [f"gatehouse-{stack.region}-*", f"aws-waf-logs-gatehouse-{stack.region}-*"]
        policy.add_statements(
            # CloudWatch Logs says which log group it works for; ours are named after their stacks.
            _service(
                f"logs.{stack.region}.amazonaws.com",
                LOGGING,
                {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": [
                            f"arn:{stack.partition}:logs:{stack.region}:{stack.account}"
                            f":log-group:{group}"
                            for group in groups
                        ]
                    }
                },
            ),
            # SNS delivers to queues, alarms publish to topics. EventBridge is not let in: nothing
            # of ours publishes by rule, and KMS cannot tell whose rule it is.
            *(
                _service(f"{name}.amazonaws.com", WRITE, _of_account(stack, name))
                for name in ("sns", "cloudwatch")
            ),
            # AWS Budgets is of no region; its notifications are for the guard of budgets.
            _service("budgets.amazonaws.com", WRITE, _of_account(stack, "budgets", region="")),
        )
        return policy


def _key(scope: Construct, id_: str, description: str, policy: iam.PolicyDocument) -> kms.Key:
    return kms.Key(
        scope,
        id_,
        description=f"{description} ({Stack.of(scope).region})",
        enable_key_rotation=True,
        rotation_period=ROTATION,
        pending_window=WAITING,
        policy=policy,
        removal_policy=RemovalPolicy.RETAIN,
    )


def _policy(scope: Construct, services: Sequence[str]) -> iam.PolicyDocument:
    """Who keeps the key, and that roles of this account may use it through these services."""
    stack = Stack.of(scope)
    through = {
        "StringEquals": {
            "kms:CallerAccount": stack.account,
            "kms:ViaService": [f"{name}.{stack.region}.amazonaws.com" for name in services],
        }
    }
    account = iam.AccountRootPrincipal()
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                sid="Keep", principals=[account], actions=[*ADMINISTRATION], resources=["*"]
            ),
            iam.PolicyStatement(
                sid="UseThroughServices",
                principals=[account],
                actions=["kms:DescribeKey", "kms:Encrypt", *WRITE],
                resources=["*"],
                conditions=through,
            ),
            # DynamoDB, Firehose and Lambda keep a grant of their own for what they made.
            iam.PolicyStatement(
                sid="GrantToServices",
                principals=[account],
                actions=["kms:CreateGrant"],
                resources=["*"],
                conditions={**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ]
    )


def _service(
    name: str, actions: Sequence[str], conditions: Mapping[str, Any]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=f"For{name.partition('.')[0].capitalize()}",
        principals=[iam.ServicePrincipal(name)],
        actions=[*actions],
        resources=["*"],
        conditions=conditions,
    )


def _of_account(stack: Stack, service: str, region: str | None = None) -> dict[str, Any]:
    """Only for resources of this account and region, so that nobody else's service is let in."""
    where = stack.region if region is None else region
    source = f"arn:{stack.partition}:{service}:{where}:{stack.account}:*"
    return {
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": stack.account},
    }
