"""The processes that stand in for AWS: their start, their death, and what they say of it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.aws import Aws
from local.children import Nursery
from local.services import ServiceFailed, start_model, start_moto
from tests.unit.local.assemblies import ACCOUNT, REGION


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.stop()


def test_moto_plays_the_account_that_it_was_given(nursery: Nursery) -> None:
    moto = start_moto(nursery, ACCOUNT, print)
    sqs = Aws(moto.url, REGION).client("sqs")
    assert sqs.create_queue(QueueName="work")["QueueUrl"] == f"{moto.url}/{ACCOUNT}/work"


def test_a_death_is_seen_and_named(nursery: Nursery) -> None:
    moto = start_moto(nursery, ACCOUNT, print)
    moto.check()
    os.kill(moto.child.pid, signal.SIGKILL)
    moto.child.wait()
    with pytest.raises(ServiceFailed, match="moto ended with exit code -9"):
        moto.check()


def test_a_model_says_where_it_is_and_what_it_is(nursery: Nursery, tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text("{}")
    model = start_model(nursery, f"scripted:{script}", print)
    assert (model.said["model"], model.said["demo"]) == ("scripted", True)
    assert httpx.get(f"{model.url}/_scripted/calls").json()["calls"] == []


def test_a_model_that_cannot_be_had_says_why(nursery: Nursery) -> None:
    with pytest.raises(ServiceFailed, match=r"nothing\.json"):
        start_model(nursery, "scripted:nothing.json", print)
