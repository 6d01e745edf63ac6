"""``gatehouse reconcile``: what it asks for, what it shows and how it ends."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from rich.console import Console
from typer.testing import CliRunner

from cli import reconcile
from cli.calls import CannotCall
from cli.main import app
from cli.reconcile import CannotReconcile, Reach

NAME = "gatehouse-eu-central-1-upkeep-ReconcilerFunction1A2B"
LEDGER = {"tokens": {"input": 900, "output": 70}, "calls": 1, "cost_micro_usd": 1250}
DRIFT = {
    "source": "logs",
    "subject": "eu.test.model",
    "first": "2026-11-01",
    "end": "2026-11-22",
    "result": "drifts",
    "reason": None,
    "ledger": LEDGER,
    "provider": {**LEDGER, "calls": 2, "cost_micro_usd": 2500},
    "drift_micro_usd": 1250,
    "drift_percent": "50.00",
    "lost": ["run_lost"],
    "doubled": [],
    "lost_runs": 7,
    "doubled_runs": 0,
}
UNKNOWN = {
    **DRIFT,
    "result": "unknown",
    "reason": "CloudWatch cannot be read (AccessDenied)",
    "provider": None,
    "drift_micro_usd": None,
    "drift_percent": None,
    "lost": [],
}


class FakeLambda:
    """A region with some functions."""

    def __init__(self, answer: Any, *, error: str | None = None, names: tuple[str, ...] = (NAME,)):
        self.answer, self.error = answer, error
        self.functions = [
            {"FunctionName": "somebody-else", "Handler": reconcile.HANDLER},
            {"FunctionName": "gatehouse-http", "Handler": "functions.entrypoints.http.handler"},
            *({"FunctionName": name, "Handler": reconcile.HANDLER} for name in names),
        ]
        self.asked: dict[str, Any] = {}

    def get_paginator(self, _: str) -> "FakeLambda":
        return self

    def paginate(self) -> Any:
        yield {"Functions": self.functions}

    def invoke(self, **asked: Any) -> Any:
        self.asked = asked
        if isinstance(self.answer, Exception):
            raise self.answer
        found = {"Payload": io.BytesIO(json.dumps(self.answer).encode())}
        return found | ({"FunctionError": self.error} if self.error else {})


def run(monkeypatch: pytest.MonkeyPatch, client: FakeLambda, *options: str) -> Any:
    monkeypatch.setattr(
        Reach, "of", lambda region, here: Reach(client, region or "here", region is None)
    )
    monkeypatch.setattr(reconcile, "out", Console(width=200))
    return CliRunner().invoke(app, ["reconcile", "--month", "2026-11", *options])


@pytest.mark.parametrize(("result", "code"), [("agrees", 0), ("drifts", 1), ("unknown", 2)])
def test_the_exit_code_says_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch, result: str, code: int
) -> None:
    client = FakeLambda({"result": result, "findings": []})

    assert run(monkeypatch, client, "--region", "eu-west-1", "--exact").exit_code == code
    assert (client.asked["FunctionName"], client.asked["Qualifier"]) == (NAME, "live")
    assert json.loads(client.asked["Payload"]) == {
        "month": "2026-11",
        "exact": True,
        "today": False,
    }


def test_the_local_stack_is_looked_at_until_now(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeLambda({"result": "agrees", "findings": []})
    run(monkeypatch, client)
    assert json.loads(client.asked["Payload"])["today"] is True


def test_the_table_shows_both_sides_and_what_is_to_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(monkeypatch, FakeLambda({"result": "drifts", "findings": [DRIFT, UNKNOWN]})).output

    assert "$0.001250" in shown
    assert "(50.00 %)" in shown
    assert "1 / 2" in shown
    assert "the ledger lacks run_lost and 6 more" in shown
    assert "CloudWatch cannot be read (AccessDenied)" in shown


def test_programs_get_what_the_function_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"result": "drifts", "findings": [DRIFT]}
    assert json.loads(run(monkeypatch, FakeLambda(answer), "--json").output) == answer


def test_a_problem_is_shown_and_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run(monkeypatch, FakeLambda({"problem": "no day of 2026-11 is over yet"}))

    assert (ended.exit_code, "no day of 2026-11" in ended.output) == (2, True)


@pytest.mark.parametrize(
    ("client", "told"),
    [
        (FakeLambda({"errorType": "StoreUnavailable"}, error="Unhandled"), "StoreUnavailable"),
        (FakeLambda({}, names=()), "has no reconciler"),
        (
            FakeLambda(ClientError({"Error": {"Code": "AccessDeniedException"}}, "Invoke")),
            "refused it: AccessDeniedException",
        ),
        (FakeLambda(NoCredentialsError()), "sign in"),
    ],
)
def test_what_went_wrong_is_told_and_is_no_drift(
    monkeypatch: pytest.MonkeyPatch, client: FakeLambda, told: str
) -> None:
    with pytest.raises(CannotReconcile, match=told):
        Reach(client, "eu-west-1").ask({"month": "2026-11"})
    assert run(monkeypatch, client).exit_code == 2


def test_without_a_region_and_without_a_stack_there_is_nothing_to_reach() -> None:
    with pytest.raises(CannotCall, match="no local stack is running"):
        Reach.of(None, None)


def test_without_a_stack_it_is_unknown_whether_the_two_drift(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconcile, "running", lambda: None)
    result = CliRunner().invoke(app, ["reconcile"])
    assert result.exit_code == 2
    assert "no local stack is running" in result.stderr
