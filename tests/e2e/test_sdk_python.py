"""The Python client against the whole bundle, and the example service built on it."""

import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

import gatehouse_sdk
from gatehouse_sdk import AccessDenied, Client, GatehouseError, InvalidInput
from gatehouse_sdk._queue_store import QueueStore
from gatehouse_sdk.flags import Flags
from gatehouse_sdk.openfeature import GatehouseProvider
from local.stack import LocalStack
from tests.e2e.conftest import eventually, new_review, sample

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdk" / "python"
SOURCE = Path(gatehouse_sdk.__file__).parents[1]
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def client(stack: LocalStack) -> Iterator[Client]:
    url = stack.running.gateway_url
    with Client(url, lambda: stack.identity.mint("platform"), workflow="sdk") as client:
        yield client


def environment(stack: LocalStack, team: str) -> dict[str, str]:
    return {
        "PYTHONPATH": str(SOURCE),
        "GATEHOUSE_BASE_URL": stack.running.gateway_url,
        "GATEHOUSE_TOKEN": stack.identity.mint(team),
    }


def test_a_run_and_its_repetition_are_one(client: Client) -> None:
    review, key = new_review(), str(uuid.uuid4())
    first = client.run("review_sentiment", review, idempotency_key=key, traceparent=TRACE)
    second = client.run("review_sentiment", review, idempotency_key=key)
    assert first.output == second.output
    assert (first.replayed, second.replayed) == (False, True)
    assert first.trace_id == TRACE.split("-")[1]
    assert "budget" in first.limits


def test_a_run_that_is_done_later_is_waited_for(client: Client) -> None:
    run = client.run_async("review_sentiment", new_review())
    states = [state.status for state in client.watch(run)]
    assert states[-1] == "succeeded"
    assert client.wait(run.id).id == run.id


def test_a_batch_has_a_result_for_each_input(client: Client) -> None:
    good, bad = client.batch("review_sentiment", [new_review(), {"text": 7}])
    assert good.outcome is not None
    assert isinstance(bad.error, InvalidInput)


def test_the_catalogue_is_read(client: Client) -> None:
    names = {line["name"] for line in client.agents()}
    assert "ticket_summary" in names
    assert "review_sentiment" in {line["name"] for line in client.agents("sentiment")}
    assert client.agent("ticket_summary")["input_schema"]["type"] == "object"


def test_what_is_refused_is_an_error_of_its_kind(stack: LocalStack) -> None:
    stranger = Client(stack.running.gateway_url, stack.identity.mint("helpdesk"))
    with stranger, pytest.raises(AccessDenied) as failed:
        stranger.run("kyc_screening", sample("kyc_screening"))
    assert failed.value.request_id


def test_a_token_that_nobody_signed_is_refused(stack: LocalStack) -> None:
    nobody = Client(stack.running.gateway_url, "no-token")
    with nobody, pytest.raises(GatehouseError) as failed:
        nobody.agents()
    assert failed.value.status == 401


def test_the_quick_start_works(stack: LocalStack) -> None:
    text = (SDK / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", snippets[0]],
        env=environment(stack, "helpdesk"),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@contextmanager
def service(env: dict[str, str], data: Path) -> Iterator[str]:
    """The example service on a free port; killed at the end."""
    script = SDK / "examples" / "ticket_service.py"
    with subprocess.Popen(
        [sys.executable, str(script), "--port=0", f"--data={data}"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def summary(ticket: str) -> Any:
    return httpx.get(ticket).json()["summary"]


def was_tried(path: Path) -> bool:
    """A call that is on its way when its process is killed would be held until its lease ends."""
    store = QueueStore(path)
    (queued,) = store.waiting()
    store.close()
    return queued.attempts > 0 and queued.lease is None


def test_events_are_published_and_each_has_its_result(client: Client) -> None:
    good = {"source": "/tests", "type": "review.submitted", "data": new_review()}
    done, refused = client.publish([good, good | {"data": {"text": 7}}])
    assert (done.status, done.error) == (202, None)
    assert isinstance(refused.error, InvalidInput)


def test_the_official_openfeature_client_gets_the_stacks_flags(client: Client) -> None:
    api.set_provider(GatehouseProvider(Flags(client)))
    found = api.get_client().get_boolean_details(
        "agent.review_sentiment", default_value=False, evaluation_context=EvaluationContext("u-7")
    )
    api.shutdown()
    assert (found.value, found.error_code) == (True, None)


def test_the_example_service_takes_messages_and_has_them_summarised(
    stack: LocalStack, tmp_path: Path
) -> None:
    text = sample("ticket_summary")["messages"][0]["text"]
    with service(environment(stack, "helpdesk"), tmp_path) as url:
        ticket = f"{url}/tickets/T-{uuid.uuid4().hex[:8]}"
        taken = httpx.post(f"{ticket}/messages", json={"role": "customer", "text": text})
        assert (taken.status_code, taken.json()["messages"]) == (202, 1)
        assert eventually(lambda: summary(ticket))
        assert httpx.post(f"{ticket}/messages", json={"role": "nobody"}).status_code == 400


def test_what_the_example_service_took_survives_its_death(
    stack: LocalStack, tmp_path: Path
) -> None:
    """Taken while the gatehouse is away, then killed; started again, it goes on by itself."""
    home = environment(stack, "helpdesk")
    name = f"T-{uuid.uuid4().hex[:8]}"
    with service(home | {"GATEHOUSE_BASE_URL": "http://127.0.0.1:9"}, tmp_path) as url:
        body = {"role": "customer", "text": "My order 48213 is late."}
        taken = httpx.post(f"{url}/tickets/{name}/messages", json=body)
        assert (taken.status_code, taken.json()["summary"]) == (202, None)
        eventually(lambda: was_tried(tmp_path / "queue.db"))
    with service(home, tmp_path) as url:
        assert eventually(lambda: summary(f"{url}/tickets/{name}"), seconds=60)
