"""A process that sees a bundle, its layers and the runtime's boto3, and nothing else of ours."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from infra.layers import Group, layer

NOTHING: Mapping[str, str] = MappingProxyType({})


def run_in_bundle(
    bundle: Path,
    code: str,
    *,
    layers: tuple[Group, ...] = ("functions",),
    env: Mapping[str, str] = NOTHING,
) -> str:
    """What the code prints; its failure is the test's."""
    groups: tuple[Group, ...] = (*layers, "runtime")
    path = [bundle, *(layer(group, "host") / "python" for group in groups)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}
        | dict(env),
        cwd=bundle,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{bundle.name}:\n{done.stderr}"
    return done.stdout
