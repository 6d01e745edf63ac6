"""Known vulnerabilities in what we depend on: ``make audit``, for locks of Python and of npm.

It asks the registries, so it is a verb of its own and no part of a check: what is known changes by
the day without a change of ours. A registry that answers nothing is told apart from one that knows
of nothing: ends with 0 for no advisory, 1 for some, and 2 if not everything could be looked up.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.blueprint import ROOT

PIP_AUDIT = ROOT / "build" / "audit" / "bin" / "pip-audit"
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NPM_LOCKS = (ROOT / "package-lock.json", ROOT / "sdk" / "js" / "package-lock.json")
CLEAN, FOUND, UNKNOWN = 0, 1, 2


@dataclass(slots=True)
class Report:
    """What is known about one lock, and what could not be looked up."""

    lock: Path
    advisories: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For people."""
        name = self.lock.relative_to(ROOT) if self.lock.is_relative_to(ROOT) else self.lock
        yield from (f"{name}: {advisory}" for advisory in self.advisories)
        if self.unread:
            first = self.unread[0]
            yield f"{name}: {len(self.unread)} not looked up, the database was not reached: {first}"
        elif not self.advisories:
            yield f"{name}: no known vulnerability"


def of_python(lock: Path, text: str, failure: str) -> Report:
    """Read what pip-audit has written."""
    report = Report(lock)
    if not text.strip():
        report.unread.append(_last_line(failure))
        return report
    for package in json.loads(text)["dependencies"]:
        if "skip_reason" in package:
            report.unread.append(package["skip_reason"])
        for known in package.get("vulns", ()):
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            where = f"{package['name']} {package['version']}"
            report.advisories.append(f"{where}: {known['id']}, mended in {fixed}")
    return report


def of_npm(lock: Path, text: str, failure: str) -> Report:
    """Read what npm has written."""
    report = Report(lock)
    known: Mapping[str, Any] = json.loads(text) if text.strip() else {}
    if "vulnerabilities" not in known:
        report.unread.append(str(known.get("message") or _last_line(failure)))
    for name, entry in known.get("vulnerabilities", {}).items():
        report.advisories.append(f"{name} {entry['range']}: {entry['severity']}")
    return report


def verdict(reports: Sequence[Report]) -> int:
    """An advisory weighs more than what is unknown, and that more than nothing."""
    if any(report.advisories for report in reports):
        return FOUND
    return UNKNOWN if any(report.unread for report in reports) else CLEAN


def main() -> int:
    """Look everything up, and say what is known."""
    python = [str(PIP_AUDIT), "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    reports = [
        of_python(lock, *_ran([*python, "--format", "json", "-r", str(lock)], ROOT))
        for lock in PYTHON_LOCKS
    ]
    npm = ["npm", "audit", "--json", "--package-lock-only"]
    reports += [of_npm(lock, *_ran(npm, lock.parent)) for lock in NPM_LOCKS]
    for report in reports:
        sys.stdout.writelines(f"{line}\n" for line in report.lines())
    return verdict(reports)


def _ran(command: list[str], folder: Path) -> tuple[str, str]:
    """Both end with a failure when they find something, so only what they wrote tells."""
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout, done.stderr


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main())
