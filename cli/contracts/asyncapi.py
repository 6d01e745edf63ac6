"""AsyncAPI 3.0 for those who publish events and subscribe to them.

The document is made from the contracts and the manifests: what an agent consumes it receives, and
what it emits is its reply. It is seen from the gatehouse: who publishes is the other side of
``receive``.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from functions.domain.agent import AgentManifest
from functions.domain.contracts import Contract, Contracts
from functions.domain.names import JsonObject

VERSION = "1.0.0"
"""Of the interface, not of the code."""
CHANNEL = "events"
CONTENT_TYPE = "application/cloudevents+json"
PLATFORM = {
    "budget.restricted": "Tells that a team's policy restricts its runs",
    "budget.threshold_reached": "Tells that a budget has reached a threshold",
    "run.completed": "Tells what came of a run that nobody waited for",
    "run.failed": "Tells why a run that nobody waited for will not be tried again",
    "run.requested": "Hands a run that nobody waits for to its agent",
}
"""What the gatehouse itself sends."""
_IDENTITY = frozenset({"$schema", "$id", "$defs"})


def document(contracts: Contracts, agents: Iterable[AgentManifest], events: Path) -> JsonObject:
    """All events, who sends them and what is done with them."""
    messages = {_name(contract): _message(contract, events) for contract in contracts.every}
    envelope = json.loads((events / "envelope.schema.json").read_text(encoding="utf-8"))
    schemas = {"envelope": _schema(envelope, "envelope")}
    for contract in contracts.every:
        schemas |= _schemas(contract)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:gatehouse:events",
        "info": {
            "title": "Events of Agent Gatehouse",
            "version": VERSION,
            "description": "One topic in each region. Subscribe with a filter on the message "
            "attribute `type`; see docs/events.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"topic": _server()},
        "channels": {
            CHANNEL: {
                "address": None,
                "title": "The topic of a region",
                "description": "An SNS topic; its ARN is an output of the region's state stack.",
                "messages": {name: _reference("components", "messages", name) for name in messages},
            }
        },
        "operations": _operations(contracts, agents),
        "components": {"messages": messages, "schemas": schemas},
    }


def _server() -> JsonObject:
    return {
        "host": "sns.{region}.amazonaws.com",
        "protocol": "sns",
        "description": "Publish over POST /v1/events, which checks contracts; subscribe here.",
        "variables": {"region": {"description": "A region of the team's own zone."}},
    }


def _operations(contracts: Contracts, agents: Iterable[AgentManifest]) -> JsonObject:
    consuming = {a.name: _consuming(contracts, a) for a in agents if a.consumes}
    sending = {
        f"send_{type_.replace('.', '_')}": {
            "action": "send",
            "channel": _reference("channels", CHANNEL),
            "summary": summary,
            "messages": _messages(contracts, [type_]),
        }
        for type_, summary in PLATFORM.items()
    }
    return consuming | sending


def _consuming(contracts: Contracts, agent: AgentManifest) -> JsonObject:
    operation: JsonObject = {
        "action": "receive",
        "channel": _reference("channels", CHANNEL),
        "title": agent.title,
        "description": agent.description,
        "tags": [{"name": tag} for tag in sorted(agent.tags)],
        "messages": _messages(contracts, agent.consumes),
    }
    if agent.emits:
        operation["reply"] = {
            "channel": _reference("channels", CHANNEL),
            "messages": _messages(contracts, [agent.emits]),
        }
    return operation


def _messages(contracts: Contracts, types: Iterable[str]) -> list[JsonObject]:
    return [
        _reference("channels", CHANNEL, "messages", f"{type_}.v{version}")
        for type_ in types
        for version in contracts.versions(type_)
    ]


def _message(contract: Contract, events: Path) -> JsonObject:
    rest = {
        "type": "object",
        "properties": {
            "type": {"const": contract.type},
            "dataschema": {"const": contract.uri},
            "data": _reference("components", "schemas", _name(contract)),
        },
    }
    return {
        "name": contract.type,
        "title": contract.schema["title"],
        "summary": contract.schema["description"],
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["type", "team"],
            "properties": {"type": {"const": contract.type}, "team": {"type": "string"}},
            "description": "Attributes of the SNS message, to filter by.",
        },
        "payload": {"allOf": [_reference("components", "schemas", "envelope"), rest]},
        "examples": [_example(file) for file in _samples(contract, events)],
        "x-owner": contract.schema["x-owner"],
    }


def _samples(contract: Contract, events: Path) -> list[Path]:
    return sorted((events / contract.type / "samples").glob(f"v{contract.version}-*.json"))


def _example(file: Path) -> JsonObject:
    name = file.stem.partition("-")[2]
    return {"name": name, "payload": json.loads(file.read_text(encoding="utf-8"))}


def _schemas(contract: Contract) -> dict[str, JsonObject]:
    """A contract and its definitions, which move to the document's own."""
    name = _name(contract)
    inner = contract.schema.get("$defs", {})
    return {
        name: _schema(contract.schema, name),
        **{f"{name}.{part}": _schema(schema, name) for part, schema in inner.items()},
    }


def _schema(schema: JsonObject, name: str) -> JsonObject:
    rules = {k: v for k, v in schema.items() if k not in _IDENTITY}
    found: JsonObject = _moved(rules, name)
    return found


def _moved(part: Any, name: str) -> Any:
    match part:
        case {"$ref": str(reference)}:
            moved = f"{name}.{reference.removeprefix('#/$defs/')}"
            return {**part, **_reference("components", "schemas", moved)}
        case dict():
            return {keyword: _moved(value, name) for keyword, value in part.items()}
        case list():
            return [_moved(value, name) for value in part]
    return part


def _reference(*steps: str) -> JsonObject:
    return {"$ref": "/".join(("#", *steps))}


def _name(contract: Contract) -> str:
    return f"{contract.type}.v{contract.version}"
