"""Worker processes: real ones, under the real Lambda runtime client."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local import clock
from local.invocation import Invocation, Reply
from local.workers import Workers
from tests.integration.local_functions import ARN, LIVE, REGION, tiny, workers, write_bundle

Start = Callable[..., Workers]


def call(pool: Workers, do: str, **event: Any) -> Reply:
    return pool.invoke(Invocation(json.dumps({"do": do, **event}).encode(), LIVE))


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


@pytest.fixture
def start(tmp_path: Path, bundle: Path) -> Iterator[Start]:
    """Starts workers for the bundle, and ends them after the test."""
    started: list[Workers] = []

    def begin(timeout_seconds: int = 20, **options: Any) -> Workers:
        started.append(workers(tiny(bundle, timeout_seconds), tmp_path, **options))
        return started[-1]

    yield begin
    for pool in started:
        pool.stop()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Workers of an unchanging bundle, for all tests that leave the function as it is."""
    folder = tmp_path_factory.mktemp("pool")
    pool = workers(tiny(write_bundle(folder / "bundle")), folder)
    yield pool
    pool.stop()


def test_a_function_sees_its_bundle_its_runtime_and_nothing_else(
    start: Start, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "1")
    seen = call(start(), "look").json()
    site_packages = [path for path in seen["path"] if path.endswith("site-packages")]
    assert seen["path"][0] == str(bundle)
    assert len(site_packages) == 1, "only the folder that plays the runtime"
    assert str(Path.cwd()) not in seen["path"]
    assert seen["environment"]["GREETING"] == "hello"
    assert seen["environment"]["AWS_REGION"] == REGION
    assert "SECRET_OF_THE_DEVELOPER" not in seen["environment"]
    assert "HOME" not in seen["environment"]


def test_a_function_knows_how_it_was_called_and_how_long_it_has(pool: Workers) -> None:
    invocation = Invocation(b'{"do": "look"}', LIVE)
    seen = pool.invoke(invocation).json()
    assert (seen["arn"], seen["request_id"]) == (LIVE, invocation.request_id)
    assert 15_000 < seen["left_ms"] <= 20_000
    assert seen["environment"]["_X_AMZN_TRACE_ID"] == invocation.trace


def test_a_worker_is_started_by_the_first_call_and_kept(start: Start) -> None:
    pool = start()
    assert pool.pids("tiny") == []
    pids = {call(pool, "look").json()["pid"] for _ in range(3)}
    assert pids == set(pool.pids("tiny"))


def test_a_call_costs_milliseconds_once_the_worker_is_warm(pool: Workers) -> None:
    call(pool, "echo")
    seconds = []
    for _ in range(20):
        began = time.monotonic()
        call(pool, "echo")
        seconds.append(time.monotonic() - began)
    # An answer in two segments would cost 40 ms every time, for its delayed acknowledgement.
    assert min(seconds) < 0.03


def test_an_error_of_the_function_is_described_as_lambda_does(pool: Workers) -> None:
    reply = call(pool, "fail")
    said = reply.json()
    assert (said["errorType"], said["errorMessage"]) == ("ValueError", "no such thing")
    assert reply.error_type == "Unhandled"
    assert call(pool, "echo").error_type is None, "the worker goes on"


def test_a_function_that_overruns_its_time_is_killed(start: Start) -> None:
    pool = start(timeout_seconds=1)
    before = call(pool, "look").json()["pid"]
    said = call(pool, "sleep", seconds=60).json()
    assert said["errorType"] == "Sandbox.Timedout"
    assert said["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert call(pool, "look").json()["pid"] != before


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"do": "leave", "code": 3}, "with error: exit status 3"),
        ({"do": "leave", "code": 0}, "without providing a reason"),
        ({"do": "die"}, "with error: signal: killed"),
    ],
)
def test_a_worker_that_ends_in_the_middle_is_an_error_and_is_replaced(
    pool: Workers, event: dict[str, Any], reason: str
) -> None:
    invocation = Invocation(json.dumps(event).encode(), ARN)
    said = pool.invoke(invocation).json()
    assert said == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {invocation.request_id} Error: Runtime exited {reason}",
    }
    assert call(pool, "echo").error_type is None


def test_a_worker_that_is_killed_from_outside_ends_its_call_at_once(
    pool: Workers, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    with ThreadPoolExecutor() as threads:
        pending = threads.submit(call, pool, "sleep", seconds=60, begun=str(begun))
        # Killed any earlier, it would be an idle worker that dies, and another that takes the call.
        wait_until(begun.exists, seconds=30)
        (pid,) = pool.pids("tiny")
        os.kill(pid, signal.SIGKILL)
        assert pending.result(timeout=60).error_type == "Runtime.ExitError"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import nothing_like_this", "Runtime.ImportModuleError"),
        ("x = 1", "Runtime.HandlerNotFound"),
    ],
)
def test_a_bundle_that_cannot_be_loaded_says_why(
    start: Start, bundle: Path, code: str, error: str
) -> None:
    write_bundle(bundle, code)
    reply = call(start(), "echo")
    assert (reply.failed, reply.json()["errorType"]) == (True, error)


def test_answers_up_to_six_megabytes_pass(pool: Workers) -> None:
    assert len(call(pool, "fill", bytes=6_000_000).payload) == 6_000_002
    assert call(pool, "fill", bytes=6_400_000).error_type == "Function.ResponseSizeTooLarge"


def test_a_worker_is_replaced_when_its_bundle_changes(start: Start, bundle: Path) -> None:
    pool = start()
    before = call(pool, "look").json()["pid"]
    write_bundle(bundle, "def handler(event, context):\n    return 'new'\n")
    assert call(pool, "look").json() == "new"
    assert before not in pool.pids("tiny")


def test_a_worker_never_writes_into_its_bundle(start: Start, bundle: Path) -> None:
    call(start(), "echo")
    assert [path.name for path in bundle.rglob("*")] == ["app.py"]


def test_calls_wait_their_turn_for_one_environment(pool: Workers) -> None:
    with ThreadPoolExecutor() as threads:
        pids = threads.map(lambda _: call(pool, "look").json()["pid"], range(5))
    assert len(set(pids)) == 1


def test_with_more_environments_calls_run_at_the_same_time(start: Start) -> None:
    pool = start(environments=2)
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(call, pool, "sleep", seconds=60)
        wait_until(lambda: len(pool.pids("tiny")) == 1)
        assert call(pool, "echo", n=1).json() == {"do": "echo", "n": 1}
        pool.stop()
        assert slow.result(timeout=60).failed


def test_what_a_function_prints_is_in_its_log(start: Start, tmp_path: Path) -> None:
    pool = start()
    call(pool, "fail")
    pool.stop()
    log = (tmp_path / "logs" / "tiny.log").read_text()
    assert "START RequestId" in log
    assert "asked for {'do': 'fail'}" in log
    assert "ValueError: no such thing" in log


def test_a_pool_that_was_stopped_answers_with_an_error(start: Start) -> None:
    pool = start()
    pool.stop()
    assert call(pool, "echo").error_type == "Runtime.Stopped"


def test_a_function_can_be_told_that_it_is_later_and_has_no_less_time_then(start: Start) -> None:
    pool, month = start(), timedelta(days=31)
    before = call(pool, "look").json()
    pool.set_clock_ahead(month)
    later = call(pool, "look").json()
    again = call(pool, "look").json()
    pool.set_clock_ahead(timedelta())
    back = call(pool, "look").json()

    assert abs(later["now"] - time.time() - month.total_seconds()) < 60
    assert 15_000 < later["left_ms"] < 25_000
    assert later["now"] < again["now"], "it ticks"
    assert abs(back["now"] - time.time()) < 60
    assert [p for p in later["path"] if p not in before["path"]] == [str(clock.FOLDER)]
    assert before["pid"] != later["pid"] == again["pid"] != back["pid"]
