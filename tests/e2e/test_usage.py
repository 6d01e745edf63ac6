"""What a team may send: the rate and the quota of its tier, counted for each team by itself."""

import httpx
import pytest

from local.stack import LocalStack
from tests.e2e.test_bad_input import problem


def ask(http: httpx.Client, stack: LocalStack, team: str, times: int) -> list[httpx.Response]:
    token = stack.identity.mint(team, [])
    headers = {"Authorization": f"Bearer {token}"}
    return [http.get("/v1/agents", headers=headers) for _ in range(times)]


@pytest.fixture(autouse=True)
def _warm(http: httpx.Client, stack: LocalStack) -> None:
    """A cold start lets a bucket fill up again."""
    assert ask(http, stack, "platform", 1)[0].status_code == 200


def test_a_team_that_sends_too_fast_is_throttled(http: httpx.Client, stack: LocalStack) -> None:
    responses = ask(http, stack, "hasty", 10)
    assert [response.status_code for response in responses[:3]] == [200] * 3
    refused = next(response for response in responses if response.status_code != 200)
    assert problem(refused, 429, "throttled", stack)["retryable"] is True
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["x-amzn-errortype"] == "TooManyRequestsException"


def test_a_team_that_used_up_its_quota_is_refused(http: httpx.Client, stack: LocalStack) -> None:
    responses = ask(http, stack, "trial", 6)
    assert [response.status_code for response in responses] == [200] * 4 + [429] * 2
    problem(responses[-1], 429, "quota-exceeded", stack)


def test_another_team_is_not_held_up(http: httpx.Client, stack: LocalStack) -> None:
    ask(http, stack, "hasty", 10)
    assert ask(http, stack, "retail", 1)[0].status_code == 200
