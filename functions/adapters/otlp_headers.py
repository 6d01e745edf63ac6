"""What shows an OTLP endpoint who sends: AWS's signature for CloudWatch, a secret for others."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.adapters.otlp import JSON, Headers
from functions.adapters.webhook_secrets import SecretsManager

if TYPE_CHECKING:
    from botocore.credentials import Credentials

KEPT = timedelta(minutes=5)
"""How long after its replacement a token may still be sent."""


def none(url: str, body: bytes) -> Mapping[str, str]:
    """For an endpoint that takes spans from everybody."""
    return {}


def signed(credentials: "Callable[[], Credentials | None]", region: str) -> Headers:
    """Signature version 4, for the service X-Ray, by the function's own role."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import NoCredentialsError

    def sign(url: str, body: bytes) -> Mapping[str, str]:
        request = AWSRequest("POST", url, headers={"Content-Type": JSON}, data=body)
        # Asked for each time: a restored snapshot must not send what it was built with.
        found = credentials()
        if found is None:
            raise NoCredentialsError
        SigV4Auth(found, "xray", region).add_auth(request)
        return dict(request.headers.items())

    return sign


def from_secret(client: SecretsManager, name: str, now: Callable[[], datetime]) -> Headers:
    """A JSON object of headers, as a secret holds it; it is read when it is first needed."""
    kept: list[tuple[datetime, Mapping[str, str]]] = []

    def read(url: str, body: bytes) -> Mapping[str, str]:
        if not kept or now() >= kept[-1][0]:
            found = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
            kept[:] = [(now() + KEPT, {str(key): str(value) for key, value in found.items()})]
        return kept[-1][1]

    return read
