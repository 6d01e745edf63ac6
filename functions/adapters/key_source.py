"""Fetches an issuer's keys over HTTPS, found by OpenID discovery unless their place is configured.

No redirect is followed and no proxy of the environment used: a key is believed because of where it
came from. All of it ends after a few seconds, however slowly the provider drips.
"""

import ssl
from contextlib import closing
from http.client import HTTPException, HTTPSConnection
from time import monotonic
from typing import cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from functions.adapters.hurried import HurriedSocket, left
from functions.domain import canonical
from functions.domain.issuer import HttpsUrl, Issuer
from functions.domain.names import JsonObject

PATIENCE_SECONDS = 3.0
"""For discovery and keys together."""
MOST_BYTES = 256 * 1024
URL: TypeAdapter[str] = TypeAdapter(HttpsUrl)


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had at the moment."""


class HttpsKeys:
    """The key set of one issuer."""

    def __init__(
        self, issuer: Issuer, trust: ssl.SSLContext, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """``trust`` becomes these keys' own; it must check names and certificates."""
        trust.sslsocket_class = HurriedSocket
        self._issuer = issuer
        self._trust = trust
        self._patience_seconds = patience_seconds
        self._found: str | None = None

    def __call__(self) -> list[JsonObject]:
        """The keys as the issuer publishes them now.

        Raises:
            KeysUnavailable: it does not answer, or with what is no key set.
        """
        ends_at = monotonic() + self._patience_seconds
        try:
            self._found = self._issuer.jwks_uri or self._found or self._discover(ends_at)
            return _keys(self._get(self._found, ends_at))
        except (OSError, HTTPException, ValueError) as error:
            # It may have moved; the next attempt looks again.
            self._found = None
            msg = f"{urlsplit(self._issuer.issuer).hostname}: {type(error).__name__}"
            raise KeysUnavailable(msg) from error

    def _discover(self, ends_at: float) -> str:
        place = f"{self._issuer.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = self._get(place, ends_at)
        if document.get("issuer") != self._issuer.issuer:
            msg = "the discovery document is of another issuer"
            raise ValueError(msg)
        try:
            return URL.validate_python(document.get("jwks_uri"))
        except ValidationError:
            msg = "the discovery document names no HTTPS place of keys"
            raise ValueError(msg) from None

    def _get(self, url: str, ends_at: float) -> JsonObject:
        place = urlsplit(url)
        connection = HTTPSConnection(
            place.hostname or "", place.port, timeout=left(ends_at), context=self._trust
        )
        with closing(connection):
            connection.connect()
            cast("HurriedSocket", connection.sock).ends_at = ends_at
            connection.request("GET", place.path or "/", headers={"Accept": "application/json"})
            reply = connection.getresponse()
            body = reply.read(MOST_BYTES + 1)
        if reply.status != 200 or len(body) > MOST_BYTES:  # noqa: PLR2004  # OK
            msg = f"status {reply.status}, {len(body)} bytes"
            raise ValueError(msg)
        return canonical.read_object(body.decode("utf-8"))


def _keys(document: JsonObject) -> list[JsonObject]:
    keys = document.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        msg = "it is no set of keys"
        raise ValueError(msg)
    return keys
