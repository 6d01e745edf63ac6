"""What the span of a model call says, and what it says of what was said."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, ValidationError

from functions.adapters.otel import OtelProvider
from functions.domain.agent import Agent, Tools
from functions.domain.errors import ModelUnavailable
from functions.domain.pricing import Usage
from functions.domain.prompt import Prompt
from functions.pipeline import gen_ai
from functions.pipeline.gen_ai import MOST_CHARACTERS
from functions.pipeline.run import pipeline
from tests import fakes

NAME, MAIL = "Wilhelmina Abernathy", "wilhelmina.abernathy@example.com"
SAID = f"Hello, I am {NAME}, please write to {MAIL}."
CONTENT = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions")


class Passage(BaseModel):
    """What the agent takes and gives."""

    text: str


def repeat(request: Passage, tools: Tools) -> Passage:
    return tools.ask(Prompt(system="Say it again.", question=request.text), Passage)


class Traced(fakes.FakeTelemetry):
    """Fakes for all but the spans."""

    def __init__(self) -> None:
        super().__init__()
        self.exporter = InMemorySpanExporter()
        self.span = OtelProvider({}, SimpleSpanProcessor(self.exporter)).span  # type: ignore[assignment, method-assign]  # the real one


@dataclass
class Ran:
    """The spans of one run."""

    telemetry: Traced = field(default_factory=Traced)

    def run(self, said: str = SAID, *, manifest: dict[str, Any] | None = None, **parts: Any) -> Any:
        agent = Agent.of(fakes.manifest(max_input_bytes=90_000, **(manifest or {})), repeat)
        found = {"echo": agent}.__getitem__
        parts.setdefault("model", fakes.FakeModel(['{"text": "[PERSON_1] says hello"}']))
        made = fakes.parts(telemetry=self.telemetry, agents=found, **parts)
        return pipeline(made)(fakes.run(input={"text": said}))

    def spans(self, prefix: str) -> list[ReadableSpan]:
        every = self.telemetry.exporter.get_finished_spans()
        return [span for span in every if span.name.startswith(prefix)]

    def attributes(self, prefix: str) -> dict[str, Any]:
        (span,) = self.spans(prefix)
        return dict(span.attributes or {})

    @property
    def told(self) -> str:
        return "".join(span.to_json() for span in self.telemetry.exporter.get_finished_spans())


def test_a_call_says_what_was_asked_and_what_it_took():
    ran = Ran()
    ran.run()
    (span,) = ran.spans("chat")
    assert (span.name, span.kind) == (f"chat {fakes.MODEL}", SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.agent.name": "echo",
        "gen_ai.output.type": "json",
        "gen_ai.request.model": fakes.MODEL,
        "gen_ai.request.max_tokens": 512,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.response.model": "test-model",
        "gen_ai.response.finish_reasons": ("end_turn",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "gatehouse.run": fakes.RUN_ID,
        "gatehouse.team": "helpdesk",
        "gatehouse.workflow": "unassigned",
        "gatehouse.attempt": 1,
        "gatehouse.repair": False,
        "gatehouse.cost_micro_usd": 150,
    }


def test_cached_tokens_are_input_tokens_too():
    usage = Usage(
        input_tokens=5,
        output_tokens=7,
        cache_read_tokens=100,
        cache_write_tokens=20,
        cache_write_hour_tokens=3,
    )
    run = fakes.run()
    run.meter.add(fakes_call(usage))
    said = gen_ai.of_run(run, "succeeded")
    assert said["gen_ai.usage.input_tokens"] == 128
    assert said["gen_ai.usage.cache_read.input_tokens"] == 100
    assert said["gen_ai.usage.cache_creation.input_tokens"] == 23


def fakes_call(usage: Usage) -> Any:
    from tests.measured import call

    return call(usage=usage)


def test_each_try_has_a_span_and_a_failed_one_says_why():
    ran = Ran()
    replies: list[str | Exception] = [ModelUnavailable("down"), '{"text": "hello"}']
    ran.run(model=fakes.FakeModel(replies))
    tries = [dict(span.attributes or {}) for span in ran.spans("chat")]
    assert [said["gatehouse.attempt"] for said in tries] == [1, 2]
    assert tries[0]["error.type"] == "model-unavailable"
    assert "gen_ai.response.model" not in tries[0]
    assert "error.type" not in tries[1]


def test_a_model_whose_circuit_is_open_is_not_called_and_the_run_says_so():
    ran = Ran()
    with pytest.raises(ModelUnavailable):
        ran.run(breaker=fakes.FakeBreaker(open={fakes.MODEL, fakes.SECOND}))
    assert ran.spans("chat") == []
    assert ran.attributes("invoke_agent")["gatehouse.circuit"] == "open"


def test_what_is_said_is_in_no_span_unless_the_agent_wants_it():
    ran = Ran()
    ran.run()
    assert not set(CONTENT) & set(ran.attributes("chat"))
    assert "PERSON_1" not in ran.told
    assert "Say it again" not in ran.told


def test_an_agent_that_wants_it_shows_what_the_model_saw_and_no_more():
    ran = Ran()
    outcome = ran.run(manifest={"telemetry": {"content": True}})
    assert outcome.output["text"] == "[PERSON_1] says hello"
    said = ran.attributes("chat")
    (asked,) = json.loads(said["gen_ai.input.messages"])
    assert asked["role"] == "user"
    assert "[PERSON_1]" in asked["parts"][0]["content"]
    assert json.loads(said["gen_ai.output.messages"])[0]["finish_reason"] == "end_turn"
    assert "Abernathy" not in ran.told
    assert MAIL not in ran.told


def test_a_repair_is_shown_with_its_placeholders_too():
    ran = Ran()
    replies: list[str | Exception] = ['{"words": "[PERSON_1]"}', '{"text": "[PERSON_1]"}']
    ran.run(manifest={"telemetry": {"content": True}}, model=fakes.FakeModel(replies))
    said = dict(ran.spans("chat")[1].attributes or {})
    assert said["gatehouse.repair"] is True
    roles = [message["role"] for message in json.loads(str(said["gen_ai.input.messages"]))]
    assert roles == ["user", "assistant", "user"]
    assert "Abernathy" not in ran.told


def test_a_long_text_is_cut():
    ran = Ran()
    ran.run("word " * 10_000, manifest={"telemetry": {"content": True}})
    (asked,) = json.loads(ran.attributes("chat")["gen_ai.input.messages"])
    assert len(asked["parts"][0]["content"]) == MOST_CHARACTERS + 1


@pytest.mark.parametrize("policy", [{"default": "allow"}, {"actions": {"PERSON": "allow"}}])
def test_content_is_not_shown_by_an_agent_whose_model_sees_personal_data(policy: dict[str, Any]):
    with pytest.raises(ValidationError, match="only where the model sees placeholders"):
        fakes.manifest(telemetry={"content": True}, personal_data=policy)
