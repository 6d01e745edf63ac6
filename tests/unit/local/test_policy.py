"""What an authorizer's policy says about a method."""

from typing import Any

import pytest

from local.policy import Verdict, judge

ARN = "arn:aws:execute-api:eu-central-1:1:api/live/POST/v1/agents/kyc/run"


def statement(resource: Any, effect: str = "Allow", action: Any = "execute-api:Invoke") -> Any:
    return {"Action": action, "Effect": effect, "Resource": resource}


def verdict(*statements: Any) -> Verdict:
    return judge({"Statement": [*statements]}, ARN)


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        ARN,
        "arn:aws:execute-api:eu-central-1:1:api/live/*",
        "arn:aws:execute-api:*:1:api/*/POST/v1/agents/*/run",
        "arn:aws:execute-api:eu-central-1:?:api/live/POST/*",
        ["arn:else", "*"],
    ],
)
def test_a_matching_resource_is_allowed(resource: Any) -> None:
    assert verdict(statement(resource)) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "resource", ["arn:aws:execute-api:eu-central-1:1:api/live/GET/*", f"{ARN}/more", ARN[:-1], "a+"]
)
def test_a_resource_that_does_not_match_allows_nothing(resource: str) -> None:
    assert verdict(statement(resource)) is Verdict.NOT_MENTIONED


def test_a_deny_beats_an_allow() -> None:
    assert verdict(statement("*"), statement(ARN, "Deny")) is Verdict.DENIED


def test_actions_are_compared_without_case_and_with_wildcards() -> None:
    assert verdict(statement("*", action="EXECUTE-API:*")) is Verdict.ALLOWED
    assert verdict(statement("*", action="execute-api:ManageConnections")) is Verdict.NOT_MENTIONED


def test_one_statement_need_not_stand_in_a_list() -> None:
    assert judge({"Statement": statement("*")}, ARN) is Verdict.ALLOWED


def test_a_condition_is_not_silently_passed_over() -> None:
    with pytest.raises(ValueError, match="cannot judge a policy with Condition"):
        verdict({**statement("*"), "Condition": {"IpAddress": {}}})
