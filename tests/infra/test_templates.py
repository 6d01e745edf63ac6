"""CloudFormation takes what a zone can switch on, and the local run knows all types.

What is deployed is read by three analysers in ``make check``.
"""

import subprocess
import sys
from pathlib import Path

from local.kinds import IGNORED, INTERPRETED
from local.provision import PROVISIONED
from tests.infra.templates import Template


def test_cfn_lint_finds_no_error_in_what_can_be_switched_on(switched_on: list[Template]):
    parts = ("-audit", "-edge", "-inference-profiles", "-upkeep")
    chosen = [template for template in switched_on if template.name.endswith(parts)]
    regions = sorted({template.region for template in chosen})
    files = [str(template.file) for template in chosen]
    lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(lint), "--non-zero-exit-code", "error", "--regions", *regions, "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_local_run_knows_what_to_do_with_every_type(
    every: list[Template], switched_on: list[Template]
):
    known = PROVISIONED.keys() | INTERPRETED.keys() | IGNORED.keys()
    for template in [*every, *switched_on]:
        types = {resource["Type"] for resource in template.resources.values()}
        assert types <= known, (template.name, types - known)
