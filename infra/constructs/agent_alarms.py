"""What tells people that an agent breaks its promises, or that its events are in trouble.

``docs/runbook.md`` says what to do. Most of these alarms are silent by themselves: the region's
stack ``watching`` makes three of them for each agent.
"""

from constructs import Construct

from functions.domain.agent import AgentManifest
from infra.constructs.alarm import Alarm
from infra.constructs.work_queue import WorkQueue
from infra.watching.agent_alarms import late, lost
from infra.watching.objectives import pairs


class AgentAlarms(Construct):
    """One alarm for each way in which runs and messages fail, wait or go round in a circle."""

    def __init__(
        self, scope: Construct, id_: str, *, manifest: AgentManifest, work: WorkQueue
    ) -> None:
        super().__init__(scope, id_)
        burning = [watch for pair in pairs(manifest) for watch in (pair.long, pair.short)]
        for watch in (
            *burning,
            *late(manifest, work.queue.queue_name),
            *lost(manifest, work.dead_letters.queue_name),
        ):
            Alarm(self, watch.name, watch)
