"""The HTTP interface as API Gateway must know it, route by route."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; a caller who leaves out a required parameter never gets further."""

    method: str
    path: str
    required_query: tuple[str, ...] = ()


ROUTES = (
    Route("POST", "/v1/agents/{agent}/run"),
    Route("POST", "/v1/agents/{agent}/batch"),
    Route("POST", "/v1/events"),
    Route("GET", "/v1/runs/{run_id}"),
    Route("GET", "/v1/agents"),
    Route("GET", "/v1/agents/search", required_query=("q",)),
    Route("GET", "/v1/agents/{agent}"),
    Route("GET", "/v1/openapi.json"),
    Route("POST", "/ofrep/v1/evaluate/flags"),
    Route("POST", "/ofrep/v1/evaluate/flags/{key}"),
)


def methods(path: str) -> tuple[str, ...]:
    """What may be done with a path, for its ``Allow`` header."""
    return tuple(sorted(route.method for route in ROUTES if route.path == path))
