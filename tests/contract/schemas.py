"""Contracts drawn at random, and random changes of them."""

from typing import Any

from hypothesis import strategies as st

Draw = Any
NAMES = ("id", "f", "g")
LIMITS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
TYPES = ("null", "boolean", *LIMITS)


@st.composite
def schemas(draw: Draw, depth: int = 2) -> Any:
    """A schema of any of the kinds that contracts are made of, and some that they should not be."""
    kind = draw(st.sampled_from(["type"] * 5 + ["enum", "union", "any", "odd"]))
    if kind == "enum" or (kind == "union" and not depth):
        return {"enum": draw(st.lists(st.sampled_from(["a", "b", 1, True, None]), min_size=1))}
    if kind == "union":
        parts = draw(st.lists(schemas(depth - 1), min_size=1, max_size=3))
        return {draw(st.sampled_from(["anyOf", "oneOf"])): parts}
    if kind == "any":
        return draw(st.sampled_from([{}, True]))
    typed = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True))
    found = {"type": typed} | (draw(_odd(depth)) if kind == "odd" else {})
    for type_ in typed:
        found |= draw(_rules(type_, depth))
    return found


@st.composite
def _rules(draw: Draw, type_: str, depth: int) -> Any:
    named = draw(st.lists(st.sampled_from(LIMITS.get(type_, ("description",))), max_size=1))
    found = {name: draw(st.integers(1, 4)) for name in named if name != "description"}
    if type_ == "array" and depth:
        found |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "items": schemas(depth - 1),
                    "prefixItems": st.lists(schemas(depth - 1), min_size=1, max_size=2),
                    "uniqueItems": st.booleans(),
                },
            )
        )
    if type_ == "object" and depth:
        found |= draw(
            st.fixed_dictionaries(
                {"properties": st.dictionaries(st.sampled_from(NAMES), schemas(depth - 1))},
                optional={
                    "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
                    "additionalProperties": st.booleans() | schemas(depth - 1),
                },
            )
        )
    return found


def _odd(depth: int) -> st.SearchStrategy[Any]:
    """Rules that the comparison does not understand."""
    part: st.SearchStrategy[Any] = st.fixed_dictionaries(
        {"properties": st.dictionaries(st.sampled_from(NAMES), st.just({}))}
    )
    return st.one_of(
        st.fixed_dictionaries({"allOf": st.lists(part, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": part}),
        st.fixed_dictionaries({"if": part, "then": part}),
        st.fixed_dictionaries({"patternProperties": st.just({"^f": {"type": "integer"}})}),
    )


@st.composite
def changed(draw: Draw, schema: Any) -> Any:
    """The same with a few things different."""
    if not isinstance(schema, dict) or draw(st.integers(0, 5)) == 0:
        return draw(st.just(schema) | schemas(1))
    found = {k: draw(_changed_rule(k, v)) for k, v in schema.items() if draw(st.integers(0, 9))}
    if "properties" in found and draw(st.booleans()):
        found["properties"] = {
            **found["properties"],
            draw(st.sampled_from(NAMES)): draw(schemas(1)),
        }
    return found


@st.composite
def _changed_rule(draw: Draw, keyword: str, value: Any) -> Any:
    if draw(st.booleans()):
        return value
    found = value
    match keyword:
        case "properties":
            kept = {name: part for name, part in value.items() if draw(st.integers(0, 5))}
            found = {name: draw(changed(part)) for name, part in kept.items()}
        case "items" | "additionalProperties":
            found = draw(changed(value))
        case "anyOf" | "oneOf" | "prefixItems":
            found = [draw(changed(part)) for part in value]
        case "type":
            found = [*dict.fromkeys([*value, draw(st.sampled_from(TYPES))])]
        case "enum":
            found = [*value, draw(st.sampled_from(["a", "c", 2, False]))]
        case _ if type(value) is int and value > 1:
            found = value + draw(st.sampled_from([-1, 1]))
    return found
