"""The client's promises that no scripted server shows: errors, hooks, threads, names."""

import logging
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import gatehouse_sdk
from functions.domain import errors as server
from gatehouse_sdk import (
    CallerError,
    Client,
    GatehouseError,
    Hooks,
    InvalidInput,
    MalformedRequest,
    ModelUnavailable,
    UpstreamError,
    Violation,
)
from gatehouse_sdk._configuration import find_base_url, find_token
from gatehouse_sdk._errors import Circumstances, error_of
from gatehouse_sdk._tokens import Token
from tests.unit.sdk.cases import FakeClock
from tests.unit.sdk.fakes import URL, FakeGatehouse, Recorder, client_of, problem

AGENT = "ticket_summary"


def tree(kind: type[server.GatehouseError]) -> list[type[server.GatehouseError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in tree(child))]


@pytest.mark.parametrize("theirs", tree(server.GatehouseError), ids=lambda kind: kind.slug)
def test_every_problem_of_the_server_has_a_class_of_the_same_name(
    theirs: type[server.GatehouseError],
) -> None:
    error = error_of(theirs.slug, "d", Circumstances(status=theirs.status))
    assert type(error).__name__ == theirs.__name__
    assert getattr(gatehouse_sdk, theirs.__name__) is type(error)


def test_all_that_is_exported_is_there() -> None:
    for name in gatehouse_sdk.__all__:
        assert getattr(gatehouse_sdk, name), name
    assert gatehouse_sdk.__all__ == sorted(gatehouse_sdk.__all__)
    with pytest.raises(AttributeError):
        gatehouse_sdk.NoSuchName  # noqa: B018  # looking is the test


@pytest.mark.parametrize(("status", "kind"), [(418, CallerError), (599, UpstreamError)])
def test_an_error_that_is_not_known_yet_has_the_class_of_its_status(
    status: int, kind: type[GatehouseError]
) -> None:
    assert type(error_of("brand-new", "d", Circumstances(status=status))) is kind


def test_an_error_survives_a_process_boundary() -> None:
    about = Circumstances(status=422, request_id="req-1", violations=[Violation("/a", "b")])
    error = pickle.loads(pickle.dumps(error_of("invalid-input", "Mend it.", about)))  # noqa: S301  # our own bytes
    assert isinstance(error, InvalidInput)
    assert (error.status, error.request_id, error.violations) == (
        422,
        "req-1",
        (Violation("/a", "b"),),
    )
    assert str(error) == "invalid-input: Mend it. (request req-1)"


def test_no_error_holds_what_was_sent() -> None:
    gatehouse = FakeGatehouse()
    client = Client(URL, "secret-token", transport=gatehouse, clock=FakeClock())
    gatehouse.replies = [problem(422, "invalid-input", retryable=False)]
    with pytest.raises(InvalidInput) as failed:
        client.run(AGENT, {"text": "secret-text"})
    told = f"{failed.value!r} {failed.value} {vars(failed.value)}"
    assert "secret" not in told


def test_what_is_no_json_is_refused_before_it_is_sent() -> None:
    gatehouse = FakeGatehouse()
    for given in ({"n": float("inf")}, {"n": object()}, {"half": "\ud800"}):
        with pytest.raises(MalformedRequest):
            client_of(gatehouse).run(AGENT, given)
    assert not gatehouse.requests


@pytest.mark.parametrize(
    "url", ["", "gatehouse.test", "ftp://a.test", "https://", "https://me:pw@a.test", "https://a?b"]
)
def test_a_base_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(MalformedRequest):
        Client(url, "token")


def test_an_argument_goes_before_the_environment() -> None:
    env = {"GATEHOUSE_BASE_URL": "https://env.test/", "GATEHOUSE_TOKEN": "env"}
    assert find_base_url(None, env) == "https://env.test"
    assert find_base_url("https://given.test", env) == "https://given.test"
    assert find_token(None, env) == "env"
    with pytest.raises(MalformedRequest, match="GATEHOUSE_TOKEN"):
        find_token(None, {})


def test_the_hooks_are_told_ids_and_durations_in_order() -> None:
    gatehouse, telling = FakeGatehouse(), Recorder()
    gatehouse.replies = [problem(503, "model-unavailable", retryable=True)]
    client_of(gatehouse, hooks=telling.hooks).run(AGENT, {"text": "secret"})
    assert telling.kinds == [
        "RequestSent",
        "ResponseReceived",
        "RetryPlanned",
        "RequestSent",
        "ResponseReceived",
    ]
    assert telling.events[2].pause_seconds == 0.5
    assert [e.attempt.number for e in telling.events] == [1, 1, 1, 2, 2]
    assert len({event.attempt.traceparent for event in telling.events}) == 1
    assert "secret" not in repr(telling.events)


def test_a_failure_is_told_once_with_its_whole_duration() -> None:
    gatehouse, telling = FakeGatehouse(), Recorder()
    gatehouse.replies = [problem(503, "model-unavailable", retryable=True)] * 99
    with pytest.raises(ModelUnavailable):
        client_of(gatehouse, hooks=telling.hooks).run(AGENT, {}, deadline_seconds=2)
    (failure,) = [event for event in telling.events if type(event).__name__ == "CallFailed"]
    assert (failure.slug, failure.attempt.number, failure.seconds) == ("model-unavailable", 3, 1.5)


def test_a_hook_that_breaks_does_not_break_the_call(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: object) -> None:
        raise RuntimeError

    with caplog.at_level(logging.WARNING, "gatehouse_sdk"):
        client_of(FakeGatehouse(), hooks=Hooks(on_request=broken)).run(AGENT, {})
    assert "a telemetry hook failed" in caplog.text


@pytest.mark.parametrize("told", [None, "", "no-trace", "00-" + "a" * 32 + "-x\r\nX-Evil: 1-01"])
def test_a_host_that_tells_no_trace_gets_one(told: str | None) -> None:
    gatehouse = FakeGatehouse()
    client_of(gatehouse, hooks=Hooks(traceparent=lambda: told)).run(AGENT, {})
    assert gatehouse.requests[0].headers["traceparent"].startswith("00-")


def test_a_host_that_cannot_tell_its_trace_runs_all_the_same() -> None:
    def broken() -> str:
        raise RuntimeError

    outcome = client_of(FakeGatehouse(), hooks=Hooks(traceparent=broken)).run(AGENT, {"n": 1})
    assert outcome.agent == AGENT


def test_a_token_that_no_header_can_carry_is_not_shown() -> None:
    client = Client(URL, "secret-token\n\0", transport=FakeGatehouse(), clock=FakeClock())
    with pytest.raises(MalformedRequest) as failed:
        client.run(AGENT, {})
    assert "secret" not in str(failed.value)


def test_a_run_becomes_part_of_the_hosts_trace() -> None:
    gatehouse, host = FakeGatehouse(), "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    client_of(gatehouse, hooks=Hooks(traceparent=lambda: host)).run(AGENT, {})
    assert gatehouse.requests[0].headers["traceparent"] == host


def test_threads_that_meet_an_old_token_refresh_it_once() -> None:
    asked: list[int] = []
    together = threading.Barrier(8)

    def ask() -> str:
        asked.append(1)
        return f"token-{len(asked)}"

    token = Token(ask)
    old = token.get(None)
    found: list[str] = []

    def refused() -> None:
        together.wait()
        found.append(token.get(old))

    threads = [threading.Thread(target=refused) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["token-2"] * 8


def test_importing_the_package_loads_no_event_loop_and_no_database() -> None:
    source = Path(gatehouse_sdk.__file__).parents[1]
    code = (
        "import sys, gatehouse_sdk; gatehouse_sdk.Client('https://a.test', 't');"
        "print(sorted({'asyncio', 'sqlite3', 'httpx', 'opentelemetry'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
