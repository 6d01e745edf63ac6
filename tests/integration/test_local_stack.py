"""The whole local stack over a tiny hand-written assembly: start, use, and every kind of end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.aws import Aws
from local.services import ServiceFailed
from local.stack import LocalStack
from local.state import AlreadyRunning, Running, running
from local.template import TemplateError
from tests.integration.local_functions import write_bundle
from tests.integration.processes import children_of, wait_for_the_end
from tests.unit.local.apis import METERED, method, path, template
from tests.unit.local.assemblies import Assembly, att, ref, res

ROOT = Path(__file__).parents[2]
KEY = "key-of-the-only-team-there-is"

AUTHORIZER = """
def handler(event, context):
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "ada", "policyDocument": policy, "usageIdentifierKey": "KEY"}
"""
HTTP = """
import json, os, boto3

def handler(event, context):
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=event["body"])
    return {"statusCode": 202, "body": json.dumps({"sent": event["body"]})}
"""
QUEUE = """
import os, time, boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    for record in event["Records"]:
        if record["body"] == "slow" and record["attributes"]["ApproximateReceiveCount"] == "1":
            table.put_item(Item={"id": "slow", "pid": os.getpid()})
            time.sleep(60)
        table.put_item(Item={"id": record["body"], "done": True})
    return {"batchItemFailures": []}
"""


def function(code: str, **environment: Any) -> dict[str, Any]:
    return res(
        "Lambda::Function",
        FunctionName=code,
        Code={"S3Bucket": "assets", "S3Key": f"{code}.zip"},
        Handler="app.handler",
        Runtime="python3.13",
        Timeout=20,
        Environment={"Variables": environment},
    )


def write_assembly(folder: Path) -> Path:
    """An API, a topic, a queue and a table, and three functions around them."""
    code = {"http": HTTP, "authorizer": AUTHORIZER.replace("KEY", KEY), "queue": QUEUE}
    bundles = {name: write_bundle(folder / f"asset.{name}", text) for name, text in code.items()}
    resources = template(
        Say=path("say"),
        Post=method("Say", "POST", **METERED),
        Key=res("ApiGateway::ApiKey", Enabled=True, Value=KEY),
        Plan=res("ApiGateway::UsagePlan", ApiStages=[{"ApiId": ref("Api"), "Stage": ref("Stage")}]),
        Member=res("ApiGateway::UsagePlanKey", KeyId=ref("Key"), UsagePlanId=ref("Plan")),
        Http=function("http", TOPIC=ref("Events")),
        Authorize=function("authorizer"),
        Queue=function("queue", TABLE=ref("Table")),
        Events=res("SNS::Topic", TopicName="events"),
        Work=res("SQS::Queue", QueueName="work", VisibilityTimeout=120),
        Feed=res(
            "SNS::Subscription",
            TopicArn=ref("Events"),
            Protocol="sqs",
            Endpoint=att("Work", "Arn"),
            RawMessageDelivery=True,
        ),
        Mapping=res(
            "Lambda::EventSourceMapping",
            EventSourceArn=att("Work", "Arn"),
            FunctionName=ref("Queue"),
            FunctionResponseTypes=["ReportBatchItemFailures"],
        ),
        Table=res(
            "DynamoDB::Table",
            TableName="done",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ),
    )
    Assembly(folder).add("shop", {"Resources": resources}, bundles=bundles)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def choices(folder: Path) -> dict[str, Any]:
    script = folder / "script.json"
    script.write_text("{}")
    return {
        "assembly": write_assembly(folder / "assembly"),
        "model": f"scripted:{script}",
        "redelivery_seconds": 3,
        "state_dir": folder / "state",
    }


@pytest.fixture(scope="module")
def steps() -> dict[str, float]:
    return {}


@pytest.fixture(scope="module")
def stack(choices: dict[str, Any], steps: dict[str, float]) -> Iterator[LocalStack]:
    with LocalStack(on_step=steps.__setitem__, **choices) as stack:
        yield stack


def say(stack: LocalStack, text: str) -> httpx.Response:
    return httpx.post(
        f"{stack.running.gateway_url}/say",
        content=text,
        headers={"Authorization": "Bearer x"},
        timeout=30,
    )


def item(stack: LocalStack, id_: str) -> Any:
    found = stack.aws.client("dynamodb").get_item(TableName="done", Key={"id": {"S": id_}})
    return found.get("Item", {})


def eventually(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What a look gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def test_a_request_travels_through_gateway_topic_queue_and_functions(stack: LocalStack) -> None:
    response = say(stack, "hello")
    assert (response.status_code, response.json()) == (202, {"sent": "hello"})
    assert eventually(lambda: "done" in item(stack, "hello"))


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(stack: LocalStack) -> None:
    say(stack, "slow")
    pid = int(eventually(lambda: item(stack, "slow").get("pid"))["N"])
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: "done" in item(stack, "slow"))


def test_a_bundle_that_changes_is_picked_up(stack: LocalStack, folder: Path) -> None:
    say(stack, "old")
    bundle = folder / "assembly" / "asset.http"
    write_bundle(bundle, "def handler(event, context):\n    return {'statusCode': 418}\n")
    assert say(stack, "new").status_code == 418
    write_bundle(bundle, HTTP)
    assert say(stack, "old").status_code == 202


def test_every_step_is_told_with_its_time(stack: LocalStack, steps: dict[str, float]) -> None:
    assert steps.keys() == {
        "templates", "identity", "model", "aws", "spans",
        "provision", "flags", "functions", "gateway",
    }  # fmt: skip


def test_other_processes_find_the_stack(stack: LocalStack, choices: dict[str, Any]) -> None:
    found = running(choices["state_dir"])
    assert found == stack.running
    assert found.functions == ("http", "authorizer", "queue")
    assert found.model["demo"] is True
    sqs = Aws(found.aws_url, found.region).client("sqs")
    assert sqs.get_queue_attributes(QueueUrl=found.queues["work"], AttributeNames=["All"])


def test_a_second_stack_is_refused_with_the_pid_of_the_first(
    stack: LocalStack, choices: dict[str, Any]
) -> None:
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        LocalStack(**choices).start()
    assert running(choices["state_dir"]), "the first one goes on"


def test_a_model_that_cannot_be_had_ends_the_start(choices: dict[str, Any], tmp_path: Path) -> None:
    wrong = {**choices, "model": "scripted:nothing.json", "state_dir": tmp_path}
    with pytest.raises(ServiceFailed, match=r"nothing\.json"):
        LocalStack(**wrong).start()
    assert running(tmp_path) is None


def test_templates_that_cannot_be_run_end_the_start(
    choices: dict[str, Any], tmp_path: Path
) -> None:
    resources = {"It": res("Kinesis::Stream")}
    assembly = Assembly(tmp_path / "assembly").add("shop", {"Resources": resources})
    wrong = {**choices, "assembly": assembly.folder, "state_dir": tmp_path / "state"}
    with pytest.raises(TemplateError, match="Kinesis"):
        LocalStack(**wrong).start()


RUNNER = """
import json, sys
from pathlib import Path
from local.stack import LocalStack
choices = json.loads(sys.argv[1])
try:
    with LocalStack(**{**choices, **{k: Path(choices[k]) for k in ("assembly", "state_dir")}}) as s:
        print("ready", flush=True)
        s.wait()
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_runner_that_ends_leaves_no_process_behind(
    number: signal.Signals, choices: dict[str, Any], tmp_path: Path
) -> None:
    given = {**choices, "state_dir": tmp_path}
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, json.dumps(given, default=str)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as runner:
        assert runner.stdout
        assert runner.stdout.readline() == "ready\n"
        found = running(tmp_path)
        assert isinstance(found, Running)
        httpx.post(f"{found.gateway_url}/say", headers={"Authorization": "x"}, timeout=30)
        pids = children_of(runner.pid)
        assert len(pids) >= 4, "moto, the model and two workers"
        runner.send_signal(number)
        rest = runner.stdout.read()
    for pid in pids:
        wait_for_the_end(pid)
    assert rest == ("" if number is signal.SIGKILL else "stopped\n")
    assert running(tmp_path) is None
