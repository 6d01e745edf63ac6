"""Event source mappings: what they ask for, the batch a function sees, and what may be deleted."""

import json
from typing import Any

import pytest

from local import event_sources
from local.event_sources import EventSource, batch_event, succeeded
from local.invocation import Reply, failure
from local.template import TemplateError
from tests.unit.local.assemblies import ENDPOINT, att, ref, res, resolved, stack

SOURCE = EventSource(
    queue_url=f"{ENDPOINT}/1/work",
    queue_arn="arn:aws:sqs:eu-central-1:1:work",
    function_arn="arn:aws:lambda:eu-central-1:1:function:queue:live",
    batch_size=10,
    partial_responses=True,
    concurrency=2,
)
MESSAGES = [
    {"MessageId": id_, "ReceiptHandle": f"r-{id_}", "Body": "{}", "MD5OfBody": "0"} for id_ in "abc"
]


def read(**properties: Any) -> tuple[EventSource, ...]:
    mapping = {"EventSourceArn": att("Work", "Arn"), "FunctionName": ref("Live"), **properties}
    resources = {
        "Work": res("SQS::Queue", QueueName="work"),
        "F": res("Lambda::Function", FunctionName="queue"),
        "Live": res("Lambda::Alias", FunctionName=ref("F"), Name="live"),
        "It": res("Lambda::EventSourceMapping", **mapping),
    }
    return event_sources.of(resolved(stack(Resources=resources)).values())


def deletable(answer: Any, *, partial: bool = True) -> list[str]:
    reply = answer if isinstance(answer, Reply) else Reply(json.dumps(answer).encode())
    return [m["MessageId"] for m in succeeded(MESSAGES, reply, partial_responses=partial)]


def failures(*ids: Any) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in ids]}


def test_a_mapping_names_its_queue_and_its_function() -> None:
    (found,) = read(BatchSize=5, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert found.queue_url.endswith("/work")
    assert found.function_arn.endswith(":function:queue:live")
    assert (found.batch_size, found.partial_responses) == (5, True)


def test_a_function_may_be_named_without_an_arn() -> None:
    (found,) = read(FunctionName="queue")
    assert found.function_arn == "arn:aws:lambda:eu-central-1:111122223333:function:queue"


def test_a_mapping_that_is_off_is_not_polled() -> None:
    assert read(Enabled=False) == ()


@pytest.mark.parametrize(
    ("properties", "complaint"),
    [
        ({"FilterCriteria": {}}, "do not know FilterCriteria"),
        ({"MaximumBatchingWindowInSeconds": 5}, "MaximumBatchingWindowInSeconds"),
        ({"EventSourceArn": "arn:aws:kinesis:x"}, "do not know arn:aws:kinesis:x"),
        ({"BatchSize": 100}, "batches of 100"),
    ],
)
def test_what_the_pollers_cannot_do_is_refused(properties: Any, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        read(**properties)


def test_a_record_looks_as_lambda_makes_it() -> None:
    attributes = {
        "type": {"DataType": "String", "StringValue": "review.submitted"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x01"},
    }
    message = {**MESSAGES[0], "Attributes": {"SentTimestamp": "1"}, "MessageAttributes": attributes}
    (record,) = batch_event([message], SOURCE)["Records"]
    assert (record["messageId"], record["receiptHandle"]) == ("a", "r-a")
    assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", "eu-central-1")
    assert record["attributes"] == {"SentTimestamp": "1"}
    assert record["messageAttributes"]["type"]["stringValue"] == "review.submitted"
    assert record["messageAttributes"]["raw"]["binaryValue"] == "\x01"


def test_what_a_report_names_is_kept_and_the_rest_may_go() -> None:
    assert deletable(failures("b")) == ["a", "c"]
    assert deletable(failures("a", "b", "c")) == []


@pytest.mark.parametrize(
    "answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, Reply(b"")]
)
def test_a_report_without_failures_lets_all_go(answer: Any) -> None:
    assert deletable(answer) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "answer",
    [
        failures("nobody"),
        failures(""),
        failures(None),
        {"batchItemFailures": [{"id": "a"}]},
        {"batchItemFailures": ["a"]},
        {"batchItemFailures": "a"},
        {"failed": []},
        "fine",
        Reply(b"{"),
    ],
)
def test_what_is_no_proper_report_keeps_all(answer: Any) -> None:
    assert deletable(answer) == []


def test_a_function_that_fails_keeps_all() -> None:
    assert deletable(failure("Runtime.ExitError", "killed"), partial=False) == []


def test_without_partial_responses_an_answer_lets_all_go() -> None:
    assert deletable(failures("a"), partial=False) == ["a", "b", "c"]
