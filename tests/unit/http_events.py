"""Requests as API Gateway hands them to a function."""

import json
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent


def request(body: object = None, **headers: str) -> APIGatewayProxyEvent:
    """A request of the team helpdesk; a body that is no text is sent as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    context: dict[str, Any] = {
        "requestId": "r-1",
        "authorizer": {"subject": "ada", "team": "helpdesk", "zone": "eu", "roles": "echo:say"},
    }
    return APIGatewayProxyEvent({"headers": sent, "body": text, "requestContext": context})
