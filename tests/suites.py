"""Runs the test suites one after the other, each with what it may touch, and counts.

``make test`` calls this. It fails when a test fails, and when no test ran: an empty suite is a
broken one.
"""

import sys
import time

import pytest

SUITES = {
    "unit": ["tests/unit", "--disable-socket"],
    "agents": ["functions/agents", "--disable-socket"],
    "contract": ["tests/contract", "--disable-socket"],
    "architecture": ["tests/architecture"],
    "integration": ["tests/integration"],
    "infra": ["tests/infra"],
    "e2e": ["tests/e2e"],
}


class Count:
    """Counts what a suite did."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def main(names: list[str]) -> int:
    """Run the suites; 0 when every one ran tests and all passed."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.stderr.write(f"no suite {unknown[0]!r}; suites are: {', '.join(SUITES)}\n")
        return 2
    total, codes, began = Count(), [], time.monotonic()
    for name in names or SUITES:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        codes.append(pytest.main([*SUITES[name], "-q", "--no-header"], plugins=[total]))
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"\nall suites in {seconds:.0f} s\n{total.passed} passed, {total.failed} failed\n"
    )
    return 0 if codes and not any(codes) and total.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
