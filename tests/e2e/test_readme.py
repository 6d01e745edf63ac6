"""What the README tells a newcomer to type works."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from local.stack import LocalStack

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
ELSEWHERE = {
    "git clone <this repository> agent-gatehouse && cd agent-gatehouse": "this is the clone",
    "make run": "test_make_run_shows_three_results_and_ends",
    "make deploy REGION=eu-central-1": "test_what_needs_an_account_is_at_least_a_verb",
}
SAMPLE = "functions/agents/ticket_summary/samples/01_late_birthday_present.json"
PATIENCE_SECONDS = 240


def run(command: str, state: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env={**os.environ, "GATEHOUSE_STATE": str(state), "COLUMNS": "120", **more},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ELSEWHERE])
def test_a_command_of_the_readme_works(command: str, stack: LocalStack) -> None:
    done = run(command, stack.state_dir)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


def test_make_run_shows_three_results_and_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"default": {"reply": "from_schema"}}')

    done = run("make run ONCE=1", tmp_path / "state", GATEHOUSE_MODEL=f"scripted:{script}")

    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("kyc_screening 1.", "ticket_summary 1.", "review.sentiment"):
        assert shown in done.stdout
    assert done.stdout.count("trace ") == 3
    assert done.stdout.count("cost ") == 3


def test_what_needs_an_account_is_at_least_a_verb() -> None:
    done = run("make --dry-run deploy REGION=eu-central-1", ROOT / ".gatehouse")

    assert done.returncode == 0, done.stderr
    assert "cdk deploy" in done.stdout


def test_a_verb_without_its_region_says_so() -> None:
    done = run("make deploy", ROOT / ".gatehouse")

    assert done.returncode != 0
    assert "make deploy REGION=" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            f"run nobody --input {SAMPLE}",
            "no such agent",
        ),
        ("run ticket_summary --input nowhere.json", "nowhere.json cannot be read"),
        ("run ticket_summary --input README.md", "README.md is no JSON"),
        ("token --team nobody", "has no team 'nobody'"),
        ("logs nobody", "no log for nobody"),
    ],
)
def test_a_wrong_command_says_in_a_sentence_what_is_wrong(
    arguments: str, expected: str, stack: LocalStack
) -> None:
    done = run(f".venv/bin/gatehouse {arguments}", stack.state_dir)

    assert done.returncode == 1
    assert expected in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_running_stack_the_command_line_says_how_to_start_one(tmp_path: Path) -> None:
    done = run(".venv/bin/gatehouse agents", tmp_path)

    assert done.returncode == 1
    assert "make run" in done.stderr
