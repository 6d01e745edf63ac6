"""cfn-lint: is it a template that CloudFormation takes, in the regions that it is for?"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.analysis.finding import Broken, Finding
from infra.analysis.templates import Template

PACKAGE = "cfn-lint"


def findings(templates: Sequence[Template]) -> list[Finding]:
    """Its errors and warnings."""
    by_file = {str(template.file): template for template in templates}
    command = [
        str(Path(sys.executable).with_name(PACKAGE)),
        *("--format", "json", "--non-zero-exit-code", "none"),
        *("--regions", *sorted({template.region for template in templates})),
        *("--", *by_file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Broken(f"{PACKAGE}: {done.stderr or done.stdout}")
    return [_finding(by_file, match) for match in json.loads(done.stdout)]


def _finding(by_file: Mapping[str, Template], match: Mapping[str, Any]) -> Finding:
    match match["Location"]["Path"]:
        case ["Resources", str(logical_id), *inside]:
            detail = "/".join(map(str, inside[:1]))
            return Finding.at(by_file[match["Filename"]], logical_id, match["Rule"]["Id"], detail)
    # It is about the template as a whole, and there is no resource at which to accept that.
    raise Broken(f"{PACKAGE}: {match['Filename']}: {match['Rule']['Id']}: {match['Message']}")
