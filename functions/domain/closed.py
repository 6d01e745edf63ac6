"""Contracts as a writer must follow them: to the letter.

Where a contract names the fields of an object, a writer may write no other. So nobody can have used
a name before the contract did, and a later revision may add it. Readers do without this rule: to
them objects are open, and what they do not know they ignore.
"""

from typing import Any, cast

from functions.domain.names import JsonObject

IN_PLACE = ("allOf", "anyOf", "oneOf")
CONDITIONAL = ("if", "then", "else")


def closed(schema: JsonObject) -> JsonObject:
    """The contract as a writer must follow it."""
    return cast("JsonObject", _place(schema, schema))


def _place(node: object, root: JsonObject) -> object:
    """A schema for a place in the data, closed if it names the fields of an object there."""
    inner = _inner(node, root)
    if isinstance(inner, dict) and names_fields(node, root):
        return {**inner, "unevaluatedProperties": False}
    return inner


def _inner(node: object, root: JsonObject) -> object:
    """A schema with every place inside it closed, but not its own: it may be part of a whole."""
    if not isinstance(node, dict):
        return node
    return {keyword: _keyword(keyword, value, root) for keyword, value in node.items()}


def _keyword(keyword: str, value: Any, root: JsonObject) -> object:
    match keyword:
        case "properties" | "patternProperties":
            changed: object = {name: _place(part, root) for name, part in value.items()}
        case "items" | "additionalProperties":
            changed = _place(value, root)
        case "prefixItems":
            changed = [_place(part, root) for part in value]
        case "$defs" | "dependentSchemas":
            changed = {name: _inner(part, root) for name, part in value.items()}
        case _ if keyword in IN_PLACE:
            changed = [_inner(part, root) for part in value]
        case _ if keyword in CONDITIONAL:
            changed = _inner(value, root)
        case _:
            changed = value
    return changed


def names_fields(node: object, root: JsonObject) -> bool:
    """Whether a schema names fields of the object at its place, itself or by a part of it."""
    if not isinstance(node, dict):
        return False
    parts = [part for keyword in IN_PLACE for part in node.get(keyword, ())]
    parts += [node[keyword] for keyword in CONDITIONAL if keyword in node]
    parts += node.get("dependentSchemas", {}).values()
    if "$ref" in node:
        parts.append(referenced(node["$ref"], root))
    return "properties" in node or any(names_fields(part, root) for part in parts)


def referenced(reference: str, root: JsonObject) -> JsonObject:
    """The schema under ``$defs`` that a ``$ref`` names.

    Raises:
        ValueError: it names none; contracts stand alone, so there is nowhere else to look.
    """
    found = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
    if found is None:
        msg = f"$ref {reference!r}: a contract refers to nothing but its own $defs"
        raise ValueError(msg)
    return cast("JsonObject", found)
