"""The browser client against the local stack: its own live suite, in Node.js and in Chromium."""

import subprocess

from local.stack import LocalStack
from tests.e2e.conftest import ORIGINS
from tests.npm import npm


def test_the_client_and_the_helpdesk_example_work_against_the_stack(stack: LocalStack) -> None:
    found = npm(
        "run",
        "-s",
        "test:live",
        GATEHOUSE_URL=stack.running.gateway_url,
        GATEHOUSE_TOKEN=stack.identity.mint("helpdesk"),
        GATEHOUSE_HASTY_TOKEN=stack.identity.mint("pages", []),
        GATEHOUSE_ORIGINS=" ".join(ORIGINS),
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_queue_survives_what_a_browser_does_to_it() -> None:
    found: subprocess.CompletedProcess[str] = npm("run", "-s", "test:browser")
    assert found.returncode == 0, found.stdout + found.stderr
