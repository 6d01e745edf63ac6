"""However a run ends, its span, its log line and its metrics say nothing of what was sent.

The local stack exports no spans; here they are looked at themselves.
"""

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from functions.adapters.otel import OtelProvider
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.domain.agent import Agent, Tools
from functions.domain.errors import (
    GatehouseError,
    ModelRefused,
    ModelUnavailable,
    StoreUnavailable,
)
from functions.domain.names import MicroUsd
from functions.domain.prompt import Prompt
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.pipeline.run import pipeline
from tests import fakes

MAIL = "wilhelmina.abernathy@example.com"
SAID = f"Hello, I am Wilhelmina Abernathy, please write to {MAIL}."


class Passage(BaseModel):
    """What the agent takes and gives."""

    text: str


def repeat(request: Passage, tools: Tools) -> Passage:
    return tools.ask(Prompt(system="Say it again.", question=request.text), Passage)


def break_down(request: Passage, tools: Tools) -> Passage:
    raise RuntimeError(request.text)


class ClosedBooks(fakes.FakeBooks):
    """Cannot be written, for a reason that quotes."""

    def reserve(self, run: Run, amount: MicroUsd) -> Any:
        raise StoreUnavailable("the books are closed") from RuntimeError(SAID)


class BurningBooks(fakes.FakeBooks):
    """Fail as nothing of ours does."""

    def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
        raise RuntimeError(SAID)


def agents(answer: Any = repeat, **changes: Any) -> Any:
    return {"echo": Agent.of(fakes.manifest(max_input_bytes=2000, **changes), answer)}.__getitem__


def says(reply: str | Exception) -> dict[str, Any]:
    return {"agents": agents(), "model": fakes.FakeModel([reply])}


ENDINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "succeeded": (says(json.dumps({"text": SAID})), {}),
    "internal": ({"agents": agents(), "books": BurningBooks()}, {}),
    "invalid-input": ({"agents": agents()}, {"input": {"text": [SAID], MAIL: SAID}}),
    "payload-too-large": ({"agents": agents()}, {"input": {"text": SAID * 99}}),
    "wrong-zone": (
        {"agents": agents()},
        {"caller": Caller(subject=MAIL, team="helpdesk", zone="us", roles=frozenset())},
    ),
    "access-denied": (
        {"agents": agents()},
        {"caller": Caller(subject=MAIL, team="helpdesk", zone="eu", roles=frozenset())},
    ),
    "personal-data-found": ({"agents": agents(personal_data={"default": "refuse"})}, {}),
    "agent-failed": ({"agents": agents(break_down)}, {}),
    "model-refused": (says(ModelRefused("no")), {}),
    "temporary-reduced-capacity": (says(ModelUnavailable("down")), {}),
    "invalid-model-reply": (says(json.dumps({"words": SAID})), {}),
    "budget-exhausted": ({"agents": agents(), "books": fakes.FakeBooks(available=1)}, {}),
    "store-unavailable": ({"agents": agents(), "books": ClosedBooks()}, {}),
}
"""By the status that is told: the parts of the pipeline, and what is different in the run."""


@pytest.mark.parametrize("status", ENDINGS)
def test_nothing_that_was_sent_is_told(status: str, capsys: pytest.CaptureFixture[str]) -> None:
    changed, sent = ENDINGS[status]
    spans, log = InMemorySpanExporter(), io.StringIO()
    telemetry = PowertoolsTelemetry(
        OtelProvider({"service.name": "test"}, spans),
        "test",
        Logger(service=f"test-{status}", stream=log, level="DEBUG"),
    )
    run = fakes.run(**{"input": {"text": SAID}} | sent)

    try:
        pipeline(fakes.parts(telemetry=telemetry, **changed))(run)
    except (GatehouseError, RuntimeError):
        assert status != "succeeded"

    told = "".join(span.to_json() for span in spans.get_finished_spans())
    for text in (told, log.getvalue(), capsys.readouterr().out):
        assert f'"{status}"' in text, "it was told how the run ended"
        assert "abernathy" not in text.casefold()
