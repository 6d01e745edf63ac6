"""What is kept about a person goes, what is about others stays, and both are reported."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli.audit import commands as audit_commands
from cli.audit import complete, trail
from cli.audit.trail import Wanted
from cli.calls import CannotCall
from cli.dead_letters.reach import Reach
from cli.erase import commands, stores
from cli.erase.subject import Subject
from cli.estate import Estate
from cli.main import app
from functions.adapters.audit import FirehoseTrail
from functions.adapters.lines import Tables, ledger_put
from functions.adapters.log import make_logger
from functions.adapters.memory import DynamoMemory, Objects
from functions.adapters.records import DynamoRecords
from functions.domain.names import JsonObject, MicroUsd, RunId
from functions.domain.pricing import Usage
from functions.domain.record import RunRecord
from functions.domain.run import ModelCall, Outcome, Run
from functions.domain.team import Caller
from functions.pipeline.run import pipeline
from tests import fakes
from tests.integration.conftest import REGION, make_table

ADA, BOB = "ada.lovelace@example.com", "bob"
STATE = f"gatehouse-{REGION}-state"
NOW = datetime.now(UTC)


class Place:
    """A region's stores, and runs of Ada and of Bob in each of them."""

    def __init__(self) -> None:
        for name, *keys in (
            ("Memory", "id"), ("Runs", "pk"), ("Cache", "pk"), ("Ledger", "pk", "sk"),
        ):  # fmt: skip
            make_table(f"{STATE}-{name}1A2B", *keys)
        here: Any = {"LocationConstraint": REGION}
        self.s3 = boto3.client("s3")
        for bucket in (f"{STATE}-outcomes1a2b", "audit-lines"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
        self.stream = f"gatehouse-{REGION}-audit-TrailStream1A2B"
        boto3.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.stream,
            S3DestinationConfiguration={
                "BucketARN": "arn:aws:s3:::audit-lines",
                "Prefix": "lines/",
                "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            },
        )
        create: Any = boto3.client  # its overloads want each service by name
        self.estate = Estate(create, REGION, "here", is_local=True)
        self.dynamodb = boto3.client("dynamodb")
        self.objects = Objects(f"{STATE}-outcomes1a2b", lambda: self.s3)
        self.trail = FirehoseTrail(
            self.stream,
            "audit-lines",
            boto3.client("firehose"),
            lambda: self.s3,
            make_logger("test-erase", lambda _: None),
        )

    def run(self, who: str, id_: str, **more: Any) -> Run:
        caller = Caller(subject=who, team="helpdesk", zone="eu", roles=frozenset({"echo:say"}))
        now = datetime.now(UTC)
        times = {"received_at": now, "deadline": now + timedelta(seconds=29)}
        return fakes.run(**{"id": RunId(id_), "caller": caller} | times | more)

    def do(self, run: Run) -> Outcome:
        """A run that leaves its outcome in the memory and its line in the trail."""
        memory = DynamoMemory(
            f"{STATE}-Memory1A2B", self.dynamodb, self.objects, lambda: datetime.now(UTC)
        )
        parts = fakes.parts(memory=memory, trail=self.trail, now=lambda: datetime.now(UTC))
        return pipeline(parts)(run)

    def accept(self, run: Run) -> None:
        records = DynamoRecords(f"{STATE}-Runs1A2B", self.dynamodb, self.objects)
        records.accept(RunRecord.queued(replace(run, input=run.read())))

    def answer(self, team: str, text: str) -> None:
        item = {"pk": {"S": f"{team}#{uuid.uuid4().hex}"}, "text": {"S": text}}
        self.dynamodb.put_item(TableName=f"{STATE}-Cache1A2B", Item=item)

    def left(self, table: str) -> list[JsonObject]:
        return self.dynamodb.scan(TableName=f"{STATE}-{table}1A2B")["Items"]


@pytest.fixture
def place(aws: None) -> Place:
    return Place()


@pytest.fixture
def erase(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The command; what it says of each store."""
    sqs: Any = boto3.client("sqs")
    reach = Reach(sqs, "here", names_sources=False)
    monkeypatch.setattr(commands, "_places", lambda *_: [(place.estate, reach)])

    def command(*options: str) -> dict[str, Any]:
        done = CliRunner().invoke(app, ["erase", "--json", *options], catch_exceptions=False)
        assert done.exit_code == 0
        (report,) = json.loads(done.stdout)["regions"]
        return {row["store"]: (row["found"], row["fate"]) for row in report["stores"]}

    return command


def fill(place: Place) -> None:
    for number, who in enumerate((ADA, BOB)):
        place.do(place.run(who, f"run_{number}", idempotency_key=f"k{number}"))
        place.accept(place.run(who, f"run_later{number}", input={"word": "hello"}))
    named = place.run(BOB, "run_later9", input={"word": f"to {ADA.upper()}"})
    place.accept(named)
    place.answer("helpdesk", '{"text": "write to \\u0061da.lovelace@example.com"}')
    place.answer("helpdesk", '{"text": "write to nobody"}')


def test_nothing_is_erased_unless_it_is_said(place: Place, erase: Any):
    fill(place)
    before = {table: len(place.left(table)) for table in ("Memory", "Runs", "Cache")}
    report = erase("--subject", ADA)
    assert report["runs"] == (2, "to erase")
    assert report["outcomes"] == (1, "to erase")
    assert report["cache"] == (1, "to erase")
    assert report["audit trail"] == (1, "kept")
    assert before == {table: len(place.left(table)) for table in before} == {
        "Memory": 2, "Runs": 3, "Cache": 2,
    }  # fmt: skip


def test_what_is_hers_goes_and_what_is_his_stays(place: Place, erase: Any):
    fill(place)
    assert erase("--subject", ADA, "--yes")["runs"] == (2, "erased")

    assert [item["pk"]["S"] for item in place.left("Runs")] == ["helpdesk#run_later1"]
    (kept,) = place.left("Memory")
    assert "run_1" in kept["data"]["S"]
    assert [item["text"]["S"] for item in place.left("Cache")] == ['{"text": "write to nobody"}']
    again = erase("--subject", ADA)
    assert {again[name][0] for name in ("runs", "outcomes", "cache", "dead letters")} == {0}


def test_that_it_was_done_is_in_the_trail_and_not_about_whom(place: Place, erase: Any):
    place.accept(place.run(ADA, "run_1"))
    erase("--subject", ADA, "--yes")
    (line,) = trail.lines(place.estate, wanted(decision="erased"))
    assert line["kind"] == "administration"
    assert line["counts"] == {"runs": 1, "outcomes": 0, "cache": 0, "dead letters": 0}
    assert line["who"]["subject"].startswith("arn:aws:")
    assert ADA not in json.dumps(line)


def test_another_team_s_things_stay_when_a_team_is_named(place: Place, erase: Any):
    fill(place)
    report = erase("--subject", ADA, "--team", "retail", "--yes")
    assert {report[name][0] for name in ("runs", "outcomes", "cache")} == {0}
    assert len(place.left("Runs")) == 3


def test_an_outcome_that_is_too_long_for_its_record_goes_with_its_object(place: Place, erase: Any):
    records = DynamoRecords(f"{STATE}-Runs1A2B", place.dynamodb, place.objects)
    run = place.run(BOB, "run_long")
    place.accept(run)
    outcome = place.do(place.run(BOB, "run_1"))
    long = outcome.model_copy(update={"output": {"text": f"{ADA} {'x' * 400_000}"}})
    records.succeed(RunRecord.queued(run), long, NOW)

    assert erase("--subject", ADA, "--yes")["runs"] == (1, "erased")
    assert "Contents" not in place.s3.list_objects_v2(Bucket=f"{STATE}-outcomes1a2b")


def test_dead_letters_that_name_her_are_deleted_and_others_given_back(place: Place):
    sqs: Any = boto3.client("sqs")
    tags = {"gatehouse:agent": "echo"}
    dead = sqs.create_queue(QueueName="gatehouse-dead", tags=tags)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": "5"}
    attributes = {"RedrivePolicy": json.dumps(policy)}
    sqs.create_queue(QueueName="gatehouse-work", tags=tags, Attributes=attributes)
    for text in (f"a letter from {ADA}", "a letter from nobody"):
        sqs.send_message(QueueUrl=dead, MessageBody=text)

    letters = stores.Letters(Reach(sqs, "here", names_sources=False))
    assert letters.find(Subject(ADA), lambda _name, _count: None) == 1
    letters.erase()
    (left,) = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
    assert left["Body"] == "a letter from nobody"


def test_a_subject_that_would_match_everything_is_refused(place: Place):
    done = CliRunner().invoke(app, ["erase", "--subject", "a"])
    assert done.exit_code == 1
    assert "stands in too many texts" in str(done.exception)


def test_the_trail_is_read_by_caller_by_run_and_by_decision_each_line_once(place: Place):
    for number, who in enumerate((ADA, BOB)):
        place.do(place.run(who, f"run_{number}"))
    key = place.s3.list_objects_v2(Bucket="audit-lines")["Contents"][0]["Key"]
    copy = {"Bucket": "audit-lines", "Key": key}
    place.s3.copy_object(Bucket="audit-lines", Key=f"{key}-again", CopySource=copy)  # type: ignore[arg-type]  # as its stub has it

    every = trail.lines(place.estate, wanted())
    assert [line["run"] for line in every] == ["run_0", "run_1"]
    assert trail.lines(place.estate, wanted(subject=BOB)) == [every[1]]
    assert trail.lines(place.estate, wanted(run="run_0", decision="answered")) == [every[0]]
    assert trail.lines(place.estate, wanted(team="retail")) == []


def test_a_run_of_the_ledger_without_a_line_is_found(place: Place):
    tables = Tables(budgets="b", ledger=f"{STATE}-Ledger1A2B", cache="c", zone="eu", region=REGION)
    for number, has_line in enumerate((True, False)):
        run = place.run(ADA, f"run_{number}")
        if has_line:
            place.do(run)
        paid = place.run(ADA, f"run_{number}")
        paid.meter.add(
            ModelCall(
                model=fakes.MODEL,
                answered_by="m",
                usage=Usage(input_tokens=1),
                cost_micro_usd=MicroUsd(1),
                latency_ms=1,
                price_since="2026-01-01",
            )
        )
        put = ledger_put(paid, "succeeded", tables)["Put"]
        place.dynamodb.put_item(**put)

    found = complete.check(place.estate, ["helpdesk", "retail"], wanted())
    assert (found.runs, [run.run for run in found.missing]) == (2, ["run_1"])


def wanted(**asked: Any) -> Wanted:
    return Wanted(since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1), **asked)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["erase", "--subject", ADA, "--zone", "mars"], "prod has no zone 'mars'; it has: eu, us"),
        (["erase", "--subject", ADA, "--zone", "eu", "--stage", "test"], "no stage 'test'"),
        (["erase", "--subject", ADA, "--region", "sa-east-1"], "no zone owns the region"),
        (["audit", "list", "--profile", "auditor"], "name the region too"),
        (["audit", "check"], "no local stack is running"),
    ],
)
def test_what_cannot_be_reached_is_told_with_what_to_do(
    command: list[str], says: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_commands, "running", lambda: None)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert says in str(done.exception)


def test_a_region_without_a_gatehouse_is_told_so(aws: None):
    create: Any = boto3.client  # its overloads want each service by name
    with pytest.raises(CannotCall, match="is it deployed there"):
        trail.lines(Estate(create, REGION, "here"), wanted())
