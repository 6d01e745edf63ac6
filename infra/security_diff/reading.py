"""Assemblies to compare: a folder, or a revision of this repository that is synthesized first."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.blueprint import ROOT
from infra.layers import BUILD as LAYERS
from infra.security_diff.facts import Resource

MANIFEST = "manifest.json"
STACK = "aws:cloudformation:stack"


class CannotCompare(Exception):
    """There is nothing to compare with; the message says what to do."""


def templates(assembly: Path) -> Iterator[tuple[str, str, dict[str, Resource]]]:
    """Region, part and resources of each stack, with nothing in them that names the region.

    Raises:
        CannotCompare: the folder holds no assembly.
    """
    manifest = assembly / MANIFEST
    if not manifest.is_file():
        msg = f"{assembly} is no cloud assembly: run 'make synth', or name a git revision"
        raise CannotCompare(msg)
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
    for name, artifact in artifacts.items():
        if artifact["type"] == STACK:
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            text = (assembly / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
            same = text.replace(region, "{region}").replace(account, "{account}")
            part = name.rpartition(f"{region}-")[2]
            yield region, part, json.loads(same).get("Resources", {})


def assembly_of(base: str, stage: str, out: Path) -> Path:
    """The folder itself, or a synth of the revision of this name, which is written to ``out``.

    Raises:
        CannotCompare: it is neither, or the revision cannot be synthesized.
    """
    if Path(base).is_dir():
        return Path(base).resolve()
    with TemporaryDirectory(prefix="gatehouse-base-") as folder:
        checkout = Path(folder)
        _export(base, checkout)
        # Layers are looked up by their lock, so a copy spares most bases an installation.
        if LAYERS.is_dir():
            shutil.copytree(LAYERS, checkout / "build" / "layers", symlinks=True)
        command = [sys.executable, "-m", "infra.synth", "--output", str(out)]
        if (checkout / "infra" / "stages.toml").is_file():
            command += ["--stage", stage]
        _run(command, checkout, f"{base} cannot be synthesized")
    return out


def _export(revision: str, to: Path) -> None:
    archive = to / "base.tar"
    command = ["git", "archive", "--output", str(archive), revision]
    _run(command, ROOT, f"{revision} is neither a folder nor a git revision")
    shutil.unpack_archive(archive, to, filter="data")
    archive.unlink()


def _run(command: list[str], folder: Path, otherwise: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # ours, without a shell
    if done.returncode:
        msg = f"{otherwise}: {done.stderr.strip()[-2000:]}"
        raise CannotCompare(msg)
