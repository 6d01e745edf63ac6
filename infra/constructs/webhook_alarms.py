"""What tells people that results do not reach their callers."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.work_queue import WorkQueue

OLDEST_SECONDS = 30 * 60
"""All tries of a webhook together take a quarter of an hour, or more if a receiver asks for it."""


class WebhookAlarms(Construct):
    """One alarm for results that were given up, one for those that are late."""

    def __init__(self, scope: Construct, id_: str, *, work: WorkQueue) -> None:
        super().__init__(scope, id_)
        self._alarm(
            "DeadLetters",
            "A webhook could not be delivered and waits for a person.",
            work.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            threshold=0,
            section="webhook-dead-letters",
        )
        self._alarm(
            "OldestMessage",
            "Webhooks are late.",
            work.queue.metric_approximate_age_of_oldest_message(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            threshold=OLDEST_SECONDS,
            section="webhook-oldest-message",
        )

    def _alarm(
        self,
        id_: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        section: str,
    ) -> None:
        cloudwatch.Alarm(
            self,
            id_,
            alarm_description=f"{description} docs/runbook.md#{section}",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            metric=metric,
            threshold=threshold,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
