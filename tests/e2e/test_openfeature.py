"""OpenFeature's own Python client against the local stack, with nothing of ours in between."""

from collections.abc import Iterator

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from local.stack import LocalStack

PANEL = "helpdesk.ticket-panel"


@pytest.fixture(scope="module")
def client(stack: LocalStack) -> Iterator[OpenFeatureClient]:
    token = stack.identity.mint("helpdesk")
    provider = OFREPProvider(
        stack.running.gateway_url,
        headers_factory=lambda: {"Authorization": f"Bearer {token}"},
        timeout=120,
    )
    api.set_provider(provider)
    yield api.get_client()
    provider.session.close()
    api.shutdown()


def test_an_agent_is_on_for_who_may_use_it_and_off_for_others(client: OpenFeatureClient) -> None:
    mine = client.get_boolean_details("agent.ticket_summary", default_value=False)
    other = client.get_boolean_details("agent.kyc_screening", default_value=True)

    assert (mine.value, mine.reason, mine.error_code) == (True, Reason.STATIC, None)
    assert mine.flag_metadata["agent"] == "ticket_summary"
    assert (other.value, other.variant) == (False, "role-missing")


def test_a_share_of_users_sees_what_is_new(client: OpenFeatureClient) -> None:
    found = [
        client.get_boolean_details(PANEL, evaluation_context=user(n), default_value=False)
        for n in range(20)
    ]
    again = client.get_boolean_details(PANEL, evaluation_context=user(0), default_value=False)

    assert {each.value for each in found} == {True, False}
    assert {each.reason for each in found} == {Reason.SPLIT, Reason.DEFAULT}
    assert again.value == found[0].value


def test_what_cannot_be_evaluated_gives_the_default_and_says_why(
    client: OpenFeatureClient,
) -> None:
    unknown = client.get_boolean_details("nothing", default_value=True)
    nobody = client.get_boolean_details(PANEL, default_value=True)
    claimed = client.get_boolean_details(
        PANEL, default_value=True, evaluation_context=EvaluationContext("u", {"team": "retail"})
    )
    other_type = client.get_string_details("agent.ticket_summary", default_value="x")

    assert [each.error_code for each in (unknown, nobody, claimed, other_type)] == [
        ErrorCode.FLAG_NOT_FOUND,
        ErrorCode.TARGETING_KEY_MISSING,
        ErrorCode.INVALID_CONTEXT,
        ErrorCode.TYPE_MISMATCH,
    ]
    assert unknown.value is nobody.value is claimed.value is True


def user(number: int) -> EvaluationContext:
    return EvaluationContext(f"user-{number}")
