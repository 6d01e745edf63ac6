"""Runs the test suites, each with what it may touch, and counts.

``make test`` calls this. Two suites run at a time, the longest first. Fails when a test fails, and
when no test ran: an empty suite is a broken one.
"""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

SUITES = {
    "e2e": ["tests/e2e"],
    "integration": ["tests/integration"],
    "infra": ["tests/infra"],
    "architecture": ["tests/architecture"],
    "unit": ["tests/unit", "--disable-socket"],
    "contract": ["tests/contract", "--disable-socket"],
    "agents": ["functions/agents", "--disable-socket"],
}
AT_A_TIME = 2
"""As many as the smallest machine has cores."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a suite did, and what it printed unless that was to be seen at once."""

    name: str
    code: int
    passed: int
    failed: int
    output: str


def main(names: list[str]) -> int:
    """Run the suites; 0 when every one ran tests and all passed."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.stderr.write(f"no suite {unknown[0]!r}; suites are: {', '.join(SUITES)}\n")
        return 2
    began = time.monotonic()
    done = _all(names or list(SUITES))
    passed, failed = sum(suite.passed for suite in done), sum(suite.failed for suite in done)
    broken = [suite.name for suite in done if suite.code]
    _say(f"\nall suites in {time.monotonic() - began:.0f} s")
    if broken:
        _say(f"not well: {', '.join(broken)}")
    _say(f"{passed} passed, {failed} failed")
    return 0 if passed and not broken else 1


def _all(names: list[str]) -> list[Done]:
    if len(names) == 1:
        return [_run(names[0], show=True)]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(_told, sorted(names, key=list(SUITES).index)))


def _told(name: str) -> Done:
    _say(f"{name} begins")
    suite = _run(name, show=False)
    _say(f"\n{name}\n{suite.output}")
    return suite


def _run(name: str, *, show: bool) -> Done:
    """Run one suite in a process of its own, which counts for us in JUnit's format."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *SUITES[name], "-q", "--no-header"]
        ended = subprocess.run(
            [*command, f"--junitxml={report}", "-o", "junit_family=xunit1"],
            stdout=None if show else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        passed, failed = _counted(report)
    return Done(name, ended.returncode, passed, failed, ended.stdout or "")


def _counted(report: Path) -> tuple[int, int]:
    if not report.exists():
        return 0, 0
    passed = failed = 0
    # Written by pytest a moment ago; nobody else had a hand in it.
    for case in ET.parse(report).iter("testcase"):  # noqa: S314
        kinds = {child.tag for child in case}
        failed += not kinds.isdisjoint({"failure", "error"})
        passed += kinds.isdisjoint({"failure", "error", "skipped"})
    return passed, failed


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
