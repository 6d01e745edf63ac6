"""What tells people that something is wrong for all agents at once.

An agent's own alarms are held back while a cause is on: somebody is awake already, and what burns
the agent's budget is not the agent's. Requests that fail are told only if nothing explains them.
"""

from collections.abc import Iterable, Sequence

from constructs import Construct

from infra.constructs.alarm import Alarm
from infra.constructs.composite_alarm import CompositeAlarm, Explanation, HeldBack, any_of
from infra.constructs.here import Here
from infra.watching.alarms import Watch
from infra.watching.region_alarms import CAUSES, IDENTITY_PROVIDER, circuits, requests_fail

EXPLAINED_SECONDS = 5 * 60
"""An agent's shortest window: so long it may take until it is seen that an agent fails."""


class RegionAlarms(Construct):
    """The causes, and what is wrong although nothing explains it."""

    def __init__(
        self, scope: Construct, id_: str, *, api: str, stage: str, models: Iterable[str]
    ) -> None:
        super().__init__(scope, id_)
        self._here = Here.of(self)
        self._faults = requests_fail(api, stage)
        of_all = (*CAUSES, IDENTITY_PROVIDER, self._faults, *circuits(models))
        self._alarms = [Alarm(self, watch.name, watch) for watch in of_all]
        self.cause = self._explanation("cause", self._names(*CAUSES))

    def close(self, agents: Sequence[CompositeAlarm]) -> None:
        """Have requests that fail told, unless an agent that fails explains it."""
        known = self._names(*CAUSES, IDENTITY_PROVIDER)
        explained = self._explanation("explained", [*known, *(agent.name for agent in agents)])
        if agents:
            explained.node.add_dependency(*agents)
        CompositeAlarm(
            self,
            "Gateway",
            name=self._here.alarm_name("gateway-faults"),
            says="The API answers requests with 5xx, and no agent that fails explains it.",
            section="gateway-faults",
            rule=any_of(self._names(self._faults)),
            held_back=HeldBack(explained, EXPLAINED_SECONDS),
        )

    def _names(self, *watches: Watch) -> list[str]:
        return [self._here.alarm_name(watch.name) for watch in watches]

    def _explanation(self, name: str, of: Sequence[str]) -> Explanation:
        made = Explanation(self, name, name=name, of=of)
        made.node.add_dependency(*self._alarms)
        return made
