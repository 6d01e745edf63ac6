"""Who is told of an agent's alarms: three alarms that are made of many.

All three are held back while something is wrong of which the agent's trouble is a part.
"""

from collections.abc import Iterable, Sequence

from constructs import Construct

from functions.domain.agent import AgentManifest
from functions.domain.alerts import Severity
from infra.constructs.composite_alarm import CompositeAlarm, HeldBack, any_of, both
from infra.constructs.here import Here
from infra.watching.agent_alarms import LATE
from infra.watching.objectives import SECTION, pairs


class AgentNotices(Construct):
    """Of one agent: its budget burns fast, its budget burns slowly, its events are late."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        manifest: AgentManifest,
        agent: Here,
        held_back: HeldBack,
    ) -> None:
        super().__init__(scope, id_)
        self._agent = agent
        self._held_back = held_back
        self.page = self._made(
            SECTION["page"],
            f"{manifest.name}: Runs fail or are slow, and the month's budget is gone in days.",
            _burning(agent, manifest, "page"),
        )
        self._made(
            SECTION["ticket"],
            f"{manifest.name}: Runs fail or are slow somewhat more often than promised.",
            _burning(agent, manifest, "ticket"),
        )
        late = [watch.name for watch in agent.watches if watch.section in LATE]
        self._made(
            "events-late",
            f"{manifest.name}: Events are late, or fail when they are tried.",
            any_of([agent.alarm_name(name) for name in late]),
        )

    def _made(self, section: str, says: str, rule: str) -> CompositeAlarm:
        return CompositeAlarm(
            self,
            section,
            name=self._agent.alarm_name(section),
            says=says,
            section=section,
            rule=rule,
            held_back=self._held_back,
        )


def _burning(agent: Here, manifest: AgentManifest, severity: Severity) -> str:
    """The rule that both windows of any pair are on."""
    named = (
        both(agent.alarm_name(pair.long.name), agent.alarm_name(pair.short.name))
        for pair in pairs(manifest)
        if pair.severity == severity
    )
    return " OR ".join(named)


def told(stacks: Iterable[Here]) -> Sequence[str]:
    """The alarms of some stacks that tell somebody by themselves, by their full names."""
    return [here.alarm_name(w.name) for here in stacks for w in here.watches if not w.silent]
