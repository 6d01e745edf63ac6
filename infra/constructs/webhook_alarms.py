"""What tells people that results do not reach their callers."""

from constructs import Construct

from infra.constructs.alarm import Alarm
from infra.constructs.work_queue import WorkQueue
from infra.watching.alarms import Watch
from infra.watching.readings import OLDEST, VISIBLE, aws

OLDEST_SECONDS = 30 * 60
"""All tries of a webhook together take a quarter of an hour, or more if a receiver asks for it."""


class WebhookAlarms(Construct):
    """One alarm for results that were given up, one for those that are late."""

    def __init__(self, scope: Construct, id_: str, *, work: WorkQueue) -> None:
        super().__init__(scope, id_)
        Alarm(
            self,
            "DeadLetters",
            Watch(
                name="dead-letters",
                section="webhook-dead-letters",
                says="A webhook could not be delivered and waits for a person.",
                reading=aws(VISIBLE, work.dead_letters.queue_name, statistic="Maximum"),
                above=0,
                minutes=1,
            ),
        )
        Alarm(
            self,
            "OldestMessage",
            Watch(
                name="oldest-message",
                section="webhook-oldest-message",
                says="Webhooks are late.",
                reading=aws(OLDEST, work.queue.queue_name, statistic="Maximum"),
                above=OLDEST_SECONDS,
            ),
        )
