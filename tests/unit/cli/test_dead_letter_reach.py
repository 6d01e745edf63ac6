"""What goes wrong on the way to the queues is said in a sentence that helps."""

import pytest
import typer
from botocore import exceptions

from cli.calls import CannotCall
from cli.dead_letters.reach import QueuesFailed, Reach, explained
from cli.dlq_options import duration, per_second
from cli.dlq_show import age
from tests.unit.cli.fake_sqs import failure

HELPFUL = [
    (failure("AccessDenied", "ReceiveMessage"), "may not sqs:ReceiveMessage in eu-central-1"),
    (failure("AWS.SimpleQueueService.AccessDeniedException"), "ask for a role"),
    (failure("ExpiredToken"), "sign in again"),
    (failure("RequestThrottled"), "nothing is lost, wait a minute"),
    (failure("AWS.SimpleQueueService.NonExistentQueue"), "refused sqs:SendMessage: NonExistent"),
    (exceptions.NoCredentialsError(), "there are no AWS credentials; sign in"),
    (exceptions.EndpointConnectionError(endpoint_url="https://x"), "does not answer"),
    (exceptions.ReadTimeoutError(endpoint_url="https://x"), "does not answer"),
    (exceptions.ProfileNotFound(profile="nobody"), "profile (nobody) could not be found"),
]


@pytest.mark.parametrize(("error", "help_"), HELPFUL, ids=lambda value: str(value)[:40])
def test_an_error_of_aws_says_what_to_do(error: Exception, help_: str):
    with pytest.raises(QueuesFailed) as told, explained("eu-central-1"):
        raise error
    assert help_ in str(told.value)


def test_an_error_of_our_own_is_left_alone():
    with pytest.raises(ZeroDivisionError), explained("eu-central-1"):
        raise ZeroDivisionError


def test_without_a_local_stack_one_is_told_how_to_have_one():
    with pytest.raises(CannotCall, match=r"'make run' .* or name the region"):
        Reach.local(None)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("7d", 604_800)])
def test_a_span_of_time_is_read(text: str, seconds: int):
    assert duration(text).total_seconds() == seconds
    assert age(duration(text)) in {"1 min", "15 min", "7 d"}


@pytest.mark.parametrize(
    ("text", "rate"), [("5", 5), ("2.5/s", 2.5), ("30/m", 0.5), ("360/h", 0.1)]
)
def test_a_rate_is_read(text: str, rate: float):
    assert per_second(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "7 d", "7w"])
def test_what_is_no_span_of_time_is_refused(text: str):
    with pytest.raises(typer.BadParameter, match="write it like 90s"):
        duration(text)


@pytest.mark.parametrize("text", ["", "fast", "0", "-5", "1/h", "5/d", "5/"])
def test_what_is_no_rate_is_refused(text: str):
    with pytest.raises(typer.BadParameter, match="write it like 5/s"):
        per_second(text)
