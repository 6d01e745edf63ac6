"""Where alarms go: a topic for what wakes somebody, and one for what waits until the morning.

A zone that has topics of its own for it gets none of ours. Ours are encrypted and refuse plain
connections. That takes a policy of our own, which takes the place of the one that let alarms in.
"""

from typing import get_args

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.domain.alerts import Severity
from infra.constructs.here import Here
from infra.constructs.region_keys import Keys

TITLES = {"page": "Agent Gatehouse: page", "ticket": "Agent Gatehouse: ticket"}


class AlarmTopics(Construct):
    """The topics of one region, and who is subscribed to them."""

    def __init__(self, scope: Construct, id_: str, *, keys: Keys) -> None:
        super().__init__(scope, id_)
        self._here = Here.of(self)
        for severity in get_args(Severity):
            if not self._here.place.zone.alerts.of(severity).topics:
                self._subscribe(self._topic(severity, keys), severity)

    def _topic(self, severity: Severity, keys: Keys) -> sns.Topic:
        topic = sns.Topic(
            self,
            severity.capitalize(),
            display_name=TITLES[severity],
            enforce_ssl=True,
            master_key=keys.services,
            topic_name=self._here.place.stack_name(severity),
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                actions=["sns:Publish"],
                conditions={
                    "ArnLike": {"aws:SourceArn": self._here.alarm_arn("gatehouse-*")},
                    "StringEquals": {"aws:SourceAccount": self._here.stack.account},
                },
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
            )
        )
        return topic

    def _subscribe(self, topic: sns.Topic, severity: Severity) -> None:
        for address in sorted(self._here.place.zone.alerts.of(severity).addresses):
            sns.Subscription(
                self,
                f"{severity.capitalize()}-{address}",
                topic=topic,
                endpoint=address,
                protocol=sns.SubscriptionProtocol.EMAIL,
            )
