"""What flags mean: whether a team may use an agent, and what a caller is told of each flag.

A run and an evaluation must not disagree, so both are decided here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from functions.domain.agent import AgentManifest
from functions.domain.errors import FlagNotEvaluated, FlagNotFound
from functions.domain.flags import (
    AGENT,
    BUCKET,
    BUCKETS,
    TARGETING_KEY,
    Decision,
    agent_flag,
    bucket,
    traits,
)
from functions.domain.names import JsonObject
from functions.domain.team import Caller, Team
from functions.pipeline.ports import Flags


def is_switched_on(agent: str, caller: Caller, flags: Flags | None) -> bool:
    """Whether anybody of the caller's team may use the agent.

    A run does not say for which user of an application it is, so it is refused only if the agent
    is off for every share of the team's users. If no flags are known, nothing is switched off: the
    manifest decides.
    """
    flag = agent_flag(agent)
    if flags is None or flag not in flags.names:
        return True
    known = traits(caller)
    if not flags.splits(flag):
        return bool(flags.decide(flag, known).value)
    return any(flags.decide(flag, known | {BUCKET: part}).value for part in range(BUCKETS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that the flags of one request are evaluated with."""

    flags: Flags
    agents: Mapping[str, AgentManifest]
    """The agents of this zone, by the name of their flag."""
    caller: Caller
    team: Team
    context: JsonObject = field(default_factory=dict)
    """What the application says of its user; what rules know of the caller is put over it."""

    @classmethod
    def of(
        cls,
        agents: Iterable[AgentManifest],
        *,
        flags: Flags,
        caller: Caller,
        team: Team,
        context: JsonObject,
    ) -> "Evaluation":
        by_flag = {agent_flag(agent.name): agent for agent in agents}
        return cls(flags=flags, agents=by_flag, caller=caller, team=team, context=context)

    @property
    def names(self) -> Iterator[str]:
        """The flags that can be evaluated: all agents' own, and all others that are written."""
        yield from self.agents
        yield from (name for name in self.flags.names if not name.startswith(AGENT))

    def decide(self, flag: str) -> Decision:
        """The flag's value.

        Raises:
            FlagNotFound: there is no such flag.
            FlagNotEvaluated: the flag differs between users, and none is named.
        """
        agent = self.agents.get(flag)
        if agent is None and (flag.startswith(AGENT) or flag not in self.flags.names):
            msg = "No flag has this name here; POST /ofrep/v1/evaluate/flags tells all there are."
            raise FlagNotFound(msg)
        return (agent and self._closed(agent)) or self._written(flag)

    def _closed(self, agent: AgentManifest) -> Decision | None:
        """What no flag can open."""
        if not self.team.enabled:
            return Decision(value=False, variant="team-switched-off", reason="DISABLED")
        if not agent.enabled:
            return Decision(value=False, variant="agent-switched-off", reason="DISABLED")
        if not agent.allows(self.caller.roles):
            return Decision(value=False, variant="role-missing", reason="TARGETING_MATCH")
        return None

    def _written(self, flag: str) -> Decision:
        if flag not in self.flags.names:
            return Decision(value=True, variant="manifest", reason="STATIC")
        known = self.context | traits(self.caller)
        if self.flags.splits(flag):
            known[BUCKET] = bucket(flag, self._targeting_key)
        return self.flags.decide(flag, known)

    @property
    def _targeting_key(self) -> str:
        key = self.context.get(TARGETING_KEY)
        if not key:
            msg = f"This flag differs between users: send the user's id as context.{TARGETING_KEY}."
            raise FlagNotEvaluated(msg, code="TARGETING_KEY_MISSING")
        return str(key)
