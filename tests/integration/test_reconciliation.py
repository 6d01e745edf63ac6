"""The ledger is the provider's bill, to the micro-dollar, and whatever is not so is found."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from functions.adapters.bedrock import BedrockModel
from functions.adapters.bedrock_metrics import CloudWatchMetrics
from functions.adapters.books import DynamoBooks
from functions.adapters.cache import DynamoCache
from functions.adapters.invocation_logs import CloudWatchCallLog
from functions.adapters.ledger import DynamoLedger
from functions.adapters.lines import Tables
from functions.adapters.memory import DynamoMemory
from functions.domain.budget import Budget
from functions.domain.errors import GatehouseError
from functions.domain.ledger import Period
from functions.domain.names import RunId
from functions.domain.reconciliation.finding import EXACT, Finding
from functions.domain.run import Run
from functions.domain.team import Caller
from functions.pipeline.reconcile import Reconciliation
from functions.pipeline.run import pipeline
from local.transactions import isolate
from tests import fakes
from tests.integration.bedrock_account import GROUP, BedrockAccount
from tests.integration.conftest import REGION, make_table

RUNS = 200
SEED = 2026
WORDS = 80
"""Fewer than runs, so that some questions were asked before."""
AT = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12)
DAY = Period(AT.date(), AT.date() + timedelta(days=1))
PRICES = fakes.prices(since=AT.date() - timedelta(days=9))
TABLES = Tables(budgets="budgets", ledger="ledger", cache="cache", zone="eu", region=REGION)
RICH = Budget(monthly_usd=Decimal(100_000))
TEAMS = [
    fakes.TEAM.model_copy(update={"name": name, "budget": RICH, "business_unit": unit})
    for name, unit in (("helpdesk", "Customer Care"), ("retail", "R&D / Größe"))
]
Client = Any


@pytest.fixture(scope="module")
def account() -> Iterator[BedrockAccount]:
    """After so many mixed runs, on either side."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        isolate()
        with mock_aws():
            make_table("budgets", "pk", "sk")
            make_table("ledger", "pk", "sk")
            make_table("cache", "pk")
            make_table("memory", "id")
            account = BedrockAccount(random.Random(SEED), AT)
            account.ends.update(play(account))
            account.publish()
            yield account


def play(account: BedrockAccount) -> Counter[str]:
    """Runs of every kind, and how each ended."""
    chance, client = random.Random(SEED), boto3.client("dynamodb")
    do = pipeline(
        fakes.parts(
            agents=fakes.agents(cache={"ttl_seconds": 3600, "stale_seconds": 3600}),
            model=BedrockModel(lambda _: account, lambda: AT),  # type: ignore[arg-type,return-value]  # a fake of one method
            books=DynamoBooks(TABLES, client, pause=lambda _: None),
            cache=DynamoCache("cache", client, Logger("test")),
            prices=PRICES,
            now=lambda: AT,
            memory=DynamoMemory("memory", client, None, lambda: AT),  # type: ignore[arg-type]  # no reply is so large
        )
    )
    ends: Counter[str] = Counter()
    for number in range(RUNS):
        run = some_run(number, chance)
        try:
            outcome = do(run)
            ends["replayed" if outcome.replayed else f"cache {outcome.cache}"] += 1
        except GatehouseError as error:
            ends[error.slug] += 1
        ends[run.channel] += 1
    return ends


def some_run(number: int, chance: random.Random) -> Run:
    """An HTTP request, an event or a run that nobody waits for; some are sent again."""
    team, channel = chance.choice(TEAMS), chance.choice(["http", "event", "async"])
    word = f"word-{chance.randrange(WORDS)}"
    at = AT + timedelta(milliseconds=number)
    some = fakes.run(
        input={"word": word},
        team=team,
        channel=channel,
        caller=Caller(subject="ada", team=team.name, zone="eu", roles=frozenset({"echo:say"})),
        workflow=chance.choice(["onboarding", "black-friday/2026"]),
        idempotency_key=word if chance.random() < 0.3 else None,
        cache_read=chance.random() < 0.9,
    )
    return replace(
        some, id=RunId(f"run_{number:032x}"), received_at=at, deadline=at + timedelta(seconds=29)
    )


def reconciled(*, by_log: bool = False) -> dict[str, Finding]:
    log = CloudWatchCallLog(boto3.client("logs"), GROUP, "eu") if by_log else None
    reconciliation = Reconciliation(
        teams=TEAMS,
        models=[fakes.MODEL, fakes.SECOND],
        ledger=DynamoLedger("ledger", boto3.client("dynamodb")),
        metrics=CloudWatchMetrics(boto3.client("cloudwatch")),
        log=log,
        bill=None,
        prices=PRICES,
        tolerance=EXACT,
    )
    found = reconciliation.reconcile(DAY, billed_until=DAY.end)
    return {finding.subject: finding for finding in found}


@pytest.fixture
def lines(account: BedrockAccount) -> Iterator[list[dict[str, Any]]]:
    """All lines of the ledger, which is whole again after the test."""
    client = boto3.client("dynamodb")
    found = client.scan(TableName="ledger")["Items"]
    yield found
    now = client.scan(TableName="ledger")["Items"]
    for line in (line for line in now if line not in found):
        client.delete_item(TableName="ledger", Key={"pk": line["pk"], "sk": line["sk"]})
    for line in (line for line in found if line not in now):
        client.put_item(TableName="ledger", Item=line)


def test_the_mix_has_everything_in_it(account: BedrockAccount) -> None:
    for end in ("fits", "unfit", "filtered", "cut", "cache hit", "cache miss", "replayed"):
        assert account.ends[end], (end, account.ends)
    for end in ("model-refused", "invalid-model-reply", "http", "event", "async"):
        assert account.ends[end], (end, account.ends)
    models = Counter(model for model, _, _ in account.answered)
    assert set(models) == {fakes.MODEL, fakes.SECOND}, "one stood in for the other"


def test_the_ledger_is_the_provider_s_bill_to_the_micro_dollar(
    account: BedrockAccount, lines: list[dict[str, Any]]
) -> None:
    bill = account.bill(PRICES)
    budgets = boto3.client("dynamodb").scan(TableName="budgets")["Items"]

    assert sum(int(line["cost_micro_usd"]["N"]) for line in lines) == bill
    assert sum(int(budget["spent"]["N"]) for budget in budgets) == bill
    assert sum(len(line["calls"]["L"]) for line in lines) == len(account.answered)


@pytest.mark.parametrize("by_log", [False, True])
def test_both_sides_agree_without_any_tolerance(account: BedrockAccount, *, by_log: bool) -> None:
    for finding in reconciled(by_log=by_log).values():
        assert (finding.result, finding.reason) == ("agrees", None), finding
        assert finding.drift_micro_usd == 0
        assert finding.provider is not None
        assert finding.provider.usage.total == finding.ledger.usage.total > 0


@pytest.mark.parametrize("by_log", [False, True])
def test_a_lost_line_is_found(lines: list[dict[str, Any]], *, by_log: bool) -> None:
    lost = max(lines, key=lambda line: len(line["calls"]["L"]))
    boto3.client("dynamodb").delete_item(
        TableName="ledger", Key={"pk": lost["pk"], "sk": lost["sk"]}
    )

    found = reconciled(by_log=by_log)

    models = {call["M"]["model"]["S"] for call in lost["calls"]["L"]}
    for model in models:
        assert found[model].result == "drifts"
        assert (found[model].drift_micro_usd or 0) > 0
        assert found[model].lost == ((lost["run"]["S"],) if by_log else ())
    drift = sum(finding.drift_micro_usd or 0 for finding in found.values())
    assert abs(drift - int(lost["cost_micro_usd"]["N"])) <= len(lost["calls"]["L"]), "but rounding"


@pytest.mark.parametrize("by_log", [False, True])
def test_a_doubled_line_is_found(lines: list[dict[str, Any]], *, by_log: bool) -> None:
    line = lines[7]
    time, _, run = line["sk"]["S"].partition("#")
    again = {**line, "sk": {"S": f"{time}#{run}-again"}}
    boto3.client("dynamodb").put_item(TableName="ledger", Item=again)

    found = reconciled(by_log=by_log)[line["calls"]["L"][0]["M"]["model"]["S"]]

    assert found.result == "drifts"
    assert (found.drift_micro_usd or 0) < 0
    assert found.doubled == ((line["run"]["S"],) if by_log else ())
