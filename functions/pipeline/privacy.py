"""Where personal data is taken out, and where it may come back.

    input ──▶ refuse? ──▶ agent ──▶ prompt ──▶ mask ──▶ model
                            │                             │
    caller ◀── mask, restore what the policy says ◀── reply ◀── restore

The agent's own code works with what the caller sent. The model, the cache and everything that is
written see placeholders. What leaves with the outcome is masked again, and restored only for the
kinds that the agent's policy names, and only in a reply to the caller, never in an event.

A zone may name a second detector, a service that is asked about the same texts. What it finds is
added to what our own finds. The examples of a prompt are the agent's own, and are not sent to it.

A scan that breaks refuses the run: text that was not scanned goes nowhere.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from functions.domain.agent import Agent, AgentManifest
from functions.domain.errors import GatehouseError, PersonalDataFound, ScanFailed
from functions.domain.names import JsonObject
from functions.domain.personal_data.entities import EntityType
from functions.domain.personal_data.mask import FindInEach, mask, restore
from functions.domain.personal_data.placeholders import Placeholders
from functions.domain.personal_data.policy import Action, PersonalDataRefused, Policy
from functions.domain.run import Outcome, Run
from functions.pipeline.calls import Ask, CallStage
from functions.pipeline.chain import Proceed, Stage
from functions.pipeline.ports import Agents, Answer, Detector, Question

Scanned = TypeVar("Scanned")
EVERYTHING = frozenset(EntityType)


def guard_personal_data(agents: Agents, detector: Detector | None = None) -> Stage:
    """Refuse an input that the agent must not see, and mask what leaves with the outcome."""
    second = detector.find if detector else None

    def stage(run: Run, proceed: Proceed) -> Outcome:
        agent = agents(run.agent)
        policy = agent.manifest.personal_data
        if Action.REFUSE in {policy.default, *policy.actions.values()}:
            _scanned(lambda: mask(run.input, policy, Placeholders(), second=second))
        outcome = proceed(run)
        return _masked(outcome, run, agent, second)

    return stage


def hide_personal_data(
    run: Run, manifest: AgentManifest, detector: Detector | None = None
) -> CallStage:
    """Let a model see placeholders, and give the agent's code back what they stand for."""
    policy = manifest.personal_data
    second = detector.find if detector and not _lets_everything_pass(policy) else None

    def stage(question: Question, ask: Ask) -> Answer:
        answer = ask(_scanned(lambda: _hidden(question, policy, run.placeholders, second)))
        return replace(answer, text=_shown(answer.text, policy, run.placeholders))

    return stage


def _hidden(
    question: Question, policy: Policy, placeholders: Placeholders, second: FindInEach | None
) -> Question:
    """The instructions are the agent's own; what it asks about is not."""
    asked = mask(question.prompt.question, policy, placeholders, second=second)
    repair = question.repair and tuple(
        mask(text, policy, placeholders, second=second, written_by_model=True)
        for text in question.repair
    )
    examples = _as_in_a_run(question.prompt.examples, policy.model_dump_json())
    prompt = replace(question.prompt, question=asked, examples=examples)
    return replace(question, prompt=prompt, repair=repair)


@lru_cache(maxsize=64)
def _as_in_a_run(
    examples: tuple[tuple[str, str], ...], policy_json: str
) -> tuple[tuple[str, str], ...]:
    """Examples with placeholders where a run has them: a model answers as it was shown.

    They are the agent's own and always the same, so they are scanned once.
    """
    policy = Policy.model_validate_json(policy_json)
    found = []
    for asked, answered in examples:
        own = Placeholders()
        hidden = mask(asked, policy, own)
        answer = mask(json.loads(answered), policy, own)
        found.append((hidden, json.dumps(answer, ensure_ascii=False)))
    return tuple(found)


def _shown(text: str, policy: Policy, placeholders: Placeholders) -> str:
    """Restored as JSON, so that a quote in a name cannot end a string early."""
    try:
        reply = json.loads(text)
    except ValueError:
        return text  # it will not fit its contract either, and goes back to be repaired
    everything = policy.model_copy(update={"restored": EVERYTHING})
    return json.dumps(restore(reply, everything, placeholders), ensure_ascii=False)


def _masked(outcome: Outcome, run: Run, agent: Agent, second: FindInEach | None) -> Outcome:
    policy = agent.manifest.personal_data
    restored = policy.restored if run.channel == "http" else frozenset[EntityType]()
    if _lets_everything_pass(policy):
        return outcome
    # A refusal was for the input: what the agent itself found out is masked.
    leaving = Policy(default=Action.MASK, actions=_allowed(policy), restored=restored)

    scanned = {n: value for n, value in outcome.output.items() if n not in agent.not_personal}

    def leave() -> JsonObject:
        hidden = mask(scanned, leaving, run.placeholders, second=second)
        shown: JsonObject = restore(hidden, leaving, run.placeholders)
        return shown

    return outcome.model_copy(update={"output": outcome.output | _scanned(leave)})


def _lets_everything_pass(policy: Policy) -> bool:
    return policy.default is Action.ALLOW and not policy.actions


def _allowed(policy: Policy) -> dict[EntityType, Action]:
    return {kind: Action.ALLOW for kind in EntityType if policy.action_for(kind) is Action.ALLOW}


def _scanned(scan: Callable[[], Scanned]) -> Scanned:
    """Do a scan; whatever goes wrong with it ends the run, without a word of what was scanned."""
    try:
        return scan()
    except PersonalDataRefused as refused:
        kinds = ", ".join(refused.entity_types)
        msg = f"The input holds {kinds}, which this agent refuses. Remove it and send again."
        raise PersonalDataFound(msg) from None
    except GatehouseError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, unscanned text goes nowhere
        msg = f"The scan for personal data failed ({type(error).__name__}), so nothing was done."
        raise ScanFailed(msg) from None
