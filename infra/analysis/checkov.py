"""checkov: several hundred rules about single resources, for CloudFormation and much else.

It pins a hundred packages, among them a boto3 of years ago, so it lives in an environment of its
own (``requirements/checkov.txt``, ``build/checkov``).
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from infra.analysis.finding import Broken, Finding
from infra.analysis.templates import Template
from infra.blueprint import ROOT

PACKAGE = "checkov"
HOME = ROOT / "build" / "checkov"
OPTIONS = ("--framework", "cloudformation", "--compact", "--quiet", "--output", "json")


def findings(templates: Sequence[Template]) -> list[Finding]:
    """What fails; it must not ask its vendor for anything, and it must have read every file."""
    program = HOME / "bin" / PACKAGE
    if not program.is_file():
        raise Broken("checkov is not installed; run 'make check', which does that")
    by_file = {str(template.file.resolve()): template for template in templates}
    command = [str(program), *OPTIONS, "--skip-download", "--soft-fail", "--file", *by_file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Broken(f"{PACKAGE}: {done.stderr or done.stdout}")
    report = json.loads(done.stdout)
    # With nothing to say it has another form, and then it has read nothing: there always is a pass.
    if not isinstance(report, dict) or "results" not in report:
        raise Broken(f"{PACKAGE} has read nothing: {done.stdout}")
    results = report["results"]
    if results.get("parsing_errors"):
        raise Broken(f"{PACKAGE} cannot read: {', '.join(results['parsing_errors'])}")
    return [_finding(by_file, check) for check in results["failed_checks"]]


def _finding(by_file: Mapping[str, Template], check: Mapping[str, Any]) -> Finding:
    template = by_file[check["file_abs_path"]]
    return Finding.at(template, check["resource"].rpartition(".")[2], check["check_id"])
