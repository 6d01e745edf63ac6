"""Mixed runs over HTTP, by event and asynchronously, and then the books against the provider's.

    python -m benchmarks.mixed --runs 2000

Runs are answered at once or from the cache, after a throttle, by another model, after a repair, or
not at all. The model's endpoint keeps its own record of every call. In the end the ledger must be
that record times the price list, to the micro-dollar; the reconciler must agree without tolerance;
and it must find a line that is taken away and one that is written twice.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.mixed.plan import Job, plan, rules
from benchmarks.soak.__main__ import ZONE, _teams, _templates
from benchmarks.soak.plan import AGENT, TYPE
from benchmarks.soak.script import Rule
from benchmarks.soak.stores import Stores
from cli.events import event
from cli.reconcile import Reach
from functions.domain.names import JsonObject
from functions.domain.pricing import Usage, price_list
from infra.blueprint import ROOT
from local.stack import LocalStack

FOLDER = ROOT / "build" / "mixed"
CALLERS = 8
STILL_SECONDS, LONGEST_SECONDS = 4.0, 420.0


def main() -> int:
    """Play, wait, compare; 1 when anything is off."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mixed")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    console = Console()
    jobs = plan(asked.runs, random.Random(asked.seed), _teams())  # noqa: S311  # repeatable
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "script.json"
    script = [*rules(jobs)]
    file.write_text(json.dumps({"rules": script}), encoding="utf-8")
    with LocalStack(
        model=f"scripted:{file}", state_dir=FOLDER, assembly=_templates(), environments=2
    ) as stack:
        began = time.monotonic()
        with console.status("runs"):
            ends = play(jobs, stack)
        figures = compare(stack, script, Counter(job.way for job in jobs))
        figures = {**ends, **figures, "seconds": round(time.monotonic() - began)}
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    console.print(table)
    wanted = ("agrees", "drifts", "drifts")
    said = tuple(figures[name] for name in ("reconciled", "a line lost", "a line twice"))
    exact = figures["ledger, micro-USD"] == figures["provider, micro-USD"]
    exact = exact and figures["ledger, micro-USD"] == figures["budgets, micro-USD"]
    return 0 if exact and said == wanted else 1


def play(jobs: list[Job], stack: LocalStack) -> dict[str, int]:
    """Make every run, and wait until nothing moves; how the answered ones ended."""
    first = [job for job in jobs if job.kind != "again"]
    stores, ends = Stores(stack), Counter[str]()
    # Less than the gateway keeps an idle connection, so that none is used that it is closing.
    limits = httpx.Limits(keepalive_expiry=1)
    with httpx.Client(base_url=stack.running.gateway_url, timeout=60, limits=limits) as http:
        for part in (first, jobs[len(first) :]):
            with ThreadPoolExecutor(CALLERS) as threads:
                ends.update(threads.map(lambda job: _make(job, stack, http), part))
            _wait(stores)
    return {f"ended: {end}": count for end, count in sorted(ends.items())}


def compare(stack: LocalStack, script: list[Rule], ways: Counter[str]) -> dict[str, Any]:
    """The provider's own record, the ledger, and what the reconciler makes of them."""
    stores, now = Stores(stack), datetime.now(UTC)
    usages = {rule["name"]: Usage(**rule["usage"]) for rule in script if "usage" in rule}
    record = httpx.get(f"{stack.running.model_url}/_scripted/calls", timeout=60).json()["calls"]
    answered = [call for call in record if call["rule"] in usages]
    prices, ledger = price_list(ZONE), stores.ledger()
    bill = sum(prices.of(c["model_id"], now).cost(usages[c["rule"]]) for c in answered)
    return {
        **{f"runs by {way}": count for way, count in sorted(ways.items())},
        "calls of models": len(record),
        **{f"calls: {kind}": n for kind, n in sorted(Counter(map(_kind, record)).items())},
        "of which answered": len(answered),
        "ledger lines": len(ledger),
        "ledger, micro-USD": sum(line.cost_micro_usd for line in ledger),
        "budgets, micro-USD": sum(budget.spent for budget in stores.budgets()),
        "provider, micro-USD": bill,
        "reconciled": _reconciled(stack),
        "a line lost": _tampered(stack, twice=False),
        "a line twice": _tampered(stack, twice=True),
    }


def _kind(call: JsonObject) -> str:
    """What the script did to a call."""
    kind = str(call["rule"]).rpartition(" ")[0]
    return kind or "answered"


def _make(job: Job, stack: LocalStack, http: httpx.Client) -> str:
    if job.way == "event":
        sent = event(TYPE, team=job.team, workflow=job.kind.replace(" ", "-"), data=job.review)
        stack.aws.client("sns").publish(
            TopicArn=stack.running.events_topic,
            Message=json.dumps(sent),
            MessageAttributes={"type": {"DataType": "String", "StringValue": TYPE}},
        )
        return "event published"
    headers = {"Authorization": f"Bearer {stack.identity.mint(job.team)}"}
    headers["X-Workflow"] = job.kind.replace(" ", "-")
    if job.way == "async":
        headers["Prefer"] = "respond-async"
    while True:
        reply = http.post(f"/v1/agents/{AGENT}/run", json={"input": job.review}, headers=headers)
        if reply.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            cache = reply.json().get("cache", "") if reply.is_success else ""
            return f"{reply.status_code} {cache}".strip()
        time.sleep(float(reply.headers.get("Retry-After", 1)))


def _wait(stores: Stores) -> None:
    """Until nothing has moved for some seconds."""
    until, still = time.monotonic() + LONGEST_SECONDS, time.monotonic()
    while time.monotonic() - still < STILL_SECONDS and time.monotonic() < until:
        time.sleep(0.5)
        if stores.waiting() or stores.promised():
            still = time.monotonic()


def _reconciled(stack: LocalStack) -> str:
    month = f"{datetime.now(UTC):%Y-%m}"
    reach = Reach.of(None, stack.running)
    answer = reach.ask({"month": month, "exact": True, "today": True})
    return str(answer.get("result", answer.get("problem")))


def _tampered(stack: LocalStack, *, twice: bool) -> str:
    """What is said while a line is missing, or there twice; then all is as it was."""
    client = stack.aws.client("dynamodb")
    (table,) = (name for name in stack.running.tables if "-Ledger" in name)
    line = client.scan(TableName=table, Limit=50)["Items"][-1]
    changed = {**line, "sk": {"S": line["sk"]["S"] + "-again"}} if twice else line
    key = {"pk": changed["pk"], "sk": changed["sk"]}
    client.put_item(TableName=table, Item=changed) if twice else client.delete_item(
        TableName=table, Key=key
    )
    said = _reconciled(stack)
    client.delete_item(TableName=table, Key=key) if twice else client.put_item(
        TableName=table, Item=line
    )
    return said


if __name__ == "__main__":
    sys.exit(main())
