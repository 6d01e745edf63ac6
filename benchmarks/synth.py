"""How long a synth takes from nothing, and how near its templates come to AWS's limits."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure
from infra.blueprint import ROOT

TEMPLATE_LIMIT_KB = 1_000.0
RESOURCES_LIMIT = 500.0
HALF_A_MINUTE = 30.0
"""Not a limit: what a person waits for without looking elsewhere."""


def figures() -> list[Figure]:
    """Of the regions that are deployed, by a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "assembly"
        before, began = os.times(), time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "infra.synth", "--output", str(out)],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        wall, after = time.monotonic() - began, os.times()
        used = after.children_user + after.children_system
        cpu = used - before.children_user - before.children_system
        return [
            Figure("synth of all regions", wall, "wall s", HALF_A_MINUTE),
            Figure("  its CPU, with the CDK's Node.js", cpu, "CPU s", HALF_A_MINUTE),
            *sizes(out),
        ]


def sizes(folder: Path) -> list[Figure]:
    """Of an assembly: its templates together, the largest one, and the fullest stack."""
    files = sorted(folder.glob("*.template.json"))
    kilobytes = [file.stat().st_size / 1000 for file in files]
    fullest = max(
        len(json.loads(file.read_text(encoding="utf-8")).get("Resources", {})) for file in files
    )
    return [
        Figure("templates", len(files), "stacks", len(files)),
        Figure("  all together", sum(kilobytes), "KB", TEMPLATE_LIMIT_KB * len(files)),
        Figure("  the largest", max(kilobytes), "KB", TEMPLATE_LIMIT_KB),
        Figure("  resources of the fullest stack", fullest, "resources", RESOURCES_LIMIT),
    ]
