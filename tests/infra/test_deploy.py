"""A second deploy of the same input changes nothing, wherever and whenever it is made."""

import filecmp
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moto import mock_aws

from infra.blueprint import ROOT
from local.template import Stack, load
from tests.infra.moto_account import ACCOUNT, Account, deployable
from tests.infra.templates import Template

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
ELSEWHERE = {
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "4711",
    "PYTHONPATH": str(ROOT),
    "TZ": "Pacific/Auckland",
}


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second synth: another process, folder, home, time zone and order of hashes."""
    home = tmp_path_factory.mktemp("elsewhere")
    out = home / "assembly"
    done = subprocess.run(
        [sys.executable, "-m", "infra.synth", "--output", str(out)],
        cwd=home,
        env={"PATH": os.defpath, **ELSEWHERE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_second_synth_elsewhere_is_byte_for_byte_the_first(
    deployed: list[Template], again: Path
) -> None:
    first = deployed[0].file.parent
    assert files(first) == files(again)
    same, *others = filecmp.cmpfiles(first, again, files(first), shallow=False)
    assert (others, len(same)) == ([[], []], len(files(first)))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    logging.getLogger("moto.cloudformation.parsing").setLevel(logging.ERROR)
    with mock_aws():
        yield


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.usefixtures("account")
def test_a_region_is_deployed_once_and_a_second_deploy_changes_nothing(
    deployed: list[Template], again: Path, region: str
) -> None:
    first, second = load(deployed[0].file.parent, region), load(again, region)
    moto = Account(region)
    moto.publish(first)
    for stack in first:
        assert moto.create(stack) == "CREATE_COMPLETE", stack.name
        assert moto.ids(stack).keys() == deployable(stack)["Resources"].keys(), stack.name
    made = {stack.name: moto.ids(stack) for stack in first}
    assert {stack.name: moto.changes(stack) for stack in second} == {s.name: [] for s in first}
    assert {stack.name: moto.ids(stack) for stack in first} == made


@pytest.mark.usefixtures("account")
def test_a_change_is_seen_where_it_is_and_nowhere_else(deployed: list[Template]) -> None:
    stacks = load(deployed[0].file.parent, "us-east-1")
    moto = Account("us-east-1")
    moto.publish(stacks)
    for stack in stacks:
        moto.create(stack)
    state = next(stack for stack in stacks if stack.name.endswith("-state"))
    table = next(i for i, r in state.resources.items() if r["Type"] == "AWS::DynamoDB::Table")
    assert moto.changes(with_tag(state, table)) == [("Modify", table)]


def with_tag(stack: Stack, id_: str) -> Stack:
    """The stack with a tag more on one resource."""
    resource = stack.resources[id_]
    tags = [*resource["Properties"]["Tags"], {"Key": "a", "Value": "b"}]
    changed = {**resource, "Properties": {**resource["Properties"], "Tags": tags}}
    return replace(
        stack, template={**stack.template, "Resources": {**stack.resources, id_: changed}}
    )
