"""The smallest instance fits its schema, whatever the schema; what it cannot fit it refuses."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from local.model.backends.scripted.minimal_instance import minimal_instance
from local.model.errors import InvalidRequest

NUMBERS = st.builds(
    lambda low, width, kind: {"type": kind, "minimum": low, "maximum": low + width},
    st.integers(-9, 9),
    st.integers(0, 9),
    st.sampled_from(["integer", "number"]),
)
LEAVES = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": ["string", "null"]}),
    st.builds(lambda length: {"type": "string", "minLength": length}, st.integers(0, 4)),
    st.builds(lambda values: {"enum": values}, st.lists(st.text(), min_size=1)),
    st.builds(lambda value: {"const": value}, st.integers()),
    NUMBERS,
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 3),
        ),
        st.builds(
            lambda parts: {"type": "object", "properties": parts, "required": sorted(parts)},
            st.dictionaries(st.text(max_size=3), inner, max_size=3),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=6,
)


@given(SCHEMAS)
def test_the_instance_fits_and_is_the_same_every_time(schema: dict[str, Any]):
    instance = minimal_instance(schema)
    jsonschema.validate(instance, schema)
    assert minimal_instance(schema) == instance


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        ({"type": "object", "properties": {"a": {}, "b": {"type": "integer"}}}, {}),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "exclusiveMaximum": -1}, -2),
        ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "string", "format": "date"}, "2000-01-01"),
        ({"type": "string", "pattern": "^A[0-9]$", "examples": ["A1"]}, "A1"),
        ({"type": "array", "prefixItems": [{"const": 1}], "minItems": 2}, [1, None]),
        (
            {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "boolean"}}}]},
            {"a": False},
        ),
        ({"$defs": {"a/b": {"const": 7}}, "$ref": "#/$defs/a~1b"}, 7),
    ],
)
def test_the_instance_is_the_smallest(schema: dict[str, Any], instance: Any):
    assert minimal_instance(schema) == instance


def test_what_pydantic_writes_is_understood():
    class Topic(BaseModel):
        name: str = Field(min_length=1)

    class Sentiment(BaseModel):
        score: float = Field(ge=-1, le=1)
        topics: list[Topic] = Field(min_length=1)
        remark: str | None

    instance = minimal_instance(Sentiment.model_json_schema())
    assert Sentiment.model_validate(instance).topics[0].name == "x"


def test_a_pattern_without_an_example_is_refused_by_its_place():
    schema = {"type": "object", "properties": {"id": {"type": "string", "pattern": "^A"}}}
    with pytest.raises(InvalidRequest, match=r"'pattern' at \$\.id"):
        minimal_instance({**schema, "required": ["id"]})
