"""A template's layers are replaced by twins for this machine, of the very same packages."""

from pathlib import Path

import pytest

from local import layers
from local.template import TemplateError


def folder(path: Path, *packages: str) -> Path:
    """A layer's folder with these packages in it."""
    for package in packages:
        (path / "python" / f"{package}.dist-info").mkdir(parents=True)
    return path


@pytest.fixture
def build(tmp_path: Path) -> layers.Build:
    """Builds two groups for this machine."""
    built = {
        "functions": folder(tmp_path / "functions", "pydantic-2.14.3", "jmespath-1.1.0"),
        "authorizer": folder(tmp_path / "authorizer", "cryptography-50.0.2"),
    }
    return lambda group, target: built[group]


def test_the_twin_has_the_same_packages(build: layers.Build, tmp_path: Path) -> None:
    one = folder(tmp_path / "asset.1", "cryptography-50.0.2")
    assert layers.host_twin(one, build) == tmp_path / "authorizer"
    two = folder(tmp_path / "asset.2", "jmespath-1.1.0", "pydantic-2.14.3")
    assert layers.host_twin(two, build) == tmp_path / "functions"


def test_another_version_has_no_twin(build: layers.Build, tmp_path: Path) -> None:
    asset = folder(tmp_path / "asset.1", "cryptography-49.0.0")
    with pytest.raises(TemplateError, match=r"cryptography-49\.0\.0, which is no group"):
        layers.host_twin(asset, build)
