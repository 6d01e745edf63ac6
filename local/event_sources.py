"""Event source mappings as the templates state them, and the batch as the function sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local import physical
from local.invocation import Reply
from local.resources import Resource
from local.template import JsonObject, TemplateError

LARGEST_RECEIVE = 10
KNOWN = frozenset(
    {"BatchSize", "Enabled", "EventSourceArn", "FunctionName", "FunctionResponseTypes"}
    | {"ScalingConfig", "Tags"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One event source mapping: a queue, and the function that works on its messages."""

    queue_url: str
    queue_arn: str
    function_arn: str
    batch_size: int
    partial_responses: bool
    concurrency: int


def of(resources: Iterable[Resource]) -> tuple[EventSource, ...]:
    """Every enabled mapping of the templates.

    Raises:
        TemplateError: a mapping asks for what the pollers cannot do.
    """
    resources = tuple(resources)
    urls = {r.attribute("Arn"): r.ref for r in resources if r.type == "AWS::SQS::Queue"}
    found = [r for r in resources if r.type == "AWS::Lambda::EventSourceMapping"]
    return tuple(_source(r, urls) for r in found if r.properties.get("Enabled", True))


def _source(resource: Resource, urls: Mapping[str, str]) -> EventSource:
    properties = resource.properties
    queue = properties["EventSourceArn"]
    unknown = sorted(properties.keys() - KNOWN) or [arn for arn in (queue,) if arn not in urls]
    size = int(properties.get("BatchSize", LARGEST_RECEIVE))
    if unknown or size > LARGEST_RECEIVE:
        msg = (
            f"{resource.where}: the local pollers serve queues of the templates in batches of up "
            f"to {LARGEST_RECEIVE}; they do not know {', '.join(unknown) or f'batches of {size}'}"
        )
        raise TemplateError(msg)
    function = properties["FunctionName"]
    return EventSource(
        queue_url=urls[queue],
        queue_arn=queue,
        function_arn=function
        if function.startswith("arn:")
        else physical.function_arn(resource.scope.place, function),
        batch_size=size,
        partial_responses="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ()),
        concurrency=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", 1000)),
    )


def batch_event(messages: Sequence[Mapping[str, Any]], source: EventSource) -> JsonObject:
    """Received messages as Lambda hands them to a function."""
    return {"Records": [_record(message, source) for message in messages]}


def _record(message: Mapping[str, Any], source: EventSource) -> JsonObject:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source.queue_arn,
        "awsRegion": source.queue_arn.split(":")[3],
    }


def _attribute(value: Mapping[str, Any]) -> JsonObject:
    found: JsonObject = {"stringListValues": [], "binaryListValues": []}
    found["dataType"] = value["DataType"]
    if "StringValue" in value:
        found["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        found["binaryValue"] = value["BinaryValue"].decode("latin-1")
    return found


def succeeded(
    messages: Sequence[Mapping[str, Any]], reply: Reply, *, partial_responses: bool
) -> list[Mapping[str, Any]]:
    """The messages that a reply lets us delete.

    A reply that names no message of the batch as failed, but is no proper report either, fails the
    whole batch: so Lambda has it.
    """
    if reply.failed:
        return []
    if not partial_responses:
        return list(messages)
    failed = _failed(reply)
    if failed is None or not failed <= {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _failed(reply: Reply) -> set[str] | None:
    """The ids that a report names; None when it is no report."""
    try:
        report = reply.json() if reply.payload else None
    except ValueError:
        return None
    match report:
        case None | {"batchItemFailures": None}:
            return set()
        case {"batchItemFailures": list(items)}:
            ids = [i.get("itemIdentifier") if isinstance(i, dict) else None for i in items]
            return {str(id_) for id_ in ids} if all(ids) else None
        case {}:
            return set() if not report else None
        case _:
            return None
