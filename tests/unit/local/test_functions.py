"""Functions as the templates state them, and as the assembly on disk has them now."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local import functions
from local.functions import Catalogue, Function
from local.sandbox import Host, environment
from local.template import TemplateError
from tests.unit.local.assemblies import ref, res, resolved, stack


def unchanged(variables: Mapping[str, str]) -> Mapping[str, str]:
    return variables


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "asset.code"
    folder.mkdir()
    return folder


def read(bundle: Path, longest: Mapping[str, int] | None = None, **properties: Any) -> Function:
    packages = res("Lambda::LayerVersion", Content={"S3Key": "layer.zip"})
    resources = {
        "Packages": packages,
        "It": res(
            "Lambda::Function",
            FunctionName="http",
            Code={"S3Bucket": "b", "S3Key": "code.zip"},
            Handler="app.handler",
            Runtime="python3.13",
            **properties,
        ),
    }
    assets = {"code.zip": bundle, "layer.zip": bundle}
    found = resolved(stack(Resources=resources, assets=assets)).values()
    (function,) = functions.of(found, lambda asset: asset / "twin", unchanged, longest or {})
    return function


def test_a_function_starts_from_its_asset(bundle: Path) -> None:
    found = read(bundle, Timeout=29, MemorySize=1024, Layers=[ref("Packages"), "arn:aws:other"])
    assert (found.bundle, found.timeout_seconds, found.memory_mb) == (bundle, 29, 1024)
    assert found.layers == (bundle / "twin" / "python",)


def test_what_the_template_leaves_open_is_lambdas_default(bundle: Path) -> None:
    found = read(bundle)
    assert (found.timeout_seconds, found.memory_mb, found.snap_start) == (3, 128, False)


def test_a_consumers_time_can_be_shortened_but_not_stretched(bundle: Path) -> None:
    arn = read(bundle).arn
    assert read(bundle, {arn: 9}, Timeout=290).timeout_seconds == 9
    assert read(bundle, {arn: 9}, Timeout=5).timeout_seconds == 5


def test_code_that_is_no_folder_is_refused(bundle: Path) -> None:
    with pytest.raises(TemplateError, match="no asset folder of the cloud assembly"):
        read(bundle / "gone")


def test_the_environment_is_the_templates_and_lambdas_and_nothing_else(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "of the developer")
    function = read(bundle, Environment={"Variables": {"GATEHOUSE_ZONE": "eu", "N": 1}})
    host = Host("eu-central-1", Path("/runtime"), {"AWS_ENDPOINT_URL": "http://aws"}, Path("/pyc"))
    found = environment(function, host, "127.0.0.1:1")
    assert (found["GATEHOUSE_ZONE"], found["N"]) == ("eu", "1")
    assert found["AWS_ENDPOINT_URL"] == "http://aws"
    assert found["PYTHONPATH"] == os.pathsep.join([str(bundle), "/runtime"])
    assert found["AWS_CONFIG_FILE"] == os.devnull
    assert "MY_SECRET" not in found


class Manifest:
    """An assembly that is written again and again, each time with another handler."""

    def __init__(self, path: Path, bundle: Path) -> None:
        self.path = path
        self._bundle = bundle
        self.said: list[str] = []
        self.write("first")

    def write(self, handler: str) -> None:
        self.handler = handler
        new = self.path.with_suffix(".new")
        new.write_text(handler)
        new.replace(self.path)

    def read(self) -> list[Function]:
        if self.handler == "broken":
            raise TemplateError(self.handler)
        found = read(self._bundle)
        return [Function(**{**vars(found), "handler": self.handler})]

    def catalogue(self) -> Catalogue:
        return Catalogue(self.path, self.read, self.said.append)


@pytest.fixture
def manifest(tmp_path: Path, bundle: Path) -> Manifest:
    return Manifest(tmp_path / "manifest.json", bundle)


def test_a_new_assembly_is_noticed(manifest: Manifest) -> None:
    catalogue = manifest.catalogue()
    assert catalogue["http"].handler == "first"
    manifest.write("second")
    assert catalogue["http"].handler == "second"


def test_while_an_assembly_is_written_the_last_one_holds(manifest: Manifest) -> None:
    catalogue = manifest.catalogue()
    manifest.path.unlink()
    assert catalogue["http"].handler == "first"


def test_an_assembly_that_cannot_be_run_is_reported_and_the_last_one_holds(
    manifest: Manifest,
) -> None:
    catalogue = manifest.catalogue()
    manifest.write("broken")
    assert catalogue["http"].handler == "first"
    assert manifest.said == ["the new templates cannot be run, the last ones stay: broken"]
