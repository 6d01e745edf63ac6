"""What the gateway remembers of the authorizer's answers, and for whom."""

from typing import Any

import pytest

from local.invocation import failure
from tests.unit.local.apis import PROTECTED, Api, allow, method, path, template

CLOSED = template(V1=path("v1"), Get=method("V1", **PROTECTED))


def deny(event: Any) -> Any:
    statement = {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": "*"}
    return {"principalId": "unauthenticated", "policyDocument": {"Statement": [statement]}}


def statuses(api: Api, *credentials: str) -> list[int]:
    return [api.get("/live/v1", Authorization=value).status for value in credentials]


def asked(api: Api) -> int:
    return len(api.functions.asked("authorizer"))


def test_a_denial_is_remembered_for_its_own_credential_only() -> None:
    api = Api(CLOSED, authorize=_by_token)
    assert statuses(api, "bad", "good", "bad", "good") == [403, 200, 403, 200]
    assert asked(api) == 2


def test_a_denial_is_asked_for_again_when_its_time_is_over() -> None:
    api = Api(CLOSED, authorize=deny)
    statuses(api, "bad", "bad")
    api.clock.move(seconds=301)
    statuses(api, "bad")
    assert asked(api) == 2


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        (failure("StoreUnavailable", "the keys cannot be had"), 500),
        (failure("Unauthorized", "Unauthorized"), 401),
        (failure("Sandbox.Timedout", "Task timed out"), 500),
        ({"principalId": "ada"}, 500),
    ],
)
def test_a_failure_is_never_remembered(failed: Any, status: int) -> None:
    answers = iter([failed, failed])
    api = Api(CLOSED, authorize=lambda event: next(answers, None) or allow(event))
    assert statuses(api, *["good"] * 4) == [status, status, 200, 200]
    assert asked(api) == 3


def test_what_decides_besides_the_credential_is_not_looked_at_again() -> None:
    """So an authorizer must not let anything else decide."""
    api = Api(CLOSED)
    for where in ("/live/v1?access_token=other", "/live/v1"):
        assert api.get(where, Authorization="good", Cookie="access_token=other").status == 200
    assert asked(api) == 1


def test_spelling_the_scheme_otherwise_is_another_credential() -> None:
    api = Api(CLOSED)
    statuses(api, "Bearer x", "bearer x")
    assert asked(api) == 2


def _by_token(event: Any) -> Any:
    return (deny if event["headers"]["Authorization"] == "bad" else allow)(event)
