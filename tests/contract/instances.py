"""Data that a schema allows, drawn at random: the judge of what the compatibility check says.

It knows the schemas of these tests and no others. Whatever it draws is checked against the schema
before it is used, so it may be generous.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

NAMES = ("id", "f", "g", "extra")
FORMATS = {
    "date": ["2026-02-28"],
    "date-time": ["2026-02-28T12:00:00Z", "2026-02-28T12:00:00.5+01:00"],
    "email": ["ada@example.com"],
    "uri": ["https://example.com/a", "urn:a:b"],
    "uuid": ["6f1b5b0e-8f6c-4c0a-9d5e-0c8b6f1e2a3d"],
}
ANYTHING = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "", "a", "longer than that"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=4,
)
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def instances(schema: Any, root: Any = None) -> st.SearchStrategy[Any]:
    """Mostly data that fits, with much of it at the bounds."""
    root = schema if root is None else root
    if isinstance(schema, bool) or not schema:
        return st.nothing() if schema is False else ANYTHING
    if "$ref" in schema:
        rest = {k: v for k, v in schema.items() if k != "$ref"}
        return instances({**root["$defs"][schema["$ref"].rpartition("/")[2]], **rest}, root)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            rest = {k: v for k, v in schema.items() if k != union}
            parts = [
                {**rest, **({} if part is True else part)}
                for part in schema[union]
                if part is not False
            ]
            return st.one_of([instances(part, root) for part in parts])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    types = schema.get("type", TYPES)
    types = [types] if isinstance(types, str) else types
    return st.one_of([_of_type(type_, schema, root) for type_ in types])


def _of_type(type_: str, schema: Any, root: Any) -> st.SearchStrategy[Any]:
    every: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "null": st.none,
        "boolean": st.booleans,
        "integer": lambda: _integers(schema),
        "number": lambda: _integers(schema) | _integers(schema).map(lambda n: n + 0.5),
        "string": lambda: _strings(schema),
        "array": lambda: _arrays(schema, root),
        "object": lambda: _objects(schema, root),
    }
    return every[type_]()


def _integers(schema: Any) -> st.SearchStrategy[int]:
    edges = [
        schema[k] + d
        for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        for d in (-1, 0, 1)
        if k in schema
    ]
    step = int(schema.get("multipleOf", 1)) or 1
    every = st.integers(-60, 60) | st.sampled_from([int(edge) for edge in edges] or [1000])
    return every | every.map(lambda n: n * step)


def _strings(schema: Any) -> st.SearchStrategy[str]:
    if "format" in schema:
        return st.sampled_from(FORMATS[schema["format"]])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    least, most = schema.get("minLength", 0), schema.get("maxLength", 60)
    return st.sampled_from([least, most, (least + most) // 2]).map("a".__mul__) | st.just("B?")


def _arrays(schema: Any, root: Any) -> st.SearchStrategy[list[Any]]:
    fixed = [instances(part, root) for part in schema.get("prefixItems", [])]
    least = schema.get("minItems", 0)
    most = max(least, schema.get("maxItems", least + 3))
    others = instances(schema.get("items", True), root)
    if others.is_empty and least > len(fixed):
        return st.nothing()
    rest = st.lists(
        others,
        min_size=max(0, least - len(fixed)),
        max_size=0 if others.is_empty else max(0, most - len(fixed)),
    )
    return st.builds(lambda head, tail: [*head, *tail], st.tuples(*fixed), rest)


@st.composite
def _objects(draw: Any, schema: Any, root: Any) -> dict[str, Any]:
    named, required = schema.get("properties", {}), schema.get("required", ())
    found = {
        name: draw(instances(part, root))
        for name, part in named.items()
        if part is not False and (name in required or draw(st.booleans()))
    }
    other = schema.get("additionalProperties", not named)
    for name in NAMES:
        wanted = name in required or (other is not False and draw(st.integers(0, 2)) == 0)
        if name not in named and wanted:
            found[name] = draw(instances(other or True, root))
    return found
