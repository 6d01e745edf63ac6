"""A local stack of its own that tests may break: its store, its models, its clock and its bundles.

It runs a copy of the cloud assembly, so that a bundle can be damaged and mended, and no other stack
notices. Whatever a test breaks is whole again when its ``with`` block ends.
"""

import json
import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from local.invocation import Invocation
from local.stack import LocalStack
from tests.e2e.bus import Bus
from tests.e2e.conftest import (
    REDELIVERY_SECONDS,
    REGION,
    eventually,
    let_the_digest_hear_one_team,
)
from tests.e2e.provider import Provider

DETECTOR = "functions/domain/personal_data/model/names.crfsuite"
FRUGAL = "retail"
"""A team of the drill whose budget is used up after a run."""
FRUGAL_USD = "0.03"
STRICT, BROKEN = "strict_review", "broken_review"
"""Agents of the drill: one refuses personal data, the other's code breaks."""
ERROR = "RuntimeError(request.model_dump_json())"


@dataclass
class Drill:
    """The stack, and everything that can go wrong with it."""

    stack: LocalStack
    assembly: Path
    http: httpx.Client
    bus: Bus
    provider: Provider
    unsettled: int = 0
    """What was billed so far for runs whose end could not be written down."""
    _ahead: timedelta = timedelta()
    _tokens: dict[str, str] = field(default_factory=dict)

    def run(
        self, agent: str, given: Any, *, team: str = "platform", **headers: str
    ) -> httpx.Response:
        """A run over HTTP."""
        return self.send(f"/v1/agents/{agent}/run", {"input": given}, team=team, **headers)

    def send(
        self, path: str, body: Any, *, team: str = "platform", **headers: str
    ) -> httpx.Response:
        """Any body to any route."""
        return self.http.post(path, json=body, headers={**self.token(team), **headers})

    def publish(self, message: str | dict[str, Any], type_: str, agent: str) -> None:
        """Anything on the topic; returns when the agent's queue function has tried it once."""
        before = self.ended(agent)
        text = message if isinstance(message, str) else json.dumps(message)
        self.stack.aws.client("sns").publish(
            TopicArn=self.stack.running.events_topic,
            Message=text,
            MessageAttributes={"type": {"DataType": "String", "StringValue": type_}},
        )
        eventually(lambda: self.ended(agent) > before)

    def token(self, team: str, **claims: Any) -> dict[str, str]:
        """The header of a caller; minted once for each time, so that the gateway knows it."""
        who = f"{team} {claims} {self._ahead}"
        if who not in self._tokens:
            then = time.time() + self._ahead.total_seconds()
            token = self.stack.identity.mint(team, now=lambda: then, **claims)
            self._tokens[who] = f"Bearer {token}"
        return {"Authorization": self._tokens[who]}

    @contextmanager
    def store(self, kind: str, *operations: str, times: int | None = None) -> Iterator[None]:
        """DynamoDB fails like this."""
        self._fault({"kind": kind, "operations": operations, "times": times})
        try:
            yield
        finally:
            self._fault({})

    @contextmanager
    def models(self, *rules: dict[str, Any]) -> Iterator[None]:
        """The models do as these rules say; afterwards they answer, and no circuit is open."""
        self.provider.play(*rules)
        try:
            yield
        finally:
            self.provider.play()
            self._forget_circuits()

    @contextmanager
    def later(self, ahead: timedelta) -> Iterator[None]:
        """All functions believe it to be so much later."""
        self._set_clock_ahead(ahead)
        try:
            yield
        finally:
            self._set_clock_ahead(timedelta())

    def _set_clock_ahead(self, ahead: timedelta) -> None:
        self.stack.workers.set_clock_ahead(ahead)
        self._ahead = ahead

    @contextmanager
    def damaged(self, path: str, content: bytes | None) -> Iterator[None]:
        """A file of every bundle holds something else, or is gone."""
        files = [file for file in self.assembly.glob(f"asset.*/{path}") if file.is_file()]
        assert files, f"no bundle has {path}"
        whole = {file: file.read_bytes() for file in files}
        for file in files:
            file.unlink() if content is None else file.write_bytes(content)
        try:
            yield
        finally:
            for file, before in whole.items():
                file.write_bytes(before)

    def sweep(self) -> None:
        """Have the sweeper look, so late that whatever is still promised belongs to nobody."""
        (sweeper,) = (name for name in self.stack.running.functions if "Sweeper" in name)
        arn = f"arn:aws:lambda:{self.stack.region}:111122223333:function:{sweeper}"
        with self.later(timedelta(minutes=5)):
            reply = self.stack.workers.invoke(Invocation(b"{}", arn))
        assert not reply.failed, reply.payload

    def kill(self, function: str) -> None:
        """Kill the worker processes of the function whose name holds this."""
        (name,) = (each for each in self.stack.running.functions if function in each)
        for pid in self.stack.workers.pids(name):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not self.stack.workers.pids(name))

    def ended(self, agent: str) -> int:
        """How many calls of an agent's queue function are over, however they ended."""
        return self.logged(agent).count("END RequestId")

    def logged(self, agent: str = "") -> str:
        """What the functions have printed: one agent's queue function, or all of them."""
        name = f"agent-{agent.replace('_', '-')}-" if agent else ""
        logs = self.stack.running.logs.glob("*.log")
        return "".join(log.read_text("utf-8") for log in logs if name in log.name)

    def items(self, table: str = "") -> list[dict[str, Any]]:
        """Everything in a table, or in all of them."""
        dynamodb = self.stack.aws.client("dynamodb")
        names = [
            name for name in self.stack.running.tables if f"state-{table}" in name or not table
        ]
        pages = (dynamodb.get_paginator("scan").paginate(TableName=name) for name in names)
        return [item for found in pages for page in found for item in page["Items"]]

    def assert_books_are_exact(self, team: str, *, unsettled: int = 0) -> None:
        """What was spent is the ledger's sum and the provider's bill, and nothing is promised.

        ``unsettled`` is what was billed for runs whose end could not be written down.
        """
        lines = Counter[str]()
        for line in self.items("Ledger"):
            lines[line["pk"]["S"]] += int(line["cost_micro_usd"]["N"])
        budgets = [item for item in self.items("Budgets") if item["pk"]["S"].startswith(f"{team}#")]
        for budget in budgets:
            numbers = {name: int(value["N"]) for name, value in budget.items() if "N" in value}
            promised = {name: n for name, n in numbers.items() if name.startswith("open_") and n}
            assert promised == {}, budget
            assert numbers["spent"] == lines[budget["pk"]["S"]], budget
            assert numbers["available"] + numbers["spent"] == numbers["limit"], budget
        spent = sum(int(budget["spent"]["N"]) for budget in budgets)
        assert spent + unsettled == self.provider.bill(team)

    def _fault(self, fault: dict[str, Any]) -> None:
        self.http.put(f"{self.stack.running.aws_url}/_faults", json=fault).raise_for_status()

    def _forget_circuits(self) -> None:
        """In the table, and in the memory of every worker."""
        dynamodb = self.stack.aws.client("dynamodb")
        (table,) = (name for name in self.stack.running.tables if "state-Circuits" in name)
        circuits = self.items("Circuits")
        for circuit in circuits:
            dynamodb.delete_item(TableName=table, Key={"id": circuit["id"]})
        for function in self.stack.running.functions if circuits else ():
            self.kill(function)


def until_month_end(lead: timedelta, months: int = 0) -> timedelta:
    """How far the clock must be moved to stand so long before this or a later month's end."""
    now = datetime.now(UTC)
    following = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(months + 1):
        following = (following + timedelta(days=32)).replace(day=1)
    return following - lead - now


@contextmanager
def begin(templates: Path, folder: Path) -> Iterator[Drill]:
    """Start the stack, from a copy of these templates."""
    script = folder / "script.json"
    script.write_text('{"default": {"reply": "from_schema"}}')
    copy = shutil.copytree(templates, folder / "assembly")
    _give_a_team_next_to_no_money(copy)
    _add_agents_that_go_wrong(copy)
    with ExitStack() as undo:
        stack = undo.enter_context(
            LocalStack(
                region=REGION,
                model=f"scripted:{script}",
                state_dir=folder / "state",
                assembly=copy,
                redelivery_seconds=REDELIVERY_SECONDS,
            )
        )
        let_the_digest_hear_one_team(stack)
        http = undo.enter_context(httpx.Client(base_url=stack.running.gateway_url, timeout=40))
        bus = Bus(stack.running, "review.sentiment", "ticket.summarised")
        yield Drill(stack, copy, http, bus, Provider(http, stack.running.model_url))


def _give_a_team_next_to_no_money(assembly: Path) -> None:
    for teams in assembly.glob("asset.*/infra/teams.toml"):
        section = re.compile(rf"(\[teams\.{FRUGAL}\][^\[]*?monthly_usd = )[\d.]+")
        changed, count = section.subn(rf"\g<1>{FRUGAL_USD}", teams.read_text("utf-8"))
        assert count == 1, f"{teams} has no budget of {FRUGAL}"
        teams.write_text(changed, "utf-8")


def _add_agents_that_go_wrong(assembly: Path) -> None:
    """Two more agents for the http function: an agent is a folder in its bundle."""
    (http,) = assembly.glob("asset.*/functions/entrypoints/http.py")
    agents = http.parents[1] / "agents"
    for name in (STRICT, BROKEN):
        shutil.copytree(agents / "review_sentiment", agents / name)
    with (agents / STRICT / "agent.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('\n[personal_data]\ndefault = "refuse"\n')
    code = agents / BROKEN / "agent.py"
    code.write_text(breaking(code.read_text("utf-8")), "utf-8")


def breaking(code: str) -> str:
    """An agent's code with an error that quotes what the agent was asked."""
    broken, count = re.subn(
        r"^(def answer\(request: .*:\n)", rf"\1    raise {ERROR}\n", code, flags=re.MULTILINE
    )
    assert count == 1
    return broken
