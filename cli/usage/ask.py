"""Asks ``GET /v1/usage`` of the local stack, or of a gatehouse on AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from cli.calls import Answered, CannotCall, here
from functions.domain.roles import READ_ALL_USAGE
from functions.domain.spreadsheet import MEDIA_TYPE
from local.identity import Minter
from local.state import FOLDER, running

PATIENCE_SECONDS = 35
"""A little more than API Gateway has."""
LOCAL_TEAM = "platform"


@dataclass(frozen=True, slots=True)
class Office:
    """Where usage is asked for, and with which token."""

    url: str
    token: str
    is_local: bool

    @classmethod
    def find(cls, url: str | None, token: str | None) -> "Office":
        """The gatehouse that is named, else the local stack with a token of our own making.

        Raises:
            CannotCall: neither can be asked; the message says what to do.
        """
        if url:
            if not url.startswith("https://") and not url.startswith("http://127.0.0.1"):
                msg = f"{url!r} is no gatehouse's address; write it like https://eu.agents.example.com"
                raise CannotCall(msg)
            if not token:
                msg = f"{url} wants a token: --token, or GATEHOUSE_TOKEN in the environment"
                raise CannotCall(msg)
            return cls(url.rstrip("/"), token, is_local=False)
        stack = here(running(), otherwise="name a gatehouse: --url https://… --token …")
        minted = token or Minter.load(FOLDER / "identity").mint(LOCAL_TEAM, [READ_ALL_USAGE])
        return cls(stack.gateway_url, minted, is_local=True)

    def report(self, query: Mapping[str, str]) -> Answered:
        """The answer as JSON, or the problem."""
        response = self._get(query, "application/json")
        try:
            found: dict[str, Any] = response.json()
        except ValueError:
            found = {"detail": response.text[:500]}
        return Answered(response.status_code, found, response.elapsed.total_seconds())

    def table(self, query: Mapping[str, str]) -> Answered:
        """The answer as CSV in ``text``, or the problem."""
        response = self._get(query, MEDIA_TYPE)
        if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
            seconds = response.elapsed.total_seconds()
            return Answered(response.status_code, {"text": response.text}, seconds)
        return self.report(query)

    def _get(self, query: Mapping[str, str], accept: str) -> httpx.Response:
        try:
            return httpx.get(
                f"{self.url}/v1/usage",
                params=dict(query),
                headers={"Authorization": f"Bearer {self.token}", "Accept": accept},
                timeout=PATIENCE_SECONDS,
                trust_env=not self.is_local,
            )
        except httpx.TransportError as error:
            msg = f"{self.url} does not answer ({type(error).__name__}); is the address right?"
            raise CannotCall(msg) from None
