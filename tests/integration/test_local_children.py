"""No child outlives the runner, not even one that is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local import children
from tests.integration.processes import is_running, wait_for_the_end

RUNNER = """
import os, sys
from local import children
child = children.start("tests.integration.sleeper", env={}, cwd=sys.argv[1])
child.output.readline()
print(child.pid, flush=True)
sys.stdin.read()
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_goes_when_the_runner_is_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(ROOT)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as runner:
        assert runner.stdout
        pid = int(runner.stdout.readline())
        assert is_running(pid)
        runner.send_signal(number)
    wait_for_the_end(pid)


def test_a_child_that_does_not_want_to_go_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.1)
    nursery = children.Nursery()
    child = nursery.start("tests.integration.sleeper", "stubborn", env={}, cwd=ROOT)
    assert child.output.readline() == b"asleep\n"
    nursery.stop()
    assert child.process.returncode == -signal.SIGKILL
    child.output.close()


def test_a_child_has_the_given_environment_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    child = children.start("tests.integration.sleeper", "look", env={"GIVEN": "2"}, cwd=ROOT)
    with child.output as output:
        seen = output.read().decode().split()
    assert child.wait() == 0
    assert "GIVEN" in seen
    assert "SECRET" not in seen
    assert os.environ["SECRET"] == "1"
