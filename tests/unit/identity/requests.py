"""What API Gateway hands to the authorizer, and what an answer means to it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from functions.adapters.tokens import TokenVerifier
from functions.entrypoints import authorizer
from functions.settings import Settings

ARN = "arn:aws:execute-api:eu-central-1:111122223333:abc123/live/POST/v1/agents/kyc_screening/run"


def event(
    credential: str | None = None, *, more: Mapping[str, Sequence[str]] | None = None, **parts: Any
) -> dict[str, Any]:
    """A request with this Authorization header, and perhaps others."""
    headers = {"Host": ["abc123.example.com"], **(more or {})}
    if credential is not None:
        headers["Authorization"] = [credential]
    return {
        "type": "REQUEST",
        "methodArn": ARN,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": {name: list(values) for name, values in headers.items()},
        "queryStringParameters": {},
        **parts,
    }


def effect(answer: dict[str, Any]) -> str:
    (statement,) = answer["policyDocument"]["Statement"]
    return str(statement["Effect"])


def install(verifier: TokenVerifier, patch: pytest.MonkeyPatch) -> None:
    """Let the authorizer's handler use this verifier, in the environment of a function."""
    place = Settings(zone="eu", region="eu-central-1")
    for name, value in place.to_env().items():
        patch.setenv(name, value)
    patch.setattr(authorizer, "settings", lambda: place)
    patch.setattr(authorizer, "verifier", lambda: verifier)
