"""The field's own analyser finds no error in any template."""

import subprocess
import sys
from pathlib import Path

from tests.infra.templates import Template


def test_cfn_lint_finds_no_error(deployed: list[Template]):
    regions = sorted({template.region for template in deployed})
    files = [str(template.file) for template in deployed]
    lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(lint), "--non-zero-exit-code", "error", "--regions", *regions, "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
