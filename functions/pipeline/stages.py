"""The rules of the gatehouse, one small function each.

Every function takes the ports that its rule needs and returns a stage; ``run.py`` has the order.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ValidationError

from functions.domain import canonical
from functions.domain.agent import Agent, AgentManifest, Tools
from functions.domain.errors import (
    AccessDenied,
    AgentFailed,
    AgentSwitchedOff,
    GatehouseError,
    InvalidInput,
    PayloadTooLarge,
    StoreUnavailable,
    TeamSwitchedOff,
    UnknownAgent,
    WrongZone,
)
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.pipeline import gen_ai
from functions.pipeline.chain import Check, Out, Proceed, Stage
from functions.pipeline.flags import is_switched_on
from functions.pipeline.ports import Agents, Books, Memory, Switches, Telemetry
from functions.pipeline.violations import violations

SUCCEEDED = "succeeded"
UNKNOWN = "(unknown)"
"""In place of an agent's name that there is not."""


def trace(
    agents: Agents,
    telemetry: Telemetry,
    now: Callable[[], datetime],
    *,
    succeeded: str = SUCCEEDED,
) -> Check:
    """Give the run a span, in the trace of what asked for it, and count how it ended."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        started = now()
        # A name that the caller made up may say anything, and would make a metric of its own.
        run = run if _exists(agents, run.agent) else replace(run, agent=UNKNOWN)
        with telemetry.span(f"invoke_agent {run.agent}") as span:
            traced = replace(run, trace=span.context)

            def count(status: str) -> None:
                span.note(gen_ai.of_run(traced, status))
                seconds = (now() - started).total_seconds()
                telemetry.count_run(traced, status=status, seconds=seconds)

            with _ending(count, succeeded), _traceable(span.context.trace_id):
                return proceed(traced)

    return stage


def keep_in_zone(zone: str, homes: Mapping[str, str]) -> Check:
    """Send a caller of another zone home, before anything of the input is read."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        check_zone(run.caller, zone, homes)
        return proceed(run)

    return stage


def check_zone(caller: Caller, zone: str, homes: Mapping[str, str]) -> None:
    """Refuse a caller whose data belongs elsewhere.

    Raises:
        WrongZone: the detail says where to go.
    """
    if caller.zone != zone:
        home = homes.get(caller.zone)
        there = f"send it to {home}" if home else "ask the platform team where to send it"
        msg = f"Your data belongs to the zone '{caller.zone}', this is '{zone}': {there}."
        raise WrongZone(msg, base_url=home)


def check_access(agents: Agents, switches: Switches, zone: str) -> Check:
    """Let in who has one of the agent's roles while it is switched on for them, nobody else."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        if not run.team.enabled:
            msg = f"The team {run.team.name} is switched off. Ask the platform team."
            raise TeamSwitchedOff(msg)
        manifest = _find(agents, run.agent, zone).manifest
        if not manifest.allows(run.caller.roles):
            needed = ", ".join(sorted(manifest.roles))
            msg = f"{run.agent} needs one of these roles: {needed}. Ask its owner for one."
            raise AccessDenied(msg)
        on = manifest.enabled and is_switched_on(run.agent, run.caller, switches.flags())
        run.meter.switched_on = on
        if not on:
            msg = f"{run.agent} is switched off. Ask its owner, {manifest.owner}."
            raise AgentSwitchedOff(msg, retry_after_seconds=60)
        return proceed(run)

    return stage


def check_input(agents: Agents) -> Check:
    """Refuse an input that does not fit the contract before it can cost or burn anything."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        agent = agents(run.agent)
        found = replace(run, input=run.read())
        size = len(canonical.write(found.input).encode())
        if size > agent.manifest.max_input_bytes:
            limit = agent.manifest.max_input_bytes
            msg = f"{run.agent} takes {limit} bytes of input; this one has {size}."
            raise PayloadTooLarge(msg)
        try:
            _read(agent, found)
        except ValidationError as error:
            root = "/data" if run.channel == "event" else "/input"
            wrong = violations(error, agent.request, root=root)
            msg = f"The input does not fit the contract of {run.agent}: {wrong[0]['detail']}"
            raise InvalidInput(f"{msg} ({wrong[0]['pointer']})", violations=wrong) from None
        return proceed(found)

    return stage


def remember(agents: Agents, memory: Memory) -> Stage:
    """Do a run with a key once; answer its repetition with what was recorded."""

    def stage(run: Run, proceed: Proceed) -> Outcome:
        if run.idempotency_key is None:
            return proceed(run)
        most = agents(run.agent).manifest.most_reply_bytes
        return memory.once(run, lambda: proceed(run), most_bytes=most)

    return stage


def charge(books: Books, telemetry: Telemetry) -> Stage:
    """Settle what the run was promised and spent, also when it failed: it was paid either way."""

    def stage(run: Run, proceed: Proceed) -> Outcome:
        outcome: Outcome | None = None

        def settle(status: str) -> None:
            if run.meter.reservations:
                try:
                    books.settle(run, status, outcome)
                except StoreUnavailable:
                    telemetry.count_unsettled(run)
                    raise

        with _ending(settle):
            outcome = proceed(run)
            return outcome

    return stage


def answer(agents: Agents, tools: Callable[[Run, AgentManifest], Tools]) -> Proceed:
    """The end of the way: the agent itself."""

    def ending(run: Run) -> Outcome:
        agent = agents(run.agent)
        request = _read(agent, run)
        reply = _call(agent, request, tools(run, agent.manifest))
        output = reply.model_dump(mode="json")
        if len(canonical.write(output).encode()) > agent.manifest.most_reply_bytes:
            msg = f"The reply of {run.agent} is longer than its manifest allows it to be."
            raise AgentFailed(msg)
        return Outcome(
            id=run.id,
            agent=run.agent,
            version=agent.manifest.version,
            output=output,
            model=run.meter.model,
            answered_by=run.meter.answered_by,
            usage=run.meter.usage,
            cost_micro_usd=run.meter.cost_micro_usd,
            cache=run.meter.cache,
            age_seconds=run.meter.answer_age_seconds,
            trace_id=run.trace.trace_id if run.trace else None,
            span_id=run.trace.span_id if run.trace else None,
        )

    return ending


def _call(agent: Agent, request: BaseModel, tools: Tools) -> BaseModel:
    try:
        return agent.answer(request, tools)
    except GatehouseError:
        raise
    except Exception as error:
        # The message may quote the input; its kind and its frames tell where to look.
        msg = f"The agent {agent.manifest.name} broke: {type(error).__name__}."
        raise AgentFailed(msg) from error


def _read(agent: Agent, run: Run) -> BaseModel:
    """The input as the agent's own type.

    A caller who sends a field that the contract lacks has made a mistake. A producer of events may
    know a newer version of them: consumers ignore what they do not know, or nothing could evolve.
    """
    extra: Literal["forbid", "ignore"] = "ignore" if run.channel == "event" else "forbid"
    return agent.request.model_validate(run.input, extra=extra)


def _exists(agents: Agents, name: str) -> bool:
    try:
        agents(name)
    except LookupError:
        return False
    return True


def _find(agents: Agents, name: str, zone: str) -> Agent:
    agent = agents(name) if _exists(agents, name) else None
    if agent is None or zone not in agent.manifest.models:
        msg = "No agent has this name here; GET /v1/agents lists those that do."
        raise UnknownAgent(msg)
    return agent


@contextmanager
def _ending(tell: Callable[[str], None], succeeded: str = SUCCEEDED) -> Iterator[None]:
    """Tell how the block ended: that it succeeded, or the slug of its error."""
    status = succeeded
    try:
        yield
    except BaseException as error:
        status = error.slug if isinstance(error, GatehouseError) else GatehouseError.slug
        raise
    finally:
        tell(status)


@contextmanager
def _traceable(trace_id: str) -> Iterator[None]:
    """Whoever is told of an error is told where to follow it."""
    try:
        yield
    except GatehouseError as error:
        error.trace_id = trace_id
        raise
