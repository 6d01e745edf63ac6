"""Spans over the wire: OTLP/HTTP with JSON, to CloudWatch or to any collector.

OpenTelemetry's own encoder writes the JSON. The connection is urllib3's, which boto3 brings and
which every function has loaded anyway; it is kept open between the calls of a function.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from opentelemetry.exporter.otlp.json.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import ProtocolError

JSON = "application/json"

Headers = Callable[[str, bytes], Mapping[str, str]]
"""What a request to this address with this body needs besides: a token, or a signature."""


class NotTaken(Exception):
    """The endpoint answered something else than 200."""


class OtlpHttp:
    """Sends spans; see :data:`functions.adapters.outbox.Send`."""

    def __init__(self, endpoint: str, headers: Headers) -> None:
        self._endpoint = endpoint
        self._headers = headers
        self._pool = PoolManager(retries=False)

    def __call__(self, spans: Sequence[ReadableSpan], seconds: float) -> int:
        body = encode_spans(spans).to_json().encode()
        headers = {**self._headers(self._endpoint, body), "Content-Type": JSON}
        reply = self._post(body, headers, seconds)
        if reply.status != HTTPStatus.OK:
            msg = f"the endpoint answered {reply.status}"
            raise NotTaken(msg)
        return _rejected(reply.data)

    def _post(self, body: bytes, headers: Mapping[str, str], seconds: float) -> Any:
        def post() -> Any:
            return self._pool.request(
                "POST",
                self._endpoint,
                body=body,
                headers=headers,
                timeout=Timeout(total=seconds),
                redirect=False,
            )

        try:
            return post()
        except ProtocolError:
            # The connection was closed while the function was frozen. A new one is not.
            return post()


def _rejected(reply: bytes) -> int:
    """How many spans a collector did not want; what it says of them is not looked at."""
    try:
        return int(json.loads(reply)["partialSuccess"]["rejectedSpans"])
    except (ValueError, KeyError, TypeError):
        return 0
