"""One request is one trace, over every hop that it takes, and a person can read it."""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from rich.console import Console

from benchmarks.otlp_endpoints import Receiver
from cli.trace import trace
from local.stack import LocalStack
from tests.e2e.conftest import FOLLOWED, Play, eventually, new_review
from tests.otlp import DecodedSpan, decoded

PARENT_ID = "00f067aa0ba902b7"
RUN = "/v1/agents/review_sentiment/run"
STAGES = ["audit", "residency", "access", "input", "idempotency", "charge", "personal_data"]
CALL = ["masking", "cache", "budget", "fallback", "breaker"]
CHAT = "chat eu.anthropic.claude-haiku-4-5-20251001-v1:0"


class Tree:
    """The spans of one trace, as an independent reader of the protocol has them."""

    def __init__(self, received: Receiver, trace_id: str) -> None:
        every = (span for request in received.received for span in decoded(request.body).spans)
        self.spans = [span for span in every if span.trace_id == trace_id]
        self._by_id = {span.span_id: span for span in self.spans}

    @property
    def is_whole(self) -> bool:
        """Whether every span's parent has come, too: each function sends its own."""
        return {span.parent_id for span in self.spans} <= {PARENT_ID, *self._by_id}

    def named(self, name: str) -> list[DecodedSpan]:
        return [span for span in self.spans if span.name == name]

    def path(self, span: DecodedSpan) -> list[str]:
        """The names from the outermost span to this one."""
        return [each.name for each in [*self._above(span)][::-1]]

    def _above(self, span: DecodedSpan | None) -> Iterator[DecodedSpan]:
        while span:
            yield span
            span = self._by_id.get(span.parent_id)


def ask(http: httpx.Client, stack: LocalStack, **headers: str) -> httpx.Response:
    minted = stack.identity.mint(FOLLOWED, ["reviews:analyse"])
    sent = {"Authorization": f"Bearer {minted}", **headers}
    return http.post(RUN, json={"input": new_review()}, headers=sent)


@pytest.fixture
def followed(
    http: httpx.Client, stack: LocalStack, spans: Receiver, play: Play
) -> tuple[str, str, Tree]:
    """A request whose run is done later, and whose result a second agent hears of."""
    play()
    trace_id = uuid.uuid4().hex
    parent = f"00-{trace_id}-{PARENT_ID}-01"
    accepted = ask(
        http, stack, Prefer="respond-async", traceparent=parent, tracestate="vendor=congo"
    )
    assert accepted.status_code == 202, accepted.text

    def ended() -> Tree | None:
        tree = Tree(spans, trace_id)
        return tree if tree.is_whole and tree.named("process run_digest") else None

    return trace_id, accepted.json()["id"], eventually(ended)


def test_one_request_is_one_trace_over_every_hop(
    followed: tuple[str, str, Tree], stack: LocalStack
) -> None:
    trace_id, run_id, tree = followed
    first, second = tree.named(CHAT)
    accepted = ["POST /v1/agents/{agent}/run", "invoke_agent review_sentiment"]
    requested = [*accepted, *STAGES[:4], "acceptance", "send run.requested"]
    done = [*requested, "process review_sentiment"]
    run = ["invoke_agent review_sentiment", *STAGES, "agent", *CALL, CHAT]
    told = [*done, "send run.completed", "process run_digest"]
    digest = ["invoke_agent run_digest", *STAGES, "agent", *CALL, CHAT]
    assert tree.path(first) == [*done, *run]
    assert tree.path(second) == [*told, *digest]

    (root,) = (span for span in tree.spans if span.parent_id == PARENT_ID and "POST" in span.name)
    assert root.kind == "SERVER"
    assert {span.trace_state for span in tree.spans} == {"vendor=congo"}
    assert len({span.span_id for span in tree.spans}) == len(tree.spans)
    assert not [span.name for span in tree.spans if span.failed]
    for span in tree.named("invoke_agent review_sentiment"):
        assert span.attributes["gatehouse.run"] == run_id
    assert first.attributes["gatehouse.cost_micro_usd"] > 0
    assert first.attributes["gen_ai.provider.name"] == "aws.bedrock"

    console = Console(width=80, record=True, no_color=True)
    console.print(trace(stack.running.logs.parent, run_id))
    shown = console.export_text()
    assert trace_id in shown
    assert len(shown.splitlines()) == len(tree.spans) + 1
    assert max(map(len, shown.splitlines())) <= 80


def test_a_trace_that_its_caller_does_not_sample_is_not_exported_unless_it_fails(
    http: httpx.Client, stack: LocalStack, spans: Receiver, play: Play
) -> None:
    play({"times": 1, "reply": "from_schema"}, {"error": "ValidationException"})
    quiet, failed = uuid.uuid4().hex, uuid.uuid4().hex
    for trace_id, status in ((quiet, 200), (failed, 502)):
        reply = ask(http, stack, traceparent=f"00-{trace_id}-{PARENT_ID}-00")
        assert (reply.status_code, reply.json()["trace_id"]) == (status, trace_id)
    tree = eventually(lambda: (found := Tree(spans, failed)).spans and found)
    (chat,) = tree.named(CHAT)
    assert chat.attributes["error.type"] == "model-refused"
    assert Tree(spans, quiet).spans == []
