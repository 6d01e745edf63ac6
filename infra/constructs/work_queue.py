"""A queue that loses nothing: what fails for good is kept for a person to read."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.domain.redelivery import MAX_RECEIVES

VISIBILITY_TIMES_TIMEOUT = 6
"""AWS asks for six times the consumer's timeout, or a slow call is delivered twice."""


class WorkQueue(Construct):
    """A queue with its dead-letter queue."""

    def __init__(self, scope: Construct, id_: str, *, consumer_timeout: Duration) -> None:
        super().__init__(scope, id_)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MAX_RECEIVES
            ),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            receive_message_wait_time=Duration.seconds(20),
            visibility_timeout=Duration.seconds(
                VISIBILITY_TIMES_TIMEOUT * consumer_timeout.to_seconds()
            ),
        )

    def subscribe(self, scope: Construct, topic: sns.ITopic, heard: Mapping[str, object]) -> None:
        """Have a topic send what is heard to the queue; what it cannot goes to the dead letters."""
        subscription = sns.Subscription(
            scope,
            "Subscription",
            topic=topic,
            endpoint=self.queue.queue_arn,
            protocol=sns.SubscriptionProtocol.SQS,
            raw_message_delivery=True,
            dead_letter_queue=self.dead_letters,
        )
        wanted = cast("sns.CfnSubscription", subscription.node.default_child)
        wanted.filter_policy = heard
        self._admit(topic)

    def _admit(self, topic: sns.ITopic) -> None:
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["sqs:SendMessage"],
                    conditions={"ArnEquals": {"aws:SourceArn": topic.topic_arn}},
                    principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                    resources=[queue.queue_arn],
                )
            )
