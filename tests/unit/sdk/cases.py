"""The conformance cases: a scripted server, a fake clock, and how a case is compared."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gatehouse_sdk import Clock, ConnectionFailed, GatehouseError, Reply, Request, TimedOut
from gatehouse_sdk._errors import unreachable

SUITE = Path(__file__).parents[3] / "sdk" / "conformance"
MEMBERS = {"name", "why", "client", "do", "server", "outcome", "sleeps"}
BEGAN = 1_793_611_800.0
"""2026-11-02T09:30:00Z, when every case begins."""
ERROR_MEMBERS = ("slug", "status", "retry_after", "retryable", "request_id", "violations")
Case = dict[str, Any]


def load(path: Path) -> Case:
    case: Case = json.loads(path.read_text(encoding="utf-8"))
    assert set(case) <= MEMBERS, f"{path.name} has members that are not known"
    return case


class FakeClock(Clock):
    """Moves only when somebody sleeps or the server takes its time."""

    def __init__(self, began: float = BEGAN) -> None:
        self.now = began
        self.slept: list[float] = []

    def wall(self) -> float:
        return self.now

    def elapsed(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def jitter(self) -> float:
        return 1.0


class ScriptedServer:
    """A transport that expects the case's requests and gives its replies."""

    def __init__(self, script: Sequence[Case], clock: FakeClock) -> None:
        self.script = script
        self.clock = clock
        self.requests: list[Request] = []

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        assert len(self.requests) < len(self.script), f"one request too many: {request.url}"
        step = self.script[len(self.requests)]
        assert set(step) == {"expect", "reply"}
        self.requests.append(request)
        self._check(request, step["expect"])
        return self._reply(step["reply"], timeout_seconds)

    def close(self) -> None:
        """Nothing is open."""

    def _check(self, request: Request, expected: Case) -> None:
        assert set(expected) <= {"method", "path", "base_url", "headers", "body"}
        url = urlsplit(request.url)
        assert request.method == expected["method"]
        assert request.url == f"{url.scheme}://{url.netloc}{expected['path']}"
        if "base_url" in expected:
            assert f"{url.scheme}://{url.netloc}" == expected["base_url"]
        for name, wanted in expected.get("headers", {}).items():
            self._check_header(name, request.headers.get(name), wanted)
        if "body" in expected:
            self._check_body(request, expected["body"])

    def _check_header(self, name: str, found: str | None, wanted: Any) -> None:
        match wanted:
            case {"same_as": int(at)}:
                assert found == self.requests[at].headers[name], name
            case {"differs_from": int(at)}:
                assert found != self.requests[at].headers[name], name
            case _:
                assert fits(found, wanted), f"{name}: {found}"

    def _check_body(self, request: Request, wanted: Any) -> None:
        if isinstance(wanted, dict) and set(wanted) == {"same_as"}:
            assert request.body == self.requests[wanted["same_as"]].body
        else:
            assert request.body is not None
            assert fits(json.loads(request.body), wanted), request.body

    def _reply(self, reply: Case, timeout_seconds: float) -> Reply:
        assert set(reply) <= {"status", "headers", "body", "fail", "after_seconds"}
        after = reply.get("after_seconds", 0)
        assert after <= timeout_seconds, "the client allows more time than its deadline"
        self.clock.now += after
        if kind := reply.get("fail"):
            raise unreachable({"network": ConnectionFailed, "timeout": TimedOut}[kind], "scripted")
        body = reply["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {name.lower(): value for name, value in reply["headers"].items()}
        return Reply(reply["status"], headers, text.encode())


def fits(found: Any, wanted: Any) -> bool:
    """Whether a value has all that is wanted of it."""
    match wanted:
        case {"matches": str(pattern), **rest} if not rest:
            return isinstance(found, str) and re.search(pattern, found) is not None
        case dict():
            return isinstance(found, Mapping) and all(
                fits(found.get(name), value) for name, value in wanted.items()
            )
        case list():
            return (
                isinstance(found, Sequence)
                and len(found) == len(wanted)
                and all(fits(one, other) for one, other in zip(found, wanted, strict=True))
            )
    return bool(found == wanted)


def shown(value: Any) -> Any:
    """What a call gave, as plain JSON values."""
    match value:
        case GatehouseError():
            told = {name: getattr(value, name) for name in ERROR_MEMBERS}
            return told | {"violations": [asdict(violation) for violation in value.violations]}
        case list() | tuple():
            return [shown(item) for item in value]
        case dict():
            return {name: shown(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: shown(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def tokens(case: Case) -> str | Callable[[], str]:
    """The case's token, or the callback that gives its tokens one after the other."""
    options = case.get("client", {})
    given = iter(options.get("tokens", ["token-1"]))
    fixed: str | None = options.get("token")
    return fixed or (lambda: next(given))
