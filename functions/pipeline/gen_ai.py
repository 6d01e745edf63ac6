"""Runs and model calls in OpenTelemetry's words for generative AI, and in ours where it has none.

They follow the semantic conventions as their own repository has them since version 1.41; what a
model is told or says is in here only for an agent that asks for it.
"""

import json
from collections.abc import Sequence

from functions.domain.pricing import Usage
from functions.domain.run import ModelCall, Run
from functions.pipeline.ports import Answer, Question
from functions.pipeline.span_ports import Attributes

PROVIDER = "aws.bedrock"
MOST_CHARACTERS = 4000
"""Of one text; a span may have 200 KB in CloudWatch."""


def of_run(run: Run, status: str) -> Attributes:
    """What is known of a run when it has ended."""
    meter = run.meter
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.agent.name": run.agent,
        "gen_ai.request.model": meter.model,
        "gen_ai.response.model": meter.answered_by,
        **_of_usage(meter.usage),
        "gatehouse.run": run.id,
        "gatehouse.channel": run.channel,
        "gatehouse.team": run.team.name,
        "gatehouse.zone": run.team.zone,
        "gatehouse.workflow": run.workflow,
        "gatehouse.cache": meter.cache,
        "gatehouse.circuit": meter.circuit,
        "gatehouse.model_calls": len(meter.calls),
        "gatehouse.cost_micro_usd": meter.cost_micro_usd,
        "gatehouse.status": status,
    }


def asked(run: Run, question: Question) -> Attributes:
    """What a model is asked for, and for whom."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.agent.name": run.agent,
        "gen_ai.output.type": "json",
        "gen_ai.request.model": question.model,
        "gen_ai.request.max_tokens": question.max_output_tokens,
        "gen_ai.request.temperature": question.temperature,
        "gatehouse.run": run.id,
        "gatehouse.team": run.team.name,
        "gatehouse.workflow": run.workflow,
        "gatehouse.attempt": question.attempt,
        "gatehouse.repair": question.repair is not None,
    }


def answered(call: ModelCall) -> Attributes:
    """What a model took for its answer."""
    return {
        "gen_ai.response.model": call.answered_by,
        "gen_ai.response.finish_reasons": [call.stop_reason],
        **_of_usage(call.usage),
        "gatehouse.cost_micro_usd": call.cost_micro_usd,
    }


def told(question: Question) -> Attributes:
    """What the model reads, which is after masking; the agent's examples are left out."""
    turns = [("user", question.prompt.question)]
    if question.repair:
        reply, problem = question.repair
        turns += [("assistant", reply), ("user", problem)]
    return {
        "gen_ai.system_instructions": json.dumps([_part(question.prompt.system)]),
        "gen_ai.input.messages": json.dumps(
            [{"role": role, "parts": [_part(text)]} for role, text in turns]
        ),
    }


def said(answer: Answer) -> Attributes:
    """What the model wrote, before anything that was masked is put back."""
    message = {
        "role": "assistant",
        "parts": [_part(answer.text)],
        "finish_reason": answer.stop_reason,
    }
    return {"gen_ai.output.messages": json.dumps([message])}


def _of_usage(usage: Usage) -> dict[str, str | float | bool | Sequence[str] | None]:
    """Input tokens are all of them, also those that came from or went into a cache."""
    written = usage.cache_write_tokens + usage.cache_write_hour_tokens
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens + usage.cache_read_tokens + written,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": written,
    }


def _part(text: str) -> dict[str, str]:
    cut = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
    return {"type": "text", "content": cut}
