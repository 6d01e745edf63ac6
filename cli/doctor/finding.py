"""What the doctor finds: each a fact, how much it matters, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.table import Table

from functions.domain.names import JsonObject


class Severity(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    WARNING = "warning"
    """It will work, but not as well as it should, or nobody can tell."""
    ERROR = "error"
    """A deploy, or a call, will fail."""


EXIT_CODES = {Severity.FINE: 0, Severity.WARNING: 1, Severity.ERROR: 2}
STYLES = {Severity.FINE: "green", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    severity: Severity
    found: str
    remedy: str = ""


def fine(check: str, found: str) -> Finding:
    return Finding(check, Severity.FINE, found)


def warning(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, Severity.WARNING, found, remedy)


def error(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, Severity.ERROR, found, remedy)


def exit_code(findings: Iterable[Finding]) -> int:
    """The worst of them: 0 for nothing, 1 for warnings, 2 for errors."""
    return max((EXIT_CODES[finding.severity] for finding in findings), default=0)


def table(findings: Iterable[Finding], title: str) -> Table:
    """One row for each finding, with its remedy beneath."""
    shown = Table("", "check", "found", title=title)
    for finding in findings:
        said = f"{finding.found}\n→ {finding.remedy}" if finding.remedy else finding.found
        shown.add_row(finding.severity.value, finding.check, said, style=STYLES[finding.severity])
    return shown


def report(findings: Iterable[Finding]) -> list[JsonObject]:
    """For programs."""
    return [asdict(finding) for finding in findings]
