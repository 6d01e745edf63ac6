"""Which contracts there are, and what is wrong with data: where, why, and never what was sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.conformity import FORMATS, MOST, Checker
from functions.domain.contracts import Contracts, released
from functions.domain.errors import InvalidInput

ID = {"type": "string", "pattern": "^[a-z]+$"}
LINE = {"type": "object", "required": ["sku"], "properties": {"sku": ID, "count": {"minimum": 1}}}
ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": ID,
        "a/b~c": {"type": "integer"},
        "lines": {"type": "array", "maxItems": 3, "items": LINE},
        "free": {"type": "object"},
    },
}


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    for type_, version in (("order.created", 1), ("order.created", 2), ("order.created", 10)):
        write(tmp_path, type_, version)
    write(tmp_path, "ticket.opened", 1)
    return Contracts.load(tmp_path)


def write(folder: Path, type_: str, version: int, **more: Any) -> Path:
    file = folder / type_ / f"v{version}.schema.json"
    file.parent.mkdir(exist_ok=True)
    schema = {"$id": f"urn:gatehouse:event:{type_}:v{version}", **ORDER, **more}
    file.write_text(json.dumps(schema), encoding="utf-8")
    return file


def wrong(data: dict[str, Any], schema: dict[str, Any] = ORDER) -> dict[str, str]:
    found = Checker(schema).violations(data, root="/data")
    return {violation["pointer"]: violation["detail"] for violation in found}


def test_versions_are_ordered_as_numbers(contracts: Contracts) -> None:
    assert contracts.types == ("order.created", "ticket.opened")
    assert contracts.versions("order.created") == (1, 2, 10)
    assert contracts.latest("order.created").version == 10


def test_an_event_names_its_contract_or_gets_the_latest(contracts: Contracts) -> None:
    named = contracts.named("order.created", "urn:gatehouse:event:order.created:v2")
    assert named.version == 2
    assert contracts.named("order.created", None).version == 10


def test_an_unknown_type_is_refused_with_those_that_there_are(contracts: Contracts) -> None:
    with pytest.raises(InvalidInput) as refused:
        contracts.named("order.made_up", None)
    assert "order.created, ticket.opened" in refused.value.detail
    assert "made_up" not in refused.value.detail
    assert refused.value.violations[0]["pointer"] == "/type"


@pytest.mark.parametrize(
    "dataschema",
    [
        "urn:gatehouse:event:order.created:v3",
        "urn:gatehouse:event:ticket.opened:v1",
        "urn:gatehouse:event:order.created:v02",
        "https://example.com/made-up",
        "",
    ],
)
def test_an_unknown_version_is_refused_with_those_that_there_are(
    contracts: Contracts, dataschema: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        contracts.named("order.created", dataschema)
    assert "v1" in refused.value.detail
    assert "v10" in refused.value.detail
    assert "made-up" not in refused.value.detail
    assert refused.value.violations[0]["pointer"] == "/dataschema"


def test_a_contract_under_a_false_name_is_refused_when_it_is_read(tmp_path: Path) -> None:
    file = write(tmp_path, "order.created", 1)
    file.rename(file.with_name("v2.schema.json"))
    with pytest.raises(ValueError, match=r"order\.created/v2\.schema\.json must have the \$id"):
        Contracts.load(tmp_path)


def test_before_the_first_release_nothing_is_released(tmp_path: Path) -> None:
    assert released(tmp_path) == ()


def test_every_fault_is_named_by_its_place(contracts: Contracts) -> None:
    found = contracts.check(
        "order.created", 1, {"a/b~c": "x", "lines": [{"sku": "a"}, {"sku": "B", "count": 0}]}
    )
    assert {violation["pointer"]: violation["detail"] for violation in found} == {
        "/data/id": "is required",
        "/data/a~1b~0c": "must be of type integer",
        "/data/lines/1/sku": "must match ^[a-z]+$",
        "/data/lines/1/count": "must be at least 1",
    }


def test_a_field_that_the_contract_does_not_name_is_refused_at_any_depth() -> None:
    found = wrong({"id": "a", "nickname": 1, "lines": [{"sku": "a", "nickname": 1}]})
    assert found == {
        "/data/*": "the contract has no such field",
        "/data/lines/0/*": "the contract has no such field",
    }


def test_an_object_without_named_fields_may_hold_any() -> None:
    assert wrong({"id": "a", "free": {"anything": {"goes": [1]}}}) == {}


def test_the_fields_of_the_alternative_that_fits_may_be_written_and_no_others() -> None:
    card = {"properties": {"kind": {"const": "card"}, "number": ID}, "required": ["kind"]}
    cash = {"properties": {"kind": {"const": "cash"}}, "required": ["kind"]}
    schema = {"type": "object", "oneOf": [card, cash], "properties": {"id": ID}}
    assert wrong({"kind": "card", "number": "a", "id": "a"}, schema) == {}
    assert wrong({"kind": "cash", "number": "a"}, schema) == {
        "/data/*": "the contract has no such field"
    }
    assert wrong({"kind": "cheque"}, schema) == {
        "/data": "must fit exactly one of the alternatives"
    }


def test_a_line_break_after_the_end_is_not_overlooked() -> None:
    assert wrong({"id": "a\n"}) == {"/data/id": "must match ^[a-z]+$"}


def test_no_more_is_said_than_helps() -> None:
    lines = {"type": "object", "properties": {"l": {"type": "array", "items": {"type": "null"}}}}
    assert len(Checker(lines).violations({"l": [1] * 100}, root="")) == MOST


@given(
    st.recursive(st.just("sécret"), lambda s: st.lists(s) | st.dictionaries(st.just("sécret"), s))
)
def test_nothing_of_the_data_is_repeated(value: Any) -> None:
    for data in ({"id": value}, {"lines": value}, {"lines": [{"sku": value}]}, {"sécret": value}):
        assert "cret" not in json.dumps(wrong(data), ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2026-11-16T08:14:30.25+01:00", "2026-11-16T08:14:30"),
        ("date-time", "2026-11-16T08:14:30Z", "2026-11-16T24:14:30Z"),
        ("email", "ada@example.com", "ada@"),
        ("uri", "https://example.com/a?b=c", "example.com/a"),
        ("uuid", "6F1B5B0E-8f6c-4c0a-9d5e-0c8b6f1e2a3d", "6f1b5b0e8f6c4c0a9d5e0c8b6f1e2a3d"),
    ],
)
def test_a_format_is_checked(name: str, good: str, bad: str) -> None:
    assert name in FORMATS
    schema = {"properties": {"id": {"type": "string", "format": name}}}
    assert wrong({"id": good}, schema) == {}
    assert wrong({"id": bad}, schema) == {"/data/id": f"must be a {name}"}
    assert list(wrong({"id": 5}, schema).values()) == ["must be of type string"]
