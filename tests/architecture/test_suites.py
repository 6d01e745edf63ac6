"""CI fails when a test fails, when none ran, and when a suite does not exist."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNNER = """
import sys
from tests import suites
suites.SUITES = {"only": [sys.argv[1]]}
sys.exit(suites.main(sys.argv[2:]))
"""


def run(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUNNER, str(folder), *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("test", "code", "last_line"),
    [
        ("def test_it(): pass", 0, "1 passed, 0 failed"),
        ("def test_it(): assert False", 1, "0 passed, 1 failed"),
        ("def test_a(): pass\ndef test_b(): assert False", 1, "1 passed, 1 failed"),
        ("import nothing_of_this_name", 1, "0 passed, 1 failed"),
        ("", 1, "0 passed, 0 failed"),
    ],
)
def test_the_exit_code_tells_whether_tests_ran_and_passed(
    tmp_path: Path, test: str, code: int, last_line: str
) -> None:
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")

    done = run(tmp_path)

    assert done.returncode == code, done.stdout
    assert done.stdout.splitlines()[-1] == last_line


def test_a_suite_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "unti")

    assert done.returncode == 2
    assert "no suite 'unti'" in done.stderr


def test_ci_runs_the_same_verbs_as_a_person_and_stops_at_the_first_that_fails() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert script.splitlines()[-2:] == ["make check", "make test"]
