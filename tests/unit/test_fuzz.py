"""The fuzzing's own rules: what it asks of Schemathesis, and what it holds against an answer."""

import base64
import json
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.core.parameters import ParameterLocation

from benchmarks.fuzz import checks
from benchmarks.fuzz.callers import CHECKS, OWN_CHECKS, Caller
from benchmarks.fuzz.ran import Ran, read
from benchmarks.fuzz.report import Report

CONTEXT: Any = None
OWNER = Caller("owner", {"platform": "t-1", "retail": "t-2"}, ("problems_are_whole",))
NOBODY = Caller("no token", {}, ("nobody_gets_in",), ("401",))


def settings(caller: Caller, folder: Path) -> dict[str, Any]:
    path = caller.configuration(folder, url="http://127.0.0.1:1/live", examples=3, seed=7)
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_owners_runs_are_asked_for_by_the_stranger_too(tmp_path: Path) -> None:
    found = settings(OWNER, tmp_path)
    assert (found["seed"], found["generation"]["max-examples"]) == (7, 3)
    auth = found["auth"]["wfc"]
    assert (auth["user"], auth["peers"]) == ("platform", ["platform", "retail"])
    tokens = Path(auth["path"])
    assert tokens.stat().st_mode & 0o077 == 0, "nobody else reads the tokens"
    sent = [each["fixedHeaders"][0]["value"] for each in json.loads(tokens.read_text())["auth"]]
    assert sent == ["Bearer t-1", "Bearer t-2"]


def test_nobody_sends_no_token(tmp_path: Path) -> None:
    found = settings(NOBODY, tmp_path)
    assert "auth" not in found
    assert found["checks"]["positive_data_acceptance"]["expected-statuses"] == ["401"]


def test_every_check_of_our_own_is_on_or_off(tmp_path: Path) -> None:
    found = settings(NOBODY, tmp_path)["checks"]
    assert {name: found[name]["enabled"] for name in OWN_CHECKS} == {
        name: name == "nobody_gets_in" for name in OWN_CHECKS
    }
    assert all(callable(getattr(checks, name)) for name in OWN_CHECKS)
    assert CHECKS.samefile(str(checks.__file__))


def case(operation: str, *, fits: bool = True, **headers: str) -> Any:
    body = {ParameterLocation.BODY: SimpleNamespace(mode=mode(positive=fits))}
    meta = SimpleNamespace(generation=SimpleNamespace(mode=mode(positive=fits)), components=body)
    definition = SimpleNamespace(raw={"operationId": operation})
    operation_ = SimpleNamespace(definition=definition)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(meta=meta, operation=operation_, headers=sent)


def mode(*, positive: bool) -> Any:
    return SimpleNamespace(is_positive=positive, is_negative=not positive)


def answer(status: int, body: object) -> Any:
    return SimpleNamespace(status_code=status, content=json.dumps(body).encode())


def refusal(status: int, slug: str) -> Any:
    type_ = f"urn:gatehouse:problem:{slug}"
    return answer(status, {"type": type_, "status": status, "request_id": "r-1"})


ONE_REFUSED = answer(200, {"items": [{"status": 422}]})
ONE_DONE = answer(200, {"items": [{"status": 200}]})
GOOD = [
    ("refused_for_a_good_reason", case("run_echo"), refusal(422, "personal-data-found")),
    ("refused_for_a_good_reason", case("run_echo", fits=False), refusal(422, "invalid-input")),
    ("refused_for_a_good_reason", case("run_echo", X_Callback_Url="u"), refusal(400, "x")),
    ("wrong_items_are_told", case("batch_echo", fits=False), ONE_REFUSED),
    ("problems_are_whole", case("run_echo"), refusal(404, "unknown-agent")),
    ("nobody_gets_in", case("run_echo"), refusal(401, "unauthenticated")),
    ("nothing_without_a_role", case("run_echo"), refusal(403, "access-denied")),
    (
        "nothing_without_a_role",
        case("run_echo", X_Callback_Url="u"),
        refusal(422, "callback-not-allowed"),
    ),
    ("nothing_without_a_role", case("batch_echo"), answer(200, {"items": [{"status": 403}]})),
    ("nothing_without_a_role", case("list_agents"), answer(200, {"agents": []})),
]
BAD = [
    ("refused_for_a_good_reason", case("run_echo"), refusal(422, "invalid-input")),
    (
        "refused_for_a_good_reason",
        case("run_echo", X_Callback_Url="u", Prefer="respond-async"),
        refusal(400, "malformed-request"),
    ),
    ("wrong_items_are_told", case("batch_echo", fits=False), ONE_DONE),
    ("problems_are_whole", case("run_echo"), answer(404, {"message": "Not Found"})),
    ("problems_are_whole", case("run_echo"), answer(404, "no object")),
    ("nobody_gets_in", case("run_echo"), answer(200, {})),
    ("nothing_without_a_role", case("run_echo"), answer(200, {})),
    ("nothing_without_a_role", case("batch_echo"), answer(200, {"items": [{"status": 200}]})),
    ("nothing_without_a_role", case("run_echo"), refusal(404, "unknown-agent")),
]


@pytest.mark.parametrize(("check", "sent", "got"), GOOD)
def test_a_good_answer_passes(check: str, sent: Any, got: Any) -> None:
    getattr(checks, check)(CONTEXT, got, sent)


@pytest.mark.parametrize(("check", "sent", "got"), BAD)
def test_a_bad_answer_does_not(check: str, sent: Any, got: Any) -> None:
    with pytest.raises(AssertionError):
        getattr(checks, check)(CONTEXT, got, sent)


def reports(folder: Path, **changes: Any) -> Path:
    """Reports as Schemathesis writes them, of one run that is done later."""
    body = base64.b64encode(json.dumps({"id": "run_1"}).encode()).decode()
    recorder = {
        "cases": {"a": {"value": {"method": "POST", "path": "/v1/agents/echo/run"}}},
        "interactions": {"a": {"response": {"status_code": 202, "content": {"$base64": body}}}},
    }
    lines = [{"Initialize": {"seed": 1}}, {"ScenarioFinished": {"recorder": recorder}}]
    text = "\n".join(json.dumps(line) for line in lines)
    (folder / "events.ndjson").write_text(text, encoding="utf-8")
    summary = {"running_time": 2.5, "failures": [], "errors": [], "complete": True, **changes}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


def test_answers_are_counted_and_accepted_runs_remembered(tmp_path: Path) -> None:
    ran = read("owner", reports(tmp_path))
    assert ran.answers == {("POST /v1/agents/echo/run", 202): 1}
    assert (ran.cases, ran.later, list(ran.failures)) == (1, frozenset({"run_1"}), [])


@pytest.mark.parametrize(
    "changes",
    [
        {"failures": [{"title": "Server error", "operations": ["GET /v1/usage"]}]},
        {"errors": [{"title": "Runtime Error", "count": 1}]},
        {"complete": False, "stop_reason": "interrupted"},
    ],
)
def test_what_went_wrong_is_told(changes: dict[str, Any], tmp_path: Path) -> None:
    ran = read("owner", reports(tmp_path, **changes))
    report = Report(1, 3.0, [ran], [], 0)
    assert len(report.wrong) == 1


def test_a_leak_is_wrong_though_every_answer_was_right() -> None:
    ran = Ran("owner", 1.0, Counter({("GET /v1/agents", 200): 2}), ())
    report = Report(1, 3.0, [ran], ["run_1: …"], 1)
    assert (report.cases, len(report.wrong)) == (2, 1)
    assert json.loads(report.as_json())["wrong"] == report.wrong
