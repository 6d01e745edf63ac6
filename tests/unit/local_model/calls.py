"""Calls for the unit tests, parsed as the endpoint parses them."""

import json
from typing import Any

from local.model.converse import ConverseRequest, parse
from local.model.generation import Call


def call(*texts: str, model_id: str = "eu.model", **body: Any) -> Call:
    """A call whose messages say these texts, user and assistant in turn."""
    messages = [
        {"role": "assistant" if turn % 2 else "user", "content": [{"text": text}]}
        for turn, text in enumerate(texts)
    ]
    raw = {"messages": messages, **body}
    request, document = parse(ConverseRequest, json.dumps(raw).encode())
    return Call(model_id, request, document)


def structured(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An output config that asks for structured output."""
    wanted = {"jsonSchema": {"name": name, "schema": json.dumps(schema)}}
    return {"textFormat": {"type": "json_schema", "structure": wanted}}


def tools(*names: str, choice: dict[str, Any] | None = None, **schema: Any) -> dict[str, Any]:
    """A tool config of tools that share one input schema."""
    specs = [{"toolSpec": {"name": name, "inputSchema": {"json": schema}}} for name in names]
    return {"tools": specs, **({"toolChoice": choice} if choice else {})}
