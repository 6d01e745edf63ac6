"""The queue under fire: killed processes, a failing network, answers lost after the work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import gatehouse_sdk

SDK = Path(__file__).parents[2] / "sdk" / "python"
SMALL = ("--operations=300", "--kill-every-seconds=0.7", "--patience-seconds=150")


def test_nothing_is_lost_and_nothing_is_done_twice() -> None:
    """300 operations here; ``python -m gatehouse_soak`` does ten thousand."""
    source = Path(gatehouse_sdk.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "gatehouse_soak", *SMALL],
        env={"PYTHONPATH": os.pathsep.join(map(str, (source, SDK)))},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = json.loads(done.stdout)
    assert (counted["applied"], counted["lost"], counted["applied_twice"]) == (300, 0, 0)
    assert counted["kills"] > 0
    assert {"cut after", "503", "none"} <= set(counted["faults"])
