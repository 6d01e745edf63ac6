"""Loading a cloud assembly."""

from pathlib import Path

import pytest

from local.template import TemplateError, load
from tests.unit.local.assemblies import Assembly

EMPTY: dict[str, object] = {"Resources": {}}


def names(assembly: Assembly, region: str = "eu-central-1") -> list[str]:
    return [stack.name for stack in assembly.load(region)]


def test_stacks_come_in_the_order_in_which_they_would_be_deployed(tmp_path: Path) -> None:
    assembly = Assembly(tmp_path)
    assembly.add("teams", EMPTY, depends_on=["edge"])
    assembly.add("edge", EMPTY, depends_on=["state"])
    assembly.add("state", EMPTY)
    assert names(assembly) == ["state", "edge", "teams"]


def test_stacks_of_other_regions_stay_out(tmp_path: Path) -> None:
    assembly = Assembly(tmp_path).add("eu", EMPTY).add("us", EMPTY, region="us-east-1")
    assert names(assembly) == ["eu"]
    assert names(assembly, "us-east-1") == ["us"]


def test_nested_assemblies_are_read_too(tmp_path: Path) -> None:
    inner = Assembly(tmp_path / "stage").add("inner", EMPTY)
    assert names(Assembly(tmp_path).nest("stage", inner)) == ["inner"]


def test_an_asset_is_known_by_its_object_key(tmp_path: Path) -> None:
    bundle = tmp_path / "asset.f00"
    assembly = Assembly(tmp_path).add("eu", EMPTY, bundles={"f00": bundle})
    assert assembly.load()[0].assets == {"f00.zip": bundle}


def test_a_missing_assembly_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"run 'python -m infra\.synth' first"):
        load(tmp_path, "eu-central-1")


def test_an_assembly_without_the_region_says_how_to_write_it(tmp_path: Path) -> None:
    Assembly(tmp_path).add("us", EMPTY, region="us-east-1")
    with pytest.raises(TemplateError, match=r"infra\.synth --region eu-west-1"):
        load(tmp_path, "eu-west-1")
