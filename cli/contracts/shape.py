"""Schemas brought into one form: references followed, annotations dropped, unions split by type.

What the proof in :mod:`cli.contracts.inclusion` does not understand stays in the form as it is, so
that it is seen there and nothing is proved by overlooking it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from functions.domain.closed import referenced
from functions.domain.names import JsonObject

Shape = JsonObject | bool

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
UNIONS = ("anyOf", "oneOf")
UNDERSTOOD = frozenset(
    {
        *("type", "enum", *UNIONS),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "format"),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
        *("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    }
)
ANNOTATIONS = frozenset(
    {
        *("$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples"),
        *("deprecated", "readOnly", "writeOnly"),
    }
)
_SCHEMAS = frozenset({"items", "additionalProperties"})
_LISTS = frozenset({"anyOf", "oneOf", "prefixItems"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """Data of one type, or one of a list of values, that may stand somewhere."""

    node: JsonObject
    names_all: bool
    """Whether an object has only the fields that it names."""

    @property
    def type(self) -> str:
        return str(self.node["type"][0])


def shape(schema: JsonObject) -> JsonObject:
    """A contract in the form that can be compared.

    Raises:
        ValueError: a ``$ref`` leads nowhere, or back to itself.
    """
    return _object(schema, schema, ())


def same(one: Shape, other: Shape) -> bool:
    """Equal as JSON; Python would take ``true`` for ``1``."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def types(node: JsonObject) -> tuple[str, ...]:
    return tuple(node.get("type", TYPES))


def is_union(node: JsonObject) -> bool:
    return any(keyword in node for keyword in UNIONS)


def branches(node: JsonObject) -> tuple[Shape, ...]:
    return tuple(branch for keyword in UNIONS for branch in node.get(keyword, ()))


def alternatives(node: Shape) -> Iterator[Alternative]:
    """What may be written here, one type at a time.

    Together they hold at least all that the schema allows; a restriction that is not understood
    is left out, which can only make them more.
    """
    if isinstance(node, bool):
        node = {} if node else {"enum": []}
    several_objects = sum(_may_be_object(branch) for branch in node.get("anyOf", ())) > 1
    if is_union(node):
        for branch in branches(node):
            for one in alternatives(branch):
                # Data that fits two alternatives of an anyOf may have the fields of both.
                names_all = one.names_all and not several_objects and len(node) == 1
                yield Alternative(one.node, names_all)
    elif "enum" in node:
        yield Alternative(node, names_all=True)
    else:
        names_all = "properties" in node and node.keys() <= UNDERSTOOD
        for type_ in types(node):
            yield Alternative({**node, "type": [type_]} | _finite(type_), names_all)


def _finite(type_: str) -> JsonObject:
    """Types with so few values that they can be counted."""
    values: dict[str, list[Any]] = {"null": [None], "boolean": [False, True]}
    return {"enum": values[type_]} if type_ in values else {}


def _may_be_object(node: Shape) -> bool:
    if isinstance(node, bool):
        return node
    if is_union(node):
        return any(_may_be_object(branch) for branch in branches(node))
    if "enum" in node:
        return any(isinstance(value, dict) for value in node["enum"])
    return "object" in types(node)


def _shape(schema: Shape, root: JsonObject, above: tuple[str, ...]) -> Shape:
    return schema if isinstance(schema, bool) else _object(schema, root, above)


def _object(schema: JsonObject, root: JsonObject, above: tuple[str, ...]) -> JsonObject:
    rules = {k: v for k, v in schema.items() if k not in ANNOTATIONS and not k.startswith("x-")}
    reference = rules.pop("$ref", None)
    if reference is not None:
        return _followed(reference, rules, root, above)
    found = {k: _part(k, v, root, above) for k, v in rules.items()}
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "type" in found:
        found["type"] = sorted([found["type"]] if isinstance(found["type"], str) else found["type"])
    return _typed_union(found)


def _followed(
    reference: str, rules: JsonObject, root: JsonObject, above: tuple[str, ...]
) -> JsonObject:
    if reference in above:
        msg = f"{reference} leads back to itself; a contract that ends nowhere cannot be compared"
        raise ValueError(msg)
    found = _object(referenced(reference, root), root, (*above, reference))
    if not rules:
        return found
    return {"allOf": [found, _object(rules, root, above)]}


def _part(keyword: str, value: Any, root: JsonObject, above: tuple[str, ...]) -> Any:
    if keyword == "properties":
        return {name: _shape(part, root, above) for name, part in value.items()}
    if keyword in _LISTS:
        return [_shape(part, root, above) for part in value]
    return _shape(value, root, above) if keyword in _SCHEMAS else value


def _typed_union(node: JsonObject) -> JsonObject:
    """A union with a type beside it, with the type moved into its alternatives."""
    union = next((keyword for keyword in UNIONS if keyword in node), None)
    if union is None or node.keys() != {"type", union}:
        return node
    inner = [{} if branch is True else branch for branch in node[union]]
    if any(branch is False or branch.get("type", node["type"]) != node["type"] for branch in inner):
        return node
    return {union: [_typed_union({**branch, "type": node["type"]}) for branch in inner]}
