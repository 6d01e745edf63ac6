"""The order in which every run meets the gatehouse's rules, whichever way it came in.

    trace → residency → access → input → idempotency → charge → personal data → agent

Each call that the agent makes of a model meets a list of its own: see ``calls.py``.

Adding a rule is one line here and one small function in ``stages.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.domain.agent import AgentManifest, Tools
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.pipeline import stages
from functions.pipeline.ask import GovernedTools
from functions.pipeline.calls import Governors, governed
from functions.pipeline.chain import Proceed, chain
from functions.pipeline.ports import Agents, Detector, Memory, Switches, Telemetry
from functions.pipeline.privacy import guard_personal_data, hide_personal_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that the stages are made of; ``bootstrap`` fills it, tests fill it with fakes."""

    zone: str
    homes: Mapping[str, str]
    """Each zone's base URL."""
    agents: Agents
    switches: Switches
    memory: Memory
    telemetry: Telemetry
    governors: Governors
    second_detector: Detector | None = None
    """Asked besides our own, where the zone names one."""


def pipeline(parts: Parts) -> Proceed:
    """The one way from a run to its outcome."""
    return chain(
        [
            stages.trace(parts.agents, parts.telemetry, parts.governors.now),
            stages.keep_in_zone(parts.zone, parts.homes),
            stages.check_access(parts.agents, parts.switches, parts.zone),
            stages.check_input(parts.agents),
            stages.remember(parts.agents, parts.memory),
            stages.charge(parts.governors.books, parts.telemetry),
            guard_personal_data(parts.agents, parts.second_detector),
        ],
        ending=stages.answer(parts.agents, tools(parts)),
    )


def acceptance(parts: Parts, ending: Callable[[Run], RunRecord]) -> Callable[[Run], RunRecord]:
    """The way of a run that is done later: what it asks for is checked now."""
    return chain(
        [
            stages.trace(parts.agents, parts.telemetry, parts.governors.now, succeeded="accepted"),
            stages.keep_in_zone(parts.zone, parts.homes),
            stages.check_access(parts.agents, parts.switches, parts.zone),
            stages.check_input(parts.agents),
        ],
        ending=ending,
    )


def tools(parts: Parts) -> Callable[[Run, AgentManifest], Tools]:
    """What an agent is handed for one run."""

    def of(run: Run, manifest: AgentManifest) -> Tools:
        models = manifest.models[parts.zone]
        ask = chain(
            [hide_personal_data(run, manifest, parts.second_detector)],
            ending=governed(run, manifest, models, parts.governors),
        )
        return GovernedTools(run=run, manifest=manifest, models=models, call=ask)

    return of
