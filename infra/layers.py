"""Third-party code as Lambda layers, built from the locks without Docker and without a compiler.

One lock, two targets: the machine of Lambda, and the machine at hand, so that the local runner has
the very versions that are deployed. A layer is built once per lock; after that no network is asked.
"""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from infra.blueprint import ROOT
from infra.reproducible import alone, digest, normalize, replacing

Group = Literal["functions", "authorizer", "runtime"]
Target = Literal["aws", "host"]

BUILD = ROOT / "build" / "layers"
RULES = Path(__file__)
"""A layer is built anew when its lock changes, or how it is trimmed."""
UV = Path(sys.executable).with_name("uv")
LAMBDA = ("--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13")
"""Lambda's python3.13 is Amazon Linux 2023 with glibc 2.34; python-crfsuite needs 2.28."""

KEPT_METADATA = ("METADATA", "entry_points.txt", "LICENSE", "licenses")
"""Of a package's metadata: its version, its plugins, and the licence that must travel with it."""
SOURCES = (".c", ".cpp", ".h", ".hpp", ".pxd", ".pyi", ".pyx")
"""What only a compiler or a type checker reads."""
UNUSED = (
    "bin",
    "*.dist-info/sboms",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.*s*",
)
"""Console scripts, bills of material, and a browser page that no route serves."""


def layer(group: Group, target: Target) -> Path:
    """The folder of a layer, built if its lock has changed; ``python/`` inside it is importable.

    Raises:
        RuntimeError: uv could not install the lock; the message says why.
    """
    folder = BUILD / f"{group}-{target}"
    lock = ROOT / "requirements" / f"{group}.txt"
    key = digest([RULES.read_bytes(), lock.read_bytes(), *_machine(target)])
    marker = folder.with_suffix(".key")
    with alone(BUILD):
        if not (folder.is_dir() and marker.is_file() and marker.read_text() == key):
            marker.unlink(missing_ok=True)
            with replacing(folder) as new:
                _install(lock, new / "python", target)
                _trim(new / "python")
                normalize(new)
            marker.write_text(key)
    return folder


def _install(lock: Path, python: Path, target: Target) -> None:
    command = [
        *(str(UV), "pip", "install", "--no-config", "--quiet", "--target", str(python)),
        *("--requirements", str(lock), "--require-hashes", "--no-deps", "--only-binary", ":all:"),
        *("--link-mode", "copy", "--python", sys.executable, *_arguments(target)),
    ]
    # The command is ours; nothing in it comes from outside the checkout.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        msg = f"uv could not install requirements/{lock.name} for {target}:\n{done.stderr.strip()}"
        raise RuntimeError(msg)


def _arguments(target: Target) -> tuple[str, ...]:
    return LAMBDA if target == "aws" else ()


def _machine(target: Target) -> Iterator[str]:
    if target == "host":
        yield from (platform.system(), platform.machine(), sys.implementation.cache_tag or "")


def _trim(python: Path) -> None:
    for path in sorted(python.rglob("*"), reverse=True):
        if _is_dead_weight(path):
            _remove(path)
    for pattern in UNUSED:
        for path in python.glob(pattern):
            _remove(path)


def _is_dead_weight(path: Path) -> bool:
    if path.parent.suffix == ".dist-info":
        return path.name not in KEPT_METADATA
    return path.name in {"__pycache__", "tests", "test"} or path.suffix in SOURCES


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
