"""What tells people that an agent's events are in trouble; ``docs/runbook.md`` says what to do."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.domain import metrics
from functions.domain.agent import AgentManifest
from functions.domain.errors import EventLoop
from infra.constructs.work_queue import WorkQueue

PERIOD = Duration.minutes(5)
OLDEST_SECONDS = 15 * 60
LAG_SECONDS = 5 * 60
FAILED_PERCENT = 10
NOT_DONE = ("retried", "dead-lettered", "failed")


class AgentAlarms(Construct):
    """One alarm for each way in which messages fail, wait or go round in a circle."""

    def __init__(
        self, scope: Construct, id_: str, *, manifest: AgentManifest, work: WorkQueue
    ) -> None:
        super().__init__(scope, id_)
        self._agent = manifest.name
        self._alarm(
            "DeadLetters",
            "A message of this agent failed for good and waits for a person.",
            _visible(work.dead_letters),
            threshold=0,
            section="dead-letters",
        )
        self._alarm(
            "OldestMessage",
            "A message of this agent waits longer than it should.",
            work.queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            threshold=OLDEST_SECONDS,
            section="oldest-message",
        )
        self._alarm(
            "EventLoop",
            "Events of this agent led to one another eight times and were cut.",
            self._metric(metrics.DEAD_LETTERS, reason=EventLoop.slug),
            threshold=0,
            section="event-loop",
        )
        self._alarm(
            "FailureRate",
            "A tenth of this agent's messages were not done at their first try.",
            self._failure_rate(),
            threshold=FAILED_PERCENT,
            periods=3,
            section="failure-rate",
        )
        self._alarm(
            "Unsettled",
            "A run of this agent used a model, and the books could not be told.",
            self._metric(metrics.UNSETTLED),
            threshold=0,
            section="unsettled",
        )
        for type_ in manifest.consumes:
            self._alarm(
                f"Lag-{type_}",
                f"Events of the type {type_} are worked on late.",
                self._metric(metrics.EVENT_LAG, statistic="p95", event=type_),
                threshold=LAG_SECONDS * 1000,
                periods=3,
                section="lag",
            )

    def _alarm(
        self,
        id_: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        periods: int = 1,
        section: str,
    ) -> None:
        cloudwatch.Alarm(
            self,
            id_,
            alarm_description=f"{self._agent}: {description} docs/runbook.md#{section}",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=periods,
            metric=metric,
            threshold=threshold,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _failure_rate(self) -> cloudwatch.MathExpression:
        counts = {
            result.replace("-", "_"): self._metric(metrics.DELIVERIES, result=result)
            for result in ("succeeded", *NOT_DONE)
        }
        failed = " + ".join(f"FILL({name.replace('-', '_')}, 0)" for name in NOT_DONE)
        return cloudwatch.MathExpression(
            expression=f"100 * ({failed}) / ({failed} + FILL(succeeded, 0))",
            label="messages not done at a try, in percent",
            period=PERIOD,
            using_metrics=counts,
        )

    def _metric(self, name: str, *, statistic: str = "Sum", **by: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=metrics.NAMESPACE,
            metric_name=name,
            dimensions_map={"service": metrics.SERVICE, "agent": self._agent, **by},
            period=PERIOD,
            statistic=statistic,
        )


def _visible(queue: sqs.Queue) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(
        period=Duration.minutes(1), statistic="Maximum"
    )
