"""``python -m gatehouse_soak``: the soak from the command line; exit code 1 when a call is lost."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from gatehouse_soak.supervisor import Plan, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m gatehouse_soak")
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kill-every-seconds", type=float, default=2.0)
    parser.add_argument("--patience-seconds", type=float, default=3_600)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = soak(Path(folder), Plan(**vars(given)))
    sys.stdout.write(json.dumps(asdict(counted) | {"passed": counted.passed}, indent=2) + "\n")
    return 0 if counted.passed else 1


if __name__ == "__main__":
    sys.exit(main())
