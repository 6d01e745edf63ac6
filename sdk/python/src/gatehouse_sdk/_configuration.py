"""Where the gatehouse is and who calls: an argument, else the environment, else an error."""

import os
from collections.abc import Mapping
from typing import TypeVar

from gatehouse_sdk._errors import MalformedRequest
from gatehouse_sdk._exchange import checked_base_url

T = TypeVar("T")
BASE_URL = "GATEHOUSE_BASE_URL"
TOKEN = "GATEHOUSE_TOKEN"  # noqa: S105  # a variable's name


def find_base_url(given: str | None, environment: Mapping[str, str] | None = None) -> str:
    return checked_base_url(_find(given, BASE_URL, "base_url", environment))


def find_token(given: T | None, environment: Mapping[str, str] | None = None) -> T | str:
    return _find(given, TOKEN, "token", environment)


def _find(given: T | None, name: str, argument: str, env: Mapping[str, str] | None) -> T | str:
    known = os.environ if env is None else env  # noqa: TID251  # the package's one reader of the environment
    found = known.get(name) if given is None else given
    if found is None:
        msg = f"Pass {argument}=… to the client, or set {name}."
        raise MalformedRequest(msg)
    return found
