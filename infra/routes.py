"""The HTTP interface as API Gateway must know it, route by route."""

from dataclasses import dataclass
from typing import Literal

STAGE = "live"
"""Stands first in the path of the API's own address; a custom domain maps it away."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; a caller who leaves out a required parameter never gets further."""

    method: str
    path: str
    required_query: tuple[str, ...] = ()
    takes_texts: bool = False
    """Whether bodies are what people wrote, of any length up to an agent's own limit."""
    body: tuple[Literal["object", "array"], ...] = ()
    """What JSON the body may be; anything else never gets further either. Unchecked if empty."""
    function: str = "http"
    """Who answers: the entrypoint's name."""


ROUTES = (
    Route("POST", "/v1/agents/{agent}/run", takes_texts=True, body=("object",)),
    Route("POST", "/v1/agents/{agent}/batch", takes_texts=True, body=("object",)),
    Route("POST", "/v1/events", takes_texts=True, body=("object", "array")),
    Route("GET", "/v1/runs/{run_id}"),
    Route("GET", "/v1/agents"),
    Route("GET", "/v1/agents/search", required_query=("q",)),
    Route("GET", "/v1/agents/{agent}"),
    Route("GET", "/v1/usage", function="usage"),
    Route("GET", "/v1/openapi.json"),
    Route("POST", "/ofrep/v1/evaluate/flags"),
    Route("POST", "/ofrep/v1/evaluate/flags/{key}"),
)


def methods(path: str) -> tuple[str, ...]:
    """What may be done with a path, for its ``Allow`` header."""
    return tuple(sorted(route.method for route in ROUTES if route.path == path))
