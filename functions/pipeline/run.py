"""The order in which every run meets the gatehouse's rules, whichever way it came in.

    trace → audit → residency → access → input → idempotency → charge → personal data → agent

Each call that the agent makes of a model meets a list of its own: see ``calls.py``.

Adding a rule is one line here and one small function in ``stages.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.domain.agent import AgentManifest, Tools
from functions.domain.audit_lines import Site
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.pipeline import stages
from functions.pipeline.ask import GovernedTools
from functions.pipeline.audit import audit
from functions.pipeline.calls import Governors
from functions.pipeline.chain import Proceed, Watch, before, chain, watched
from functions.pipeline.ports import Agents, AuditTrail, Detector, Memory, Switches, Telemetry
from functions.pipeline.privacy import guard_personal_data, hide_personal_data
from functions.pipeline.stopwatch import Stopwatch
from functions.pipeline.thrift import Thrift, thrifty


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that the stages are made of; ``bootstrap`` fills it, tests fill it with fakes."""

    zone: str
    region: str
    homes: Mapping[str, str]
    """Each zone's base URL."""
    agents: Agents
    switches: Switches
    memory: Memory
    telemetry: Telemetry
    trail: AuditTrail
    governors: Governors
    second_detector: Detector | None = None
    """Asked besides our own, where the zone names one."""


def pipeline(parts: Parts) -> Proceed:
    """The one way from a run to its outcome."""
    watch = _watch(parts)
    rest = chain(
        {
            "audit": audit(parts.agents, parts.trail, _site(parts), parts.governors.now),
            "residency": stages.keep_in_zone(parts.zone, parts.homes),
            "access": stages.check_access(parts.agents, parts.switches, parts.zone),
            "input": stages.check_input(parts.agents),
            "idempotency": stages.remember(parts.agents, parts.memory),
            "charge": stages.charge(parts.governors.books, parts.telemetry),
            "personal_data": guard_personal_data(parts.agents, parts.second_detector),
        },
        ending=watched("agent", stages.answer(parts.agents, tools(parts)), watch),
        watch=watch,
    )
    return before(stages.trace(parts.agents, parts.telemetry, parts.governors.now), rest)


def acceptance(parts: Parts, ending: Callable[[Run], RunRecord]) -> Callable[[Run], RunRecord]:
    """The way of a run that is done later: what it asks for is checked now."""
    watch = _watch(parts)
    trace = stages.trace(parts.agents, parts.telemetry, parts.governors.now, succeeded="accepted")
    rest = chain(
        {
            "audit": audit(parts.agents, parts.trail, _site(parts), parts.governors.now),
            "residency": stages.keep_in_zone(parts.zone, parts.homes),
            "access": stages.check_access(parts.agents, parts.switches, parts.zone),
            "input": stages.check_input(parts.agents),
        },
        ending=watched("acceptance", ending, watch),
        watch=watch,
    )
    return before(trace, rest)


def _watch(parts: Parts) -> Watch[Run]:
    """Each stage of a run has its span, and its time on the run's meter."""
    stopwatch = Stopwatch(parts.telemetry, parts.governors.now)
    return lambda name, run: stopwatch.stage(name, run.meter)


def _site(parts: Parts) -> Site:
    return Site(parts.zone, parts.region)


def tools(parts: Parts) -> Callable[[Run, AgentManifest], Tools]:
    """What an agent is handed for one run."""
    thrift = Thrift()

    def of(run: Run, manifest: AgentManifest) -> Tools:
        models = manifest.models[parts.zone]
        stopwatch = Stopwatch(parts.telemetry, parts.governors.now)
        ask = chain(
            {"masking": hide_personal_data(run, manifest, parts.second_detector)},
            ending=thrifty(run, manifest, parts.zone, parts.governors, thrift, stopwatch),
            watch=lambda name, _: stopwatch.stage(name, run.meter),
        )
        return GovernedTools(run=run, manifest=manifest, models=models, call=ask)

    return of
