"""The order in which every run meets the gatehouse's rules, whichever way it came in.

    trace → access → input → idempotency → charge → agent

Adding a rule is one line here and one small function in ``stages.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.domain.agent import AgentManifest, Tools
from functions.domain.pricing import PriceList
from functions.domain.run import Run
from functions.pipeline import stages
from functions.pipeline.ask import GovernedTools
from functions.pipeline.chain import Proceed, chain
from functions.pipeline.ports import Agents, Ledger, Memory, Model, Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that the stages are made of; ``bootstrap`` fills it, tests fill it with fakes."""

    zone: str
    agents: Agents
    model: Model
    memory: Memory
    ledger: Ledger
    telemetry: Telemetry
    prices: PriceList
    now: Callable[[], datetime]


def pipeline(parts: Parts) -> Proceed:
    """The one way from a run to its outcome."""
    return chain(
        [
            stages.trace(parts.telemetry, parts.now),
            stages.check_access(parts.agents, parts.zone),
            stages.check_input(parts.agents),
            stages.remember(parts.memory),
            stages.charge(parts.ledger),
        ],
        ending=stages.answer(parts.agents, tools(parts)),
    )


def tools(parts: Parts) -> Callable[[Run, AgentManifest], Tools]:
    """What an agent is handed for one run."""
    return lambda run, manifest: GovernedTools(
        run=run,
        manifest=manifest,
        models=manifest.models[parts.zone],
        model=parts.model,
        prices=parts.prices,
        now=parts.now,
    )
