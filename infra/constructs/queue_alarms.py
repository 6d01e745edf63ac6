"""What tells people that the messages of a queue are not worked on."""

from constructs import Construct

from infra.constructs.alarm import Alarm
from infra.constructs.work_queue import WorkQueue
from infra.watching.alarms import Watch
from infra.watching.readings import OLDEST, VISIBLE, aws


class QueueAlarms(Construct):
    """One alarm for messages that were given up, one for those that are late.

    The runbook's sections begin with what the queue is ``about``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        work: WorkQueue,
        about: str,
        given_up: str,
        late: str,
        late_seconds: int,
    ) -> None:
        super().__init__(scope, id_)
        Alarm(
            self,
            "DeadLetters",
            Watch(
                name="dead-letters",
                section=f"{about}-dead-letters",
                says=given_up,
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
                section=f"{about}-oldest-message",
                says=late,
                reading=aws(OLDEST, work.queue.queue_name, statistic="Maximum"),
                above=late_seconds,
            ),
        )
