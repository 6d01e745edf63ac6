"""Personal data that is nobody's, and every place of a stack where it must not turn up."""

import json
import re
from typing import Any

from tests.e2e.drill import Drill

NAME = "Wilhelmina Abernathy"
MAIL = "wilhelmina.abernathy@example.com"
CARD = "4539 5731 0088 2149"
PAGE = "https://people.example.com/quillfeather-7718"
SAID = (
    f"Hello, I am {NAME}, please write to {MAIL} about my late order. "
    f"My card {CARD} was charged twice, see {PAGE}."
)
FORMS = re.compile(
    "|".join(["Wilhelmina", "Abernathy", CARD, CARD.replace(" ", ""), "quillfeather"]),
    re.IGNORECASE,
)
"""By which any part of it is found."""


def found_in(text: str) -> set[str]:
    """Every marker in a text, with what stands around it."""
    return {text[max(0, m.start() - 90) : m.end() + 60] for m in FORMS.finditer(text)}


def told(drill: Drill) -> dict[str, str]:
    """What is written while a run goes on: quick to look at after each."""
    return {
        "logs, metrics and traces": drill.logged(),
        "what models are told": "".join(drill.provider.told()),
        "result events": json.dumps(drill.bus.collected()),
    }


def kept(drill: Drill) -> dict[str, str]:
    """What is left when all runs are over.

    Left out are what has to hold what the caller sent: the recorded outcome of a run with a key or
    of one that was done later, the order of such a run until it is done, and the body of a message;
    and the subject of an audit line, which says who it was.
    """
    return {
        "tables": json.dumps([_without_outcome(item) for item in drill.items()]),
        "objects": "".join(_other_objects(drill)),
        "dead letters": json.dumps([{**letter, "Body": ""} for letter in dead_letters(drill)]),
    }


def recorded_outcomes(drill: Drill) -> str:
    """One of the exceptions: by it one sees that a marker would be found."""
    recorded = [item["data"]["S"] for item in drill.items("Memory") if "data" in item]
    return "".join([*recorded, *(text for key, text in _objects(drill) if _is_in(recorded, key))])


def _without_outcome(item: dict[str, Any]) -> dict[str, Any]:
    """Records of runs are known by their hash of the input, which nothing else has."""
    left_out = set()
    if "validation" in item:
        left_out = {"data"}
    if "digest" in item:
        is_over = item["status"]["S"] == "succeeded"
        left_out = {"outcome"} if is_over else {"order"}
    return {name: value for name, value in item.items() if name not in left_out}


def _other_objects(drill: Drill) -> list[str]:
    """All but the outcomes that are too long for their record, which then names the object."""
    recorded = [item["data"]["S"] for item in drill.items("Memory") if "data" in item]
    others = ((key, text) for key, text in _objects(drill) if not _is_in(recorded, key))
    return [f"{key} {_without_subject(text) if _is_audit(key) else text}" for key, text in others]


def _is_audit(key: str) -> bool:
    return key.startswith(("lines/", "deferred/"))


def _without_subject(text: str) -> str:
    lines = [json.loads(line) for line in text.splitlines()]
    return json.dumps([{**line, "who": {**line["who"], "subject": ""}} for line in lines])


def _is_in(recorded: list[str], key: str) -> bool:
    return any(json.loads(record).get("object") == key for record in recorded)


def _objects(drill: Drill) -> list[tuple[str, str]]:
    """Key and text of every object in every bucket."""
    s3 = drill.stack.aws.client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    keys = [
        (bucket, found["Key"])
        for bucket in buckets
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    ]
    return [
        (key, s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode(errors="replace"))
        for bucket, key in keys
    ]


def dead_letters(drill: Drill) -> list[dict[str, Any]]:
    """Received without hiding them, so that the next look finds them again."""
    sqs, queues = drill.stack.aws.client("sqs"), drill.stack.running.queues.items()
    received = (
        sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        for name, url in queues
        if "DeadLetters" in name
    )
    return [message for each in received for message in each.get("Messages", ())]
