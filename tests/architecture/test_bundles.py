"""What is uploaded is small, complete and nobody else's."""

import shutil
from pathlib import Path

import pytest

from functions.agents import discover
from infra.blueprint import Blueprint, Sources
from infra.bundle import bundle, bundles, zipped_size
from infra.layers import Group, layer
from infra.reproducible import tree
from tests.infra.estates import estate, manifest
from tests.infra.sandbox import run_in_bundle

LARGEST_ZIPPED_BYTES = 8 * 1024 * 1024
NEVER_DEPLOYED = ("moto", "aws_cdk", "boto3", "botocore", "pytest", "hypothesis", "uvicorn")

LOAD_EVERYTHING = """
import importlib, sys
importlib.import_module("functions.entrypoints." + {entrypoint!r})
if {agents!r}:
    from functions import agents
    for manifest in agents.discover():
        agents.load(manifest.name)
        agents.prompt(manifest.name)
        for example in manifest.examples:
            agents.sample(manifest.name, example)
    assert [manifest.name for manifest in agents.discover()] == {agents!r}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every bundle as it would be deployed."""
    return bundles(Blueprint.read(), tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Two agents, one of them with a sample that it ships and one that it does not."""
    found = estate(
        tmp_path / "estate",
        agents={"echo": manifest(examples='["good"]'), "mirror": manifest()},
    )
    samples = found.agents / "echo" / "samples"
    samples.mkdir()
    for name in ("good", "bad"):
        (samples / f"{name}.json").write_text("{}", encoding="utf-8")
    return found


def test_every_bundle_with_its_layers_is_small(built: dict[str, Path]):
    packages = zipped_size(layer("functions", "aws"))
    cryptography = zipped_size(layer("authorizer", "aws"))
    for name, folder in built.items():
        if name != "authorizer":
            assert zipped_size(folder) + packages <= LARGEST_ZIPPED_BYTES, name
    assert zipped_size(built["authorizer"]) + packages + cryptography <= 2 * LARGEST_ZIPPED_BYTES


def test_no_bundle_has_a_test_or_a_cache(built: dict[str, Path]):
    for name, folder in built.items():
        files = [path.name for path in folder.rglob("*")]
        unwanted = [f for f in files if f.startswith(("test_", "conftest")) or "__pycache__" in f]
        assert not unwanted, name


def test_the_bundle_behind_a_queue_has_its_own_agent_and_no_other(built: dict[str, Path]):
    manifests = discover()
    assert manifests
    for manifest_ in manifests:
        agents = (built[f"queue-{manifest_.name}"] / "functions" / "agents").iterdir()
        assert {path.name for path in agents} == {"__init__.py", manifest_.name}


def test_nothing_of_a_developers_machine_is_deployed(built: dict[str, Path]):
    groups: tuple[Group, ...] = ("functions", "authorizer")
    for folder in (*built.values(), *(layer(group, "aws") / "python" for group in groups)):
        assert not {path.name for path in folder.iterdir()}.intersection(NEVER_DEPLOYED), folder


def test_a_bundle_and_its_layers_are_all_that_its_handler_needs(built: dict[str, Path]):
    for name, folder in built.items():
        entrypoint = name.partition("-")[0]
        agents = [path.parent.name for path in sorted(folder.glob("functions/agents/*/agent.toml"))]
        layers: tuple[Group, ...] = ("functions",)
        if entrypoint == "authorizer":
            layers = ("functions", "authorizer")
        code = LOAD_EVERYTHING.format(entrypoint=entrypoint, agents=agents)
        run_in_bundle(folder, code, layers=layers)


def test_a_file_of_ours_is_the_same_in_the_bundle_and_in_the_repository(built: dict[str, Path]):
    root = Sources().agents.parent.parent
    for folder in built.values():
        for name, path in tree(folder):
            assert path.read_bytes() == (root / name).read_bytes(), name


def test_the_same_input_gives_the_same_bundle_whenever_it_is_built(
    sources: Sources, tmp_path: Path
):
    agents = discover(sources.agents)
    first = bundle("http", agents, tmp_path / "first", sources)
    for _, path in tree(sources.agents):
        path.touch()
        path.chmod(0o600)
    second = bundle("http", agents, tmp_path / "second", sources)
    assert _fingerprint(first) == _fingerprint(second)


def test_a_bundle_that_has_not_changed_is_left_alone(sources: Sources, tmp_path: Path):
    agents = discover(sources.agents)
    out = bundle("queue", agents, tmp_path / "out", sources)
    before = out.stat().st_ino
    bundle("queue", agents, out, sources)
    assert out.stat().st_ino == before


def test_what_is_gone_from_the_repository_is_gone_from_the_bundle(sources: Sources, tmp_path: Path):
    out = bundle("http", discover(sources.agents), tmp_path / "out", sources)
    shutil.rmtree(sources.agents / "mirror")
    bundle("http", discover(sources.agents), out, sources)
    assert {p.name for p in (out / "functions" / "agents").iterdir()} == {"__init__.py", "echo"}


def test_an_agent_ships_the_samples_that_it_names_and_not_its_tests(
    sources: Sources, tmp_path: Path
):
    (echo, _) = discover(sources.agents)
    out = bundle("queue", [echo], tmp_path / "out", sources)
    shipped = {name for name, _ in tree(out / "functions" / "agents" / "echo")}
    assert shipped == {"agent.toml", "agent.py", "prompt.md", "samples/good.json"}


def test_a_bundle_carries_the_teams_and_zones_that_it_was_built_for(
    sources: Sources, tmp_path: Path
):
    out = bundle("authorizer", [], tmp_path / "out", sources)
    for name in ("teams", "zones"):
        carried = (out / "infra" / f"{name}.toml").read_bytes()
        assert carried == getattr(sources, name).read_bytes()


def _fingerprint(folder: Path) -> list[tuple[str, bytes, int, float]]:
    return [
        (name, path.read_bytes(), path.stat().st_mode, path.stat().st_mtime)
        for name, path in tree(folder)
    ]
