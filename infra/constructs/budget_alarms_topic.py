"""The topic on which alarms tell the guard of budgets what they tell people."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.here import Here
from infra.constructs.region_keys import Keys

NAME = "budget-alarms"


def topic_arn(scope: Construct) -> str:
    """Its ARN, which follows from the region alone: no stack has to import it."""
    here = Here.of(scope)
    return here.stack.format_arn(service="sns", resource=here.place.stack_name(NAME))


def let_alarms_publish(topic: sns.Topic) -> None:
    """Let this region's alarms tell their changes on a topic, and no other service."""
    here = Here.of(topic)
    alarms = {"aws:SourceArn": here.alarm_arn("gatehouse-*")}
    _admit(topic, "cloudwatch", alarms)


class BudgetAlarmsTopic(sns.Topic):
    """Encrypted, and open to this account's alarms and budgets alone."""

    def __init__(self, scope: Construct, id_: str, *, keys: Keys) -> None:
        super().__init__(
            scope,
            id_,
            enforce_ssl=True,
            master_key=keys.services,
            topic_name=Here.of(scope).place.stack_name(NAME),
        )
        let_alarms_publish(self)
        every = Stack.of(self).format_arn(
            service="budgets",
            region="",
            resource="*",
            arn_format=ArnFormat.NO_RESOURCE_NAME,
        )
        _admit(self, "budgets", {"aws:SourceArn": every})


def _admit(topic: sns.Topic, service: str, source: dict[str, str]) -> None:
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid=service.capitalize(),
            actions=["sns:Publish"],
            conditions={
                "ArnLike": source,
                "StringEquals": {"aws:SourceAccount": Stack.of(topic).account},
            },
            principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
            resources=[topic.topic_arn],
        )
    )
