"""What tells people that a run may be without its audit line."""

from collections.abc import Iterator

from constructs import Construct

from functions.domain import metrics
from infra.constructs.alarm import Alarm
from infra.watching.alarms import Watch
from infra.watching.readings import BACKUP, TO_S3, TO_SPLUNK, AwsMetric, aws, own

LATE_SECONDS = 30 * 60
"""Six times as long as Firehose waits before it writes."""


class AuditAlarms(Construct):
    """One alarm for lines that are lost, one for a detour, one for each destination that lags."""

    def __init__(self, scope: Construct, id_: str, *, stream_name: str, splunk: bool) -> None:
        super().__init__(scope, id_)
        for watch in _watches(stream_name, splunk=splunk):
            Alarm(self, watch.name, watch)


def _watches(stream: str, *, splunk: bool) -> Iterator[Watch]:
    yield Watch(
        name="lost",
        section="audit-lost",
        says="Runs are without their audit line.",
        reading=own(metrics.AUDIT_LOST),
        above=0,
    )
    yield Watch(
        name="deferred",
        section="audit-deferred",
        says="Firehose does not take audit lines; they go to S3 directly, and not to Splunk.",
        reading=own(metrics.AUDIT_DEFERRED),
        above=0,
        periods=3,
    )
    yield _late("late", "Audit lines wait in Firehose.", BACKUP if splunk else TO_S3, stream)
    if splunk:
        yield _late("splunk-late", "Audit lines do not reach Splunk.", TO_SPLUNK, stream)


def _late(name: str, says: str, metric: AwsMetric, stream: str) -> Watch:
    """How old the oldest line is that has not been delivered."""
    return Watch(
        name=name,
        section="audit-late",
        says=says,
        reading=aws(metric, stream, statistic="Maximum"),
        above=LATE_SECONDS,
    )
