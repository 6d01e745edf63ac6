"""Whether two schemas have nothing in common, as the alternatives of a ``oneOf`` must."""

from cli.contracts.shape import Shape, branches, is_union, types
from functions.domain.conformity import validator
from functions.domain.names import JsonObject


def disjoint(one: Shape, other: Shape) -> bool:
    """Whether provably nothing fits both."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is False or other is False
    for node, against in ((one, other), (other, one)):
        if is_union(node):
            return all(disjoint(branch, against) for branch in branches(node))
        if "enum" in node:
            fits = validator(against).is_valid
            return not any(fits(value) for value in node["enum"])
    if not _kinds(one) & _kinds(other):
        return True
    return _kinds(one) == _kinds(other) == {"object"} and _told_apart(one, other)


def _told_apart(one: JsonObject, other: JsonObject) -> bool:
    """Whether two objects need a field that cannot fit both."""
    ours, theirs = one.get("properties", {}), other.get("properties", {})
    needed = {*one.get("required", ()), *other.get("required", ())}
    return any(disjoint(ours[name], theirs[name]) for name in needed & ours.keys() & theirs.keys())


def _kinds(node: JsonObject) -> set[str]:
    kinds = set(types(node))
    return kinds | {"integer"} if "number" in kinds else kinds
