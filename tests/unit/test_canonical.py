"""JSON is read strictly and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1e400}', "Out of range"),
        ('{"a": 1, "a": 2}', "the same key twice"),
        ('{"a": "\\ud800"}', "surrogate"),
        ("[1]", "no object"),
        ('{"a": }', "line 1, column 7"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "limit"),
        ("", "line 1"),
    ],
)
def test_what_json_forbids_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        canonical.read_object(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": 100}', '{"a": 1e2}'),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ('{"a":[1,{"b":0}]}', ' {"a": [1, {"b": -0.0}]} '),
        ('{"a": "\\u00e9"}', '{"a": "é"}'),
    ],
)
def test_equal_bodies_are_one_text(one: str, other: str) -> None:
    assert canonical.write(canonical.read_object(one)) == canonical.write(
        canonical.read_object(other)
    )


@pytest.mark.parametrize(("one", "other"), [({"a": 1}, {"a": "1"}), ({"a": None}, {}), ([], {})])
def test_different_bodies_are_different_texts(one: object, other: object) -> None:
    assert canonical.write(one) != canonical.write(other)


@given(st.dictionaries(st.text(), VALUES))
def test_what_was_written_reads_back_and_writes_the_same(value: dict[str, object]) -> None:
    try:
        text = canonical.write(value)
        text.encode()
    except UnicodeEncodeError:
        return
    assert canonical.write(canonical.read_object(text)) == text
