"""docs/asyncapi.json is what the contracts and manifests say, and it is AsyncAPI."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cli.contracts.asyncapi import PLATFORM, document
from functions.agents import discover
from functions.domain.conformity import validator
from functions.domain.contracts import Contracts

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
COMMITTED = ROOT / "docs" / "asyncapi.json"
META_SCHEMA = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
CONTRACTS = Contracts.load(EVENTS)
DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(CONTRACTS, discover(), EVENTS)))


def resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(part: Any) -> Iterator[str]:
    match part:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for value in part.values():
                yield from references(value)
        case list():
            for value in part:
                yield from references(value)


def payload(message: dict[str, Any]) -> dict[str, Any]:
    """What a message holds, as a schema that stands alone."""
    text = json.dumps({"$defs": DOCUMENT["components"]["schemas"], **message["payload"]})
    found: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return found


def test_the_committed_document_is_up_to_date() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == DOCUMENT, "run: .venv/bin/gatehouse events asyncapi > docs/asyncapi.json"


def test_it_is_asyncapi() -> None:
    meta = json.loads(META_SCHEMA.read_text(encoding="utf-8"))
    found = [error.message[:200] for error in Draft7Validator(meta).iter_errors(DOCUMENT)]
    assert found == []


def test_it_has_what_the_specification_asks_for() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert all({"host", "protocol"} <= server.keys() for server in DOCUMENT["servers"].values())
    for server in DOCUMENT["servers"].values():
        assert set(re.findall(r"{(\w+)}", server["host"])) == set(server["variables"])
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert "channel" in operation
    names = [*DOCUMENT["components"]["messages"], *DOCUMENT["components"]["schemas"]]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert resolve(reference)


def test_an_operation_has_only_messages_of_its_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        for side in (operation, operation.get("reply", operation)):
            channel = side["channel"]["$ref"]
            assert side["messages"]
            assert all(m["$ref"].startswith(f"{channel}/messages/") for m in side["messages"])


def test_every_contract_is_a_message() -> None:
    assert set(DOCUMENT["channels"]["events"]["messages"]) == {
        f"{contract.type}.v{contract.version}" for contract in CONTRACTS.every
    }


def test_every_agent_that_consumes_is_an_operation_with_its_answer() -> None:
    for manifest in discover():
        operation = DOCUMENT["operations"].get(manifest.name)
        assert (operation is not None) == bool(manifest.consumes)
        if operation:
            assert types(operation) == set(manifest.consumes)
            assert types(operation.get("reply", {})) == ({manifest.emits} - {None})


def types(operation: dict[str, Any]) -> set[str]:
    names = {resolve(m["$ref"])["$ref"] for m in operation.get("messages", ())}
    return {resolve(name)["name"] for name in names}


def test_the_gatehouse_sends_nothing_without_a_contract() -> None:
    assert set(PLATFORM) <= set(CONTRACTS.types)


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_every_example_fits_its_message_and_no_other(name: str) -> None:
    every = DOCUMENT["components"]["messages"]
    examples = [example["payload"] for example in every[name]["examples"]]
    assert examples
    for other, message in every.items():
        fits = validator(payload(message)).is_valid
        assert all(fits(example) == (other == name) for example in examples), other
