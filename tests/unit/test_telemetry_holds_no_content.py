"""However a run ends, its span, its log line and its metrics say nothing of what was sent.

The local stack exports no spans; here they are looked at themselves.
"""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from functions.adapters.log import make_logger
from functions.adapters.otel import OtelProvider
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.bootstrap.surroundings import logger
from functions.domain.agent import Agent, Tools
from functions.domain.errors import (
    GatehouseError,
    ModelRefused,
    ModelUnavailable,
    StoreUnavailable,
)
from functions.domain.metrics import SERVICE
from functions.domain.names import MicroUsd
from functions.domain.prompt import Prompt
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.entrypoints.failures import log_unexpected
from functions.pipeline.run import pipeline
from tests import fakes
from tests.unit.test_consumer import Desk, event, message

MAIL = "wilhelmina.abernathy@example.com"
CARD = "4111 1111 1111 1111"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ3aWxoZWxtaW5hIn0.c2lnbmF0dXJl"
SAID = f"Hello, I am Wilhelmina Abernathy, please write to {MAIL}. Card {CARD}, token {TOKEN}."
MARKERS = (
    "abernathy",
    "wilhelmina",
    CARD,
    CARD.replace(" ", ""),
    TOKEN[:12].casefold(),
    "hello, i",
)
"""What must be nowhere, in lower case."""


def raising(error: BaseException) -> Any:
    def raises(_: object) -> None:
        raise error

    return raises


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
    spans, log, dropped = InMemorySpanExporter(), io.StringIO(), list[int]()
    telemetry = PowertoolsTelemetry(
        OtelProvider({"service.name": "test"}, SimpleSpanProcessor(spans)),
        "test",
        make_logger(f"test-{uuid4()}", dropped.append, stream=log, level="DEBUG"),
    )
    run = fakes.run(**{"input": {"text": SAID}} | sent)

    try:
        pipeline(fakes.parts(telemetry=telemetry, **changed))(run)
    except (GatehouseError, RuntimeError):
        assert status != "succeeded"

    told = "".join(span.to_json() for span in spans.get_finished_spans())
    for text in (told, log.getvalue(), capsys.readouterr().out):
        ended = f'"{status}"' in text or '"Succeeded":[1.0]' in text
        assert ended, "it was told how the run ended"
        assert not found_in(text)
    assert not dropped, "the second line of defence had nothing to do"


def found_in(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker in text.casefold()]


def written(caplog: pytest.LogCaptureFixture) -> str:
    """What the functions' own logger makes of what was logged."""
    formatter = logger().registered_formatter
    return "".join(formatter.format(r) for r in caplog.records if r.name == SERVICE)


MESSAGES: dict[str, tuple[dict[str, Any], Any]] = {
    "it is done": ({}, event(data={"word": "Wilhelmina"})),
    "it is no JSON": ({}, SAID),
    "it is no event": ({}, {"id": SAID, "data": SAID}),
    "its input does not fit": ({}, event(data={MAIL: SAID})),
    "its id is somebody's name": ({}, event(id=MAIL, source=f"/{MAIL}", data={"word": SAID})),
    "its team is made up": ({}, event(team="wilhelmina-abernathy")),
    "its type is made up": ({}, event(type="wilhelmina.abernathy")),
    "the run breaks": ({"runs": raising(ValueError(SAID))}, event(data={"word": "hi"})),
    "the run exits": ({"runs": raising(SystemExit(SAID))}, event(data={"word": "hi"})),
    "the queue is away, too": (
        {"runs": raising(ValueError(SAID)), "mailbox": fakes.FakeMailbox(broken=True)},
        event(data={"word": "hi"}),
    ),
}


ENDED = {"it is done", "its input does not fit", "its id is somebody's name"}
"""Those that became a run, and so have its line."""


@pytest.mark.parametrize("case", MESSAGES)
def test_nothing_of_a_message_is_logged_however_it_ends(
    case: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, body = MESSAGES[case]
    caplog.set_level("DEBUG", SERVICE)
    telemetry = PowertoolsTelemetry(OtelProvider({}), SERVICE, logger())
    runs = pipeline(fakes.parts(agents=fakes.agents(consumes=["word.said"]), telemetry=telemetry))
    changed: dict[str, Any] = {"telemetry": telemetry, "runs": runs} | changes
    Desk(**changed).take(message(body))

    told = capsys.readouterr().out
    assert '"Deliveries":[1.0]' in told
    assert not found_in(written(caplog) + told)
    assert '"dropped"' not in written(caplog)
    assert ('"message":"run"' in written(caplog)) == (case in ENDED)


def test_an_unexpected_error_is_logged_without_what_it_and_its_causes_say(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = RuntimeError(MAIL)
    error.__cause__ = KeyError(SAID)
    error.add_note(SAID)
    log_unexpected(error)
    told = written(caplog)
    assert '"error":"RuntimeError"' in told
    assert '"causes":["KeyError"]' in told
    assert not found_in(told)
