"""JSON schemas as Bedrock's structured output takes them.

It refuses a schema with bounds (``maxLength``, ``maxItems``, ``minimum``, …) and wants every object
closed. The bounds stay true, since the reply is validated here; the model is told of them in the
description, as JSON, where it can read them.
"""

import json
from typing import Any

from functions.domain.names import JsonObject

BOUNDS = (
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
)
LEFT_OUT = ("title", "default", "examples", "discriminator")


def portable(schema: JsonObject) -> JsonObject:
    """The same schema without what the provider refuses."""
    moved: JsonObject = _portable(schema)
    return moved


def _portable(part: Any) -> Any:
    if isinstance(part, list):
        return [_portable(item) for item in part]
    if not isinstance(part, dict):
        return part
    bounds = {name: part[name] for name in BOUNDS if name in part}
    kept = {
        name: _named(value) if name in ("properties", "$defs") else _portable(value)
        for name, value in part.items()
        if name not in BOUNDS and name not in LEFT_OUT
    }
    if bounds:
        description = kept.get("description", "")
        kept["description"] = f"{description} {json.dumps(bounds)}".strip()
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
        # With every property required there is one shape to fill in, and no way to forget a field.
        kept["required"] = list(kept.get("properties", {}))
    return kept


def _named(parts: dict[str, Any]) -> dict[str, Any]:
    """The values of a map whose keys are names, not keywords: a field may be called ``title``."""
    return {name: _portable(value) for name, value in parts.items()}
