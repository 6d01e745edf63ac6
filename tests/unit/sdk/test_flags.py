"""Flags are asked for rarely, survive short outages, and close when nothing recent is known."""

import json
import threading
from typing import Any

import pytest

from gatehouse_sdk import Client, ConnectionFailed, Reply, Request
from gatehouse_sdk._errors import unreachable
from gatehouse_sdk.flags import Flags, FlagsLimits
from tests.unit.sdk.cases import FakeClock
from tests.unit.sdk.fakes import URL, Recorder

USER = {"targetingKey": "user-7"}
AGENT = "agent.ticket_summary"


class FlagServer:
    """Speaks OFREP, with an ETag that changes with the values."""

    def __init__(self, **values: Any) -> None:
        self.values: dict[str, Any] = {AGENT: True, **values}
        self.online = True
        self.statuses: list[int] = []
        self.contexts: list[dict[str, Any]] = []

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        if not self.online:
            raise unreachable(ConnectionFailed, "offline")
        self.contexts.append(json.loads(request.body or b"{}")["context"])
        etag = f'"{json.dumps(self.values)}"'
        if request.headers.get("If-None-Match") == etag:
            self.statuses.append(304)
            return Reply(304, {}, b"")
        self.statuses.append(200)
        found = [{"key": k, "value": v, "reason": "STATIC"} for k, v in self.values.items()]
        return Reply(200, {"etag": etag}, json.dumps({"flags": found}).encode())

    def close(self) -> None:
        """Nothing is open."""


class Setting:
    """Flags with a server and a clock."""

    def __init__(self, **closed: Any) -> None:
        self.server = FlagServer()
        self.clock = FakeClock()
        self.telling = Recorder()
        client = Client(
            URL, "token", transport=self.server, clock=self.clock, hooks=self.telling.hooks
        )
        self.flags = Flags(client, closed=closed)


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_one_answer_serves_twenty_seconds_and_all_flags(setting: Setting) -> None:
    setting.server.values["limit"] = 7
    for _ in range(20):
        assert setting.flags.is_on(AGENT, USER)
        assert setting.flags.value("limit", 1, USER) == 7
        setting.clock.now += 0.9
    assert setting.server.statuses == [200]
    assert setting.server.contexts == [USER]


def test_what_has_not_changed_is_not_sent_again_and_is_no_error(setting: Setting) -> None:
    setting.flags.is_on(AGENT)
    setting.clock.now += 21
    assert setting.flags.is_on(AGENT)
    assert setting.server.statuses == [200, 304]
    assert "CallFailed" not in setting.telling.kinds


def test_a_kill_switch_works_within_a_minute(setting: Setting) -> None:
    assert setting.flags.is_on(AGENT)
    setting.server.values[AGENT] = False
    setting.clock.now += 60
    assert not setting.flags.is_on(AGENT)


def test_a_short_outage_is_not_felt_and_a_long_one_closes_every_flag(setting: Setting) -> None:
    assert setting.flags.is_on(AGENT)
    setting.server.online = False
    setting.clock.now += 59
    assert setting.flags.is_on(AGENT)
    setting.clock.now += 2
    assert not setting.flags.is_on(AGENT)
    assert setting.flags.details(AGENT, default=True).reason == "STALE"
    setting.server.online = True
    setting.clock.now += 6
    assert setting.flags.is_on(AGENT)


def test_a_flag_may_be_closed_in_its_own_way() -> None:
    setting = Setting(banner="maintenance", **{"agent.kyc_screening": True})
    setting.server.online = False
    assert setting.flags.is_on("agent.kyc_screening")
    assert setting.flags.value("banner", "none") == "maintenance"
    assert setting.flags.value("other", "none") == "none"
    assert setting.flags.value("other", default=True) is False


def test_an_outage_is_not_hammered(setting: Setting) -> None:
    setting.server.online = False
    for _ in range(10):
        setting.flags.is_on(AGENT)
        setting.clock.now += 0.9
    assert setting.telling.kinds.count("RequestSent") == 2


def test_each_user_has_flags_of_their_own(setting: Setting) -> None:
    setting.flags.is_on(AGENT, USER)
    setting.flags.is_on(AGENT, {"targetingKey": "user-8"})
    assert setting.server.contexts == [USER, {"targetingKey": "user-8"}]


@pytest.mark.parametrize(
    ("key", "default", "code"),
    [
        ("nobody", False, "FLAG_NOT_FOUND"),
        (AGENT, "text", "TYPE_MISMATCH"),
        (AGENT, 1, "TYPE_MISMATCH"),
    ],
)
def test_what_does_not_fit_is_the_default_and_says_why(
    setting: Setting, key: str, default: object, code: str
) -> None:
    found = setting.flags.details(key, default)
    assert (found.value, found.reason, found.error_code) == (default, "ERROR", code)


def test_a_flag_that_the_server_could_not_evaluate_is_the_default(setting: Setting) -> None:
    class Failing(FlagServer):
        def send(self, request: Request, timeout_seconds: float) -> Reply:
            failed = {"key": AGENT, "errorCode": "TARGETING_KEY_MISSING"}
            return Reply(200, {}, json.dumps({"flags": [failed]}).encode())

    flags = Flags(Client(URL, "token", transport=Failing(), clock=FakeClock()))
    assert flags.details(AGENT, default=False).error_code == "TARGETING_KEY_MISSING"


def test_refreshing_asks_at_once_and_says_whether_there_was_an_answer(setting: Setting) -> None:
    assert setting.flags.refresh()
    assert setting.flags.refresh()
    setting.server.online = False
    assert not setting.flags.refresh()
    assert setting.server.statuses == [200, 304]


def test_threads_that_come_first_together_ask_once_and_all_wait_for_the_answer() -> None:
    server = FlagServer()
    flags = Flags(Client(URL, "token", transport=server), limits=FlagsLimits(timeout_seconds=30))
    together = threading.Barrier(8)
    found: list[bool] = []

    def look() -> None:
        together.wait()
        found.append(flags.is_on(AGENT, USER))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8
    assert server.statuses == [200]
