"""A queue that loses nothing: what fails three times is kept for a person to read."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

MAX_RECEIVES = 3
VISIBILITY_TIMES_TIMEOUT = 6
"""AWS asks for six times the consumer's timeout, or a slow call is delivered twice."""


class WorkQueue(Construct):
    """A queue with its dead-letter queue, and the alarm that says somebody must look."""

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
        cloudwatch.Alarm(
            self,
            "DeadLetterAlarm",
            alarm_description="A message failed three times and waits for a person.",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            metric=self.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            threshold=0,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
