"""Readings of metrics, of which there are two kinds: what functions write, and what AWS does.

A reading can only be made of a metric that is in a table, under dimensions by which it is kept.
CloudWatch never says that a metric does not exist; a panel or an alarm of one just stays silent.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain import metrics
from functions.domain.metrics import Metric

SERVICE = {"service": metrics.SERVICE}


@dataclass(frozen=True, slots=True)
class AwsMetric:
    """A metric that an AWS service writes, and the dimensions by which it is read here."""

    namespace: str
    name: str
    by: tuple[str, ...]


def _lambda(name: str) -> AwsMetric:
    return AwsMetric("AWS/Lambda", name, ("FunctionName",))


def _api(name: str) -> AwsMetric:
    return AwsMetric("AWS/ApiGateway", name, ("ApiName", "Stage"))


def _queue(name: str) -> AwsMetric:
    return AwsMetric("AWS/SQS", name, ("QueueName",))


def _stream(name: str) -> AwsMetric:
    return AwsMetric("AWS/Firehose", name, ("DeliveryStreamName",))


def _table(name: str) -> AwsMetric:
    return AwsMetric("AWS/DynamoDB", name, ("TableName",))


INVOCATIONS = _lambda("Invocations")
FUNCTION_ERRORS = _lambda("Errors")
THROTTLES = _lambda("Throttles")
DURATION = _lambda("Duration")
CONCURRENCY = _lambda("ConcurrentExecutions")
REQUESTS = _api("Count")
CALLER_ERRORS = _api("4XXError")
SERVER_ERRORS = _api("5XXError")
API_LATENCY = _api("Latency")
VISIBLE = _queue("ApproximateNumberOfMessagesVisible")
IN_FLIGHT = _queue("ApproximateNumberOfMessagesNotVisible")
OLDEST = _queue("ApproximateAgeOfOldestMessage")
TO_S3 = _stream("DeliveryToS3.DataFreshness")
TO_SPLUNK = _stream("DeliveryToSplunk.DataFreshness")
BACKUP = _stream("BackupToS3.DataFreshness")
READS_THROTTLED = _table("ReadThrottleEvents")
WRITES_THROTTLED = _table("WriteThrottleEvents")

AWS_METRICS = tuple(value for value in globals().values() if isinstance(value, AwsMetric))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One series: a metric, the values of its dimensions, and how its samples become one number."""

    namespace: str
    name: str
    by: Mapping[str, str]
    statistic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A number that is computed from readings, by CloudWatch's metric math."""

    expression: str
    terms: Mapping[str, Reading]
    """By the name that each has in the expression."""


Watched = Reading | Formula


def own(metric: Metric, statistic: str = "Sum", **by: str) -> Reading:
    """A reading of what functions write.

    Raises:
        ValueError: the metric is not kept by these dimensions.
    """
    if set(by) not in (set(metric_by) for metric_by in dimensions(metric)):
        msg = f"{metric.name} is not kept by {', '.join(by) or 'nothing'}"
        raise ValueError(msg)
    return Reading(
        namespace=metrics.NAMESPACE, name=metric.name, by=SERVICE | by, statistic=statistic
    )


def aws(metric: AwsMetric, *values: str, statistic: str = "Sum") -> Reading:
    """A reading of what AWS writes; values are in the order of the metric's dimensions."""
    by = dict(zip(metric.by, values, strict=True))
    return Reading(namespace=metric.namespace, name=metric.name, by=by, statistic=statistic)


def dimensions(metric: Metric) -> tuple[tuple[str, ...], ...]:
    """The sets of dimensions of one of our metrics, less the one that all have."""
    return tuple(tuple(dimension.name for dimension in each) for each in metric.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """All series of one of our metrics by some dimensions, the largest first."""

    metric: Metric
    by: tuple[str, ...]
    statistic: str = "Sum"
    where: Mapping[str, str]
    """Dimensions that are given; the others tell the series apart."""
    most: int = 20
    divisor: int = 1
    seconds: int = 300

    def __post_init__(self) -> None:
        if set(self.by) | set(self.where) not in (set(each) for each in dimensions(self.metric)):
            msg = f"{self.metric.name} is not kept by {', '.join([*self.where, *self.by])}"
            raise ValueError(msg)

    @property
    def expression(self) -> str:
        """As CloudWatch's metric math says it."""
        schema = ",".join([metrics.NAMESPACE, *sorted([*self.by, *self.where, "service"])])
        given = "".join(f' {name}="{value}"' for name, value in self.where.items())
        terms = f'{{{schema}}} MetricName="{self.metric.name}"{given}'
        search = f"SEARCH('{terms}', '{self.statistic}', {self.seconds})"
        scaled = search if self.divisor == 1 else f"{search}/{self.divisor}"
        return f"SORT({scaled}, MAX, DESC, {self.most})"

    @property
    def label(self) -> str:
        """The values that tell a series from the others; CloudWatch fills them in."""
        return " ".join(f"${{PROP('Dim.{name}')}}" for name in self.by)
