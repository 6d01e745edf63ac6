"""A queue that loses nothing: what fails for good is kept for a person to read."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.domain.redelivery import MAX_RECEIVES
from infra.constructs.region_keys import WRITE, Keys

DATA_KEY_REUSE = Duration.minutes(5)
"""How long SQS may go on without asking KMS: a revoked key holds on as long, and each ask costs."""
VISIBILITY_TIMES_TIMEOUT = 6
"""AWS asks for six times the consumer's timeout, or a slow call is delivered twice."""


class WorkQueue(Construct):
    """A queue with its dead-letter queue."""

    def __init__(
        self, scope: Construct, id_: str, *, consumer_timeout: Duration, keys: Keys
    ) -> None:
        super().__init__(scope, id_)
        self._keys = keys
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MAX_RECEIVES
            ),
            enforce_ssl=True,
            receive_message_wait_time=Duration.seconds(20),
            visibility_timeout=Duration.seconds(
                VISIBILITY_TIMES_TIMEOUT * consumer_timeout.to_seconds()
            ),
        )
        for queue in (self.dead_letters, self.queue):
            self._encrypt(queue)

    def feed(self, function: lambda_.IFunction, *, at_a_time: int, batch_size: int = 1) -> None:
        """Have a function take from the queue, in so many batches at once."""
        function.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=batch_size,
                max_concurrency=at_a_time,
                report_batch_item_failures=True,
            )
        )

    def admit(self, role: iam.IGrantable, *sends_to: sqs.Queue) -> None:
        """Let the consumer's role read what is in the queue, and send to some of the two."""
        # Not the CDK's own grants: they add reading the queue's attributes, and any use of the key.
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["sqs:SendMessage"],
            resource_arns=[queue.queue_arn for queue in sends_to],
        )
        self._keys.use_services(role, "sqs", WRITE)

    def subscribe(
        self,
        scope: Construct,
        topic: sns.ITopic,
        heard: Mapping[str, object] | None,
        *,
        raw: bool = True,
    ) -> None:
        """Have a topic send what is heard to the queue; what it cannot goes to the dead letters.

        Raw, a message comes without SNS's envelope, which says which topic it is from.
        """
        subscription = sns.Subscription(
            scope,
            "Subscription",
            topic=topic,
            endpoint=self.queue.queue_arn,
            protocol=sns.SubscriptionProtocol.SQS,
            raw_message_delivery=raw,
            dead_letter_queue=self.dead_letters,
        )
        wanted = cast("sns.CfnSubscription", subscription.node.default_child)
        wanted.filter_policy = heard
        self._hear(topic)

    def _encrypt(self, queue: sqs.Queue) -> None:
        # Below the CDK's own property, which would let consumers use the key for anything.
        written = cast("sqs.CfnQueue", queue.node.default_child)
        written.kms_master_key_id = self._keys.services.key_arn
        written.kms_data_key_reuse_period_seconds = DATA_KEY_REUSE.to_seconds()

    def _hear(self, topic: sns.ITopic) -> None:
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["sqs:SendMessage"],
                    conditions={"ArnEquals": {"aws:SourceArn": topic.topic_arn}},
                    principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                    resources=[queue.queue_arn],
                )
            )
