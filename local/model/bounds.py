"""Bounds that a schema tells in words, as bounds again.

Bedrock refuses ``maxLength`` and its kin, so callers write them at the end of a field's
description, as a JSON object. A large model reads them there. A small one needs them enforced: an
unbounded string is an invitation to write until the tokens are used up.
"""

import json
import re
from typing import Any

BOUNDS = frozenset(
    {
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minItems",
        "maxItems",
    }
)
"""Those that a grammar or a minimal instance can keep."""
AT_THE_END = re.compile(r"\{[^{}]*\}\s*$")


def bounded(schema: Any) -> Any:
    """The same schema with the bounds of its descriptions beside its other keywords."""
    if isinstance(schema, list):
        return [bounded(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    told = _told(schema.get("description"))
    return {**told, **{name: bounded(part) for name, part in schema.items()}}


def _told(description: object) -> dict[str, Any]:
    found = AT_THE_END.search(description) if isinstance(description, str) else None
    try:
        told = json.loads(found[0]) if found else {}
    except ValueError:
        return {}  # a description that only happens to end in braces
    return {name: value for name, value in told.items() if name in BOUNDS}
