"""The smallest instance that a JSON schema accepts, the same one every time.

For replies of which only the shape matters. It follows what structured output allows; whatever it
cannot build (a ``pattern`` without an example, say) is refused by name, never guessed.
"""

import math
from typing import Any

from local.model.errors import InvalidRequest
from local.model.messages import Untyped

_FORMATS = {
    "date": "2000-01-01",
    "date-time": "2000-01-01T00:00:00Z",
    "duration": "PT0S",
    "email": "a@example.com",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def minimal_instance(schema: Untyped) -> Any:
    """Give the instance, or say which part of the schema needs a reply written by hand."""
    from jsonschema import Draft202012Validator  # takes 1.5 s, which most scripts never need

    instance = _of(schema, schema)
    for fault in Draft202012Validator(schema).iter_errors(instance):
        raise InvalidRequest(
            f"from_schema cannot satisfy '{fault.validator}' at {fault.json_path}: "
            "add an example there, or write the reply in the rule."
        )
    return instance


def _of(schema: Any, root: Untyped) -> Any:
    if not isinstance(schema, dict):
        return None  # the schema true, which accepts anything, or false, which nothing satisfies
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    parts = _parts(schema, root)
    return _of(_merged(parts), root) if parts else _typed(schema, root)


def _parts(schema: Untyped, root: Untyped) -> list[Untyped]:
    """Split off one level of composition: a reference, a choice (the first one), a conjunction."""
    for keyword in ("$ref", "anyOf", "oneOf", "allOf"):
        if keyword in schema:
            rest = {key: value for key, value in schema.items() if key != keyword}
            inner = schema[keyword]
            if keyword == "$ref":
                return [_resolved(inner, root), rest]
            return [rest, *(inner if keyword == "allOf" else inner[:1])]
    return []


def _merged(parts: list[Untyped]) -> Untyped:
    merged: Untyped = {}
    for part in parts:
        joined = {
            "properties": {**merged.get("properties", {}), **part.get("properties", {})},
            "required": [*merged.get("required", []), *part.get("required", [])],
        }
        merged = {**merged, **part, **{key: value for key, value in joined.items() if value}}
    return merged


def _resolved(reference: str, root: Untyped) -> Untyped:
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found[part.replace("~1", "/").replace("~0", "~")]
    resolved: Untyped = found
    return resolved


def _typed(schema: Untyped, root: Untyped) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            known = schema.get("properties", {})
            return {name: _of(known.get(name, True), root) for name in schema.get("required", [])}
        case "array":
            first = [_of(item, root) for item in schema.get("prefixItems", [])]
            missing = max(0, schema.get("minItems", 0) - len(first))
            return first + [_of(schema.get("items", True), root)] * missing
        case "string":
            return _string(schema)
        case "integer" | "number" as numeric:
            return _number(schema, whole=numeric == "integer")
        case "boolean":
            return False
    return None


def _string(schema: Untyped) -> Any:
    if "pattern" in schema:
        return [*schema.get("examples", []), schema.get("default", "")][0]
    return _FORMATS.get(schema.get("format", ""), "x" * schema.get("minLength", 0))


def _number(schema: Untyped, *, whole: bool) -> Any:
    """Give zero if it may be, else the allowed number next to it."""
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    nearest = min(max(0, low), high)
    step = schema.get("multipleOf", 1 if whole else 0)
    if step:
        nearest = math.ceil(nearest / step) * step
    if nearest == schema.get("exclusiveMinimum"):
        nearest = nearest + step if step else _between(low, high)
    elif nearest == schema.get("exclusiveMaximum"):
        nearest = nearest - step if step else _between(low, high)
    return nearest


def _between(low: float, high: float) -> float:
    if math.isinf(low) or math.isinf(high):
        return high - 1 if math.isinf(low) else low + 1
    return (low + high) / 2
