"""``gatehouse dlq`` in an AWS region, played by moto."""

import json
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.dead_letters import look, moves
from cli.dead_letters.reach import QueuesFailed
from cli.main import app
from tests.integration.conftest import REGION
from tests.integration.dead_letters import AGENT, Estate, event


@pytest.fixture
def estate(aws: None, monkeypatch: pytest.MonkeyPatch) -> Estate:
    # Rich asks how wide the terminal is, and a test has none.
    monkeypatch.setenv("COLUMNS", "160")
    # All of moto's messages are in one place, so no receive has to wait for more.
    monkeypatch.setattr(look, "POLL_SECONDS", 0)
    # Nobody in here lets a message die anew.
    monkeypatch.setattr(moves, "BOUND_SECONDS", 0)
    return Estate(boto3.session.Session().client("sqs", region_name=REGION))


def dlq(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["dlq", *words, "--region", REGION], input=given)


def done(*words: str, given: str | None = None) -> str:
    result = dlq(*words, given=given)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def failed(*words: str) -> str:
    """What a command that fails says; ``main`` prints it and exits with 1."""
    result = dlq(*words)
    assert isinstance(result.exception, QueuesFailed), result.output
    return str(result.exception)


def listed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done("list", "--json"))
    return found


def test_letters_are_listed_by_agent_and_reason(estate: Estate):
    for number in range(3):
        estate.bury(f"m-{number}", "malformed-request")
    estate.bury("other", dead_lettered_at="2020-01-01T00:00:00+00:00")
    Estate(estate.sqs, "kyc_screening", "gatehouse-kyc", "gatehouse-kyc-dead")

    found = listed()
    assert [agent["agent"] for agent in found["agents"]] == ["kyc_screening", AGENT]
    agent = found["agents"][1]
    counts = {each["reason"]: each["count"] for each in agent["reasons"]}
    assert counts == {"malformed-request": 3, "model-unavailable": 1}
    assert (agent["counted"], agent["is_sample"]) == (4, False)
    assert agent["oldest"].startswith("2020-01-01")
    assert "malformed-request" in done("list")
    assert listed() == found, "looking changes nothing"


def test_a_list_of_a_sample_says_so(estate: Estate):
    for number in range(3):
        estate.bury(str(number))
    assert "a sample, 2 of about 3" in done("list", "--limit", "2")


def test_queues_of_others_are_left_alone(estate: Estate):
    estate.sqs.create_queue(QueueName="gatehouse-but-not-tagged")
    estate.sqs.create_queue(QueueName="shop", tags={"gatehouse:agent": "somebody"})
    assert [agent["agent"] for agent in listed()["agents"]] == [AGENT]


def test_one_letter_is_readable_and_its_personal_data_hidden(estate: Estate):
    id_ = estate.bury(json.dumps(event(1)), trace_id="f" * 32)
    shown = done("show", id_)
    for word in ("model-unavailable", "It did not work.", "f" * 32, "retail", "Good tent."):
        assert word in shown
    assert "lovelace" not in shown
    assert "ada.lovelace@example.com" in done("show", "--first", "--agent", AGENT, "--reveal")


def test_a_letter_for_programs_has_the_same(estate: Estate):
    id_ = estate.bury(json.dumps(event(1)))
    shown = json.loads(done("show", id_, "--json"))
    assert (shown["message"], shown["event"]["id"], shown["attempts"]) == (id_, "e-1", 5)
    assert shown["revealed"] is False
    assert "lovelace" not in json.dumps(shown)


def test_a_letter_that_is_not_there_is_said_to_be_missing(estate: Estate):
    assert "no such dead letter" in failed("show", "nonsense")


def test_redriven_letters_are_in_the_agents_queue_as_they_came(estate: Estate):
    body = json.dumps(event(1), indent=3)
    estate.bury(body)
    assert "sent back: 1" in done("redrive", "--agent", AGENT, "--yes")
    (message,) = estate.sqs.receive_message(
        QueueUrl=estate.work, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )["Messages"]
    assert message["Body"] == body
    assert "MessageAttributes" not in message
    assert message["Attributes"]["MessageGroupId"] == "retail"
    assert estate.bodies(estate.dead) == []


def test_a_crashed_message_can_be_redriven(estate: Estate):
    estate.crash(json.dumps(event(1)))
    assert listed()["agents"][0]["counted"] == 1
    done("redrive", "--agent", AGENT, "--yes", "--team", "retail", "--type", "review.submitted")
    assert len(estate.bodies(estate.work)) == 1


def test_only_letters_that_fit_are_redriven(estate: Estate):
    estate.bury("a", "malformed-request")
    estate.bury("b", team="helpdesk")
    estate.bury("c")
    done("redrive", "--agent", AGENT, "--team", "retail", "--reason", "model-unavailable", "-y")
    assert estate.bodies(estate.work) == ["c"]
    assert estate.bodies(estate.dead) == ["a", "b"]


def test_named_messages_are_redriven_and_missing_ones_named(estate: Estate):
    id_ = estate.bury("a")
    estate.bury("b")
    said = failed(
        "redrive", "--agent", AGENT, "--message-id", id_, "--message-id", "nonsense", "--yes"
    )
    assert said.endswith("nonsense")
    assert estate.bodies(estate.work) == ["a"]


@pytest.mark.parametrize("command", ["redrive", "purge"])
def test_a_dry_run_shows_and_changes_nothing_even_when_told_yes(estate: Estate, command: str):
    estate.bury("a")
    shown = done(command, "--agent", AGENT, "--dry-run", "--yes")
    assert "would" in shown
    assert "model-unavailable" in shown
    assert (estate.bodies(estate.dead), estate.bodies(estate.work)) == (["a"], [])


@pytest.mark.parametrize("command", ["redrive", "purge"])
def test_what_is_not_agreed_to_is_not_done(estate: Estate, command: str):
    estate.bury("a")
    assert "model-unavailable" in done(command, "--agent", AGENT, given="n\n")
    assert (estate.bodies(estate.dead), estate.bodies(estate.work)) == (["a"], [])


def test_what_is_agreed_to_is_done(estate: Estate):
    estate.bury("a")
    assert "deleted: 1" in done("purge", "--agent", AGENT, given="y\n")
    assert (estate.bodies(estate.dead), estate.bodies(estate.work)) == ([], [])


def test_only_what_is_old_enough_is_purged(estate: Estate):
    estate.bury("old", dead_lettered_at="2020-01-01T00:00:00+00:00")
    estate.bury("new")
    done("purge", "--agent", AGENT, "--older-than", "7d", "--yes")
    assert estate.bodies(estate.dead) == ["new"]


def test_nothing_to_do_is_no_failure(estate: Estate):
    assert "no dead letter" in done("redrive", "--agent", AGENT)


def test_an_unknown_agent_is_told_which_there_are(estate: Estate):
    said = failed("redrive", "--agent", "nobody", "--yes")
    assert said == f"no agent 'nobody' has queues in {REGION}; there are: {AGENT}"


def test_a_region_without_the_gatehouse_says_so(aws: None):
    assert "is the gatehouse deployed there?" in done("list")


def test_an_agent_whose_queues_are_incomplete_is_named(estate: Estate):
    estate.sqs.delete_queue(QueueUrl=estate.work)
    assert "0 work queues and 1 for dead letters" in failed("list")


def test_without_credentials_one_is_told_to_sign_in(
    aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert failed("list").startswith("there are no AWS credentials")
