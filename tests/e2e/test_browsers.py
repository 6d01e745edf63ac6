"""What browsers are told by every kind of reply of the running stack."""

import httpx
import pytest

from functions.domain import browsers
from local.stack import LocalStack
from tests.e2e.conftest import ORIGINS

FLAGS = "/ofrep/v1/evaluate/flags"


@pytest.fixture
def token(stack: LocalStack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.identity.mint('platform')}"}


def told(reply: httpx.Response) -> dict[str, str]:
    """What a reply says of what browsers are told."""
    names = (*browsers.SECURITY, *browsers.readable("*"))
    return {name: reply.headers[name] for name in names if name in reply.headers}


def test_every_reply_has_the_security_headers(http: httpx.Client, token: dict[str, str]) -> None:
    replies = {
        200: http.get("/v1/agents", headers=token),
        401: http.get("/v1/agents"),
        404: http.get("/v1/nothing", headers=token),
        405: http.delete("/v1/agents", headers=token),
        415: http.delete("/v1/agents", headers={**token, "Content-Type": "text/xml"}),
    }
    for status, reply in replies.items():
        assert reply.status_code == status
        assert browsers.SECURITY.items() <= told(reply).items(), status
    unknown = http.get("/v1/agents/nobody", headers=token)
    assert (unknown.status_code, told(unknown)) == (404, browsers.SECURITY)


def test_flags_may_be_kept_and_are_asked_about(http: httpx.Client, token: dict[str, str]) -> None:
    first = http.post(FLAGS, json={}, headers=token)
    headers = {**token, "If-None-Match": first.headers["ETag"]}
    again = http.post(FLAGS, json={}, headers=headers)

    assert (first.status_code, again.status_code) == (200, 304)
    for reply in (first, again):
        assert reply.headers["Cache-Control"] == browsers.VALIDATED


def test_a_page_may_read_what_a_function_says_if_its_origin_is_named(
    http: httpx.Client, token: dict[str, str]
) -> None:
    for path, status in (("/v1/agents", 200), ("/v1/agents/nobody", 404)):
        ours, others = (
            http.get(path, headers={**token, "Origin": origin})
            for origin in (ORIGINS[-1], "https://evil.example.com")
        )
        assert (ours.status_code, others.status_code) == (status, status)
        assert browsers.readable(ORIGINS[-1]).items() <= told(ours).items()
        assert told(others) == browsers.SECURITY
        assert ours.headers["Vary"] == others.headers["Vary"] == "Origin"


def test_a_preflight_needs_no_token_and_names_the_origin_that_asked(http: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": ORIGINS[0]}
    ours = http.options("/v1/events", headers=asked)
    others = http.options("/v1/events", headers={**asked, "Origin": "https://evil.example.com"})

    assert (ours.status_code, others.status_code) == (204, 204)
    assert ours.headers["Access-Control-Allow-Origin"] == ORIGINS[0]
    for name, value in browsers.preflight().items():
        assert ours.headers[name] == value
    assert "Access-Control-Allow-Origin" not in others.headers
