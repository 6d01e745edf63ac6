"""The state folder: one runner at a time, and where others find it."""

import os
from pathlib import Path

import pytest

from local.state import AlreadyRunning, Claim, Running, running

HERE = Running(
    pid=os.getpid(),
    region="eu-central-1",
    gateway_url="http://127.0.0.1:1/live",
    aws_url="http://127.0.0.1:2",
    lambda_url="http://127.0.0.1:5",
    model_url="http://127.0.0.1:3",
    model={"model": "scripted", "demo": True},
    identity_url="https://127.0.0.1:4",
    functions=("http",),
    queues={"work": "http://127.0.0.1:2/1/work"},
    tables=("memory",),
    topics=("arn:aws:sns:eu-central-1:1:events",),
    logs=Path("logs"),
)
NO_PROCESS = 2**22 + 1
"""Larger than any process id that Linux gives out."""


def test_a_running_stack_is_found(tmp_path: Path) -> None:
    HERE.save(tmp_path)
    assert running(tmp_path) == HERE


def test_where_nothing_runs_nothing_is_found(tmp_path: Path) -> None:
    assert running(tmp_path) is None


def test_what_a_dead_runner_left_behind_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    HERE.model_copy(update={"pid": NO_PROCESS}).save(tmp_path)
    assert running(tmp_path) is None


def test_a_second_runner_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    with pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}"):
        Claim(tmp_path)
    claim.release()


def test_a_folder_can_be_claimed_again_after_its_release(tmp_path: Path) -> None:
    for _ in range(2):
        claim = Claim(tmp_path)
        HERE.save(tmp_path)
        claim.release()
        assert running(tmp_path) is None
