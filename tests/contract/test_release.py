"""A release records contracts, and refuses those that break what was released."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.contracts.commands import app
from cli.contracts.release import NotCompatible, release, unreleased
from functions.domain.contracts import RELEASED, released

TEXT = {"type": "string"}
FULL = {"x-compatibility": "FULL"}
NULLABLE = {"properties": {"id": {"type": ["string", "null"]}}}


def write(folder: Path, rules: dict[str, Any] | None = None, *, version: int = 1) -> None:
    schema = {
        "$id": f"urn:gatehouse:event:order.created:v{version}",
        "x-compatibility": "BACKWARD",
        "type": "object",
        "properties": {"id": TEXT},
        **(rules or {}),
    }
    file = folder / "order.created" / f"v{version}.schema.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(schema), encoding="utf-8")


def check(folder: Path) -> Result:
    return CliRunner().invoke(app, ["check", "--folder", str(folder)])


def test_a_release_keeps_every_revision_in_its_order(tmp_path: Path) -> None:
    for properties in ({"id": TEXT}, {"id": TEXT, "note": TEXT}):
        write(tmp_path, {"properties": properties})
        assert [contract.name for contract in release(tmp_path)] == ["order.created/v1"]
    assert release(tmp_path) == ()
    (found,) = released(tmp_path)
    assert [set(revision["properties"]) for revision in found.revisions] == [
        {"id"},
        {"id", "note"},
    ]


def test_a_new_version_stands_beside_the_old_one_and_may_be_anything(tmp_path: Path) -> None:
    write(tmp_path)
    release(tmp_path)
    write(tmp_path, {"properties": {"number": {"type": "integer"}}}, version=2)
    assert check(tmp_path).exit_code == 0
    release(tmp_path)
    assert [one.name for one in released(tmp_path)] == ["order.created/v1", "order.created/v2"]


def test_a_broken_promise_is_not_released_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path)
    release(tmp_path)
    before = (tmp_path / RELEASED).read_bytes()
    write(tmp_path, {"required": ["id"]})
    with pytest.raises(NotCompatible, match=r"order\.created/v1 /id: required-added"):
        release(tmp_path)
    assert (tmp_path / RELEASED).read_bytes() == before


def test_the_check_names_place_and_rule_and_what_to_do_instead(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    release(tmp_path)
    write(tmp_path, {**NULLABLE, **FULL})
    told = check(tmp_path)
    assert told.exit_code == 1
    assert "order.created/v1 /id  type-widened" in told.output
    assert "data from now on may be null; the released contract does not take it" in told.output
    assert "put the change into events/order.created/v2.schema.json" in told.output
    assert "1 contracts, 1 released, 1 promises broken" in told.output


def test_a_contract_of_less_promise_lets_more_change(tmp_path: Path) -> None:
    write(tmp_path)
    release(tmp_path)
    write(tmp_path, NULLABLE)
    assert check(tmp_path).exit_code == 0
    assert [contract.name for contract in unreleased(tmp_path)] == ["order.created/v1"]


def test_a_promise_to_readers_is_not_taken_back(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    release(tmp_path)
    write(tmp_path)
    told = check(tmp_path)
    assert told.exit_code == 1
    assert "promise-narrowed" in told.output


def test_a_released_contract_is_not_removed(tmp_path: Path) -> None:
    write(tmp_path)
    release(tmp_path)
    (tmp_path / "order.created" / "v1.schema.json").unlink()
    told = check(tmp_path)
    assert told.exit_code == 1
    assert "contract-removed" in told.output
    assert "Put events/order.created/v1.schema.json back" in told.output


def test_a_contract_that_leads_back_to_itself_is_no_reason_to_crash(tmp_path: Path) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    circle = {"properties": {"id": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}}
    write(tmp_path, circle)
    release(tmp_path)
    assert check(tmp_path).exit_code == 0
    write(tmp_path, {**circle, "title": "A"})
    told = check(tmp_path)
    assert told.exit_code == 1
    assert "leads back to itself" in told.output


def test_a_contract_that_is_no_json_is_told_in_a_sentence(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "order.created" / "v1.schema.json").write_text("{", encoding="utf-8")
    told = check(tmp_path)
    assert told.exit_code == 1
    assert "events/order.created/v1.schema.json is no JSON" in told.output
