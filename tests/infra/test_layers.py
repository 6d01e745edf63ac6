"""Layers are built once for a lock, and hold what runs and the licence that goes with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra import layers
from infra.blueprint import ROOT
from infra.layers import Group, Target, layer

DEPLOYED: tuple[Group, ...] = ("functions", "authorizer")


def test_a_layer_that_is_there_is_not_built_again(monkeypatch: pytest.MonkeyPatch):
    folder = layer("functions", "host")
    monkeypatch.setattr(layers, "UV", Path("/nonexistent/uv"))
    assert layer("functions", "host") == folder


def test_a_changed_lock_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lock = tmp_path / "requirements" / "functions.txt"
    lock.parent.mkdir()
    lock.write_text("", encoding="utf-8")
    monkeypatch.setattr(layers, "ROOT", tmp_path)
    monkeypatch.setattr(layers, "BUILD", tmp_path / "layers")
    layer("functions", "host")
    lock.write_text("no-hash-for-this==1.0\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"uv could not install requirements/functions\.txt"):
        layer("functions", "host")


@pytest.mark.parametrize("group", DEPLOYED)
def test_a_deployed_layer_has_binaries_for_lambda_only(group: Group):
    suffixes = {path.name.split(".", 1)[1] for path in layer(group, "aws").rglob("*.so")}
    wanted = {"cpython-313-aarch64-linux-gnu.so", "abi3.so"}
    assert suffixes
    assert suffixes <= wanted


@pytest.mark.parametrize("group", DEPLOYED)
def test_a_deployed_layer_carries_no_dead_weight(group: Group):
    for path in (layer(group, "aws") / "python").rglob("*"):
        assert path.name not in {"__pycache__", "tests", "RECORD"}, path
        assert path.suffix not in {".pyi", ".pyx", ".cpp", ".pyc"}, path


@pytest.mark.parametrize("group", DEPLOYED)
def test_every_package_keeps_its_version_and_its_licence(group: Group):
    packages = [*(layer(group, "aws") / "python").glob("*.dist-info")]
    assert packages
    for package in packages:
        assert (package / "METADATA").is_file(), package.name
        assert [*package.glob("licenses/*"), *package.glob("LICENSE")], package.name


@pytest.mark.parametrize("target", ["aws", "host"])
def test_both_machines_get_the_same_versions(target: Target):
    lock = (ROOT / "requirements" / "functions.txt").read_text(encoding="utf-8")
    locked = {line.split()[0] for line in lock.splitlines() if "==" in line.split(" ")[0]}
    installed = {
        "{}=={}".format(*package.stem.replace("_", "-").rsplit("-", 1))
        for package in (layer("functions", target) / "python").glob("*.dist-info")
    }
    assert installed == locked


def test_open_telemetry_finds_its_plugins_in_a_layer():
    path = layer("functions", "host") / "python"
    code = (
        "from importlib.metadata import entry_points;"
        "print(*sorted(e.name for e in entry_points(group='opentelemetry_propagator')))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"tracecontext", "baggage"} <= set(found.stdout.split())
