"""Finds the twin of a layer: the same locked packages, built for this machine.

A template's layers hold compiled code for Lambda's processor. What is in one is read off the
metadata of its packages, so the twin is known to have the very versions that are deployed.
"""

from collections.abc import Callable
from pathlib import Path

from infra.layers import Group, Target, layer
from local.template import TemplateError

GROUPS: tuple[Group, ...] = ("functions", "authorizer")


Build = Callable[[Group, Target], Path]
"""Gives the folder of a locked group, built for a machine."""


def host_twin(asset: Path, build: Build = layer) -> Path:
    """The layer folder for this machine with the packages of this asset.

    Raises:
        TemplateError: no locked group has these packages.
    """
    wanted = _packages(asset)
    for group in GROUPS:
        twin = build(group, "host")
        if _packages(twin) == wanted:
            return twin
    names = ", ".join(sorted(wanted))
    msg = f"{asset} holds {names}, which is no group of requirements/; run 'make synth' again"
    raise TemplateError(msg)


def runtime() -> Path:
    """What Lambda's own runtime brings, for this machine; importable as it is."""
    return layer("runtime", "host") / "python"


def _packages(folder: Path) -> frozenset[str]:
    return frozenset(path.stem for path in folder.glob("python/*.dist-info"))
