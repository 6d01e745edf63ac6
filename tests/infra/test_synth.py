"""A synth depends on its inputs alone, and is spared when they have not changed."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.blueprint import ROOT, Sources
from infra.synth import assembly
from tests.infra.estates import estate, manifest
from tests.infra.templates import templates

REGION = "us-east-1"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    home = tmp_path_factory.mktemp("synth") / "estate"
    us = 'us = ["us.anthropic.claude-haiku-4-5-20251001-v1:0"]'
    return estate(home, agents={"echo": manifest(us)})


@pytest.fixture(scope="module")
def first(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assembly(regions=[REGION], out=tmp_path_factory.mktemp("first") / "a", sources=sources)


def test_nothing_is_done_while_nothing_has_changed(sources: Sources, first: Path):
    assembly(regions=[REGION], out=first, sources=sources)
    said: list[str] = []
    assembly(regions=[REGION], out=first, sources=sources, say=said.append)
    assert said == [f"{first} is up to date"]


def test_a_changed_manifest_is_seen(sources: Sources, first: Path):
    def concurrency() -> int:
        (agent,) = (t for t in templates(first) if t.name.endswith("-agent-echo"))
        (mapping,) = agent.of_type("AWS::Lambda::EventSourceMapping").values()
        return int(mapping["ScalingConfig"]["MaximumConcurrency"])

    assert concurrency() == 10
    toml = sources.agents / "echo" / "agent.toml"
    toml.write_text(f"concurrency = 7\n{toml.read_text()}", encoding="utf-8")
    assembly(regions=[REGION], out=first, sources=sources)
    assert concurrency() == 7


def test_an_agent_is_deployed_to_its_zones_only(sources: Sources, tmp_path: Path):
    elsewhere = assembly(regions=["eu-west-1"], out=tmp_path / "eu", sources=sources)
    assert not [t for t in templates(elsewhere) if "-agent-" in t.name]
    (edge,) = (t for t in templates(elsewhere) if t.name.endswith("-edge"))
    http = [f for f in edge.of_type("AWS::Lambda::Function").values() if ".http." in f["Handler"]]
    assert not [*edge.asset(http[0]).glob("functions/agents/*/")]


def test_an_up_to_date_assembly_needs_neither_the_cdk_nor_node():
    assembly()
    code = (
        "import sys; from infra.synth import main; status = main([]);"
        "sys.exit(status or 'aws_cdk' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
