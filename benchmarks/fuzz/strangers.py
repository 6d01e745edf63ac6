"""Every run that the fuzzing made, asked for by who must not see it."""

from collections.abc import Iterable
from http import HTTPStatus

import httpx

REPLIES = {"its owner": HTTPStatus.OK, "a stranger": HTTPStatus.NOT_FOUND}


def leaks(url: str, runs: Iterable[str], *, owner: str, stranger: str) -> list[str]:
    """What was wrong with the answers: the owner reads a run, and for another team there is none.

    The tokens are both callers'; without one, nobody gets as far as to be told.
    """
    wrong = []
    with httpx.Client(base_url=url, timeout=40) as http:
        for run in runs:
            path = f"/v1/runs/{run}"
            found = {
                "its owner": _status(http, path, owner),
                "a stranger": _status(http, path, stranger),
                "nobody": http.get(path).status_code,
            }
            if found != {**REPLIES, "nobody": HTTPStatus.UNAUTHORIZED}:
                wrong.append(f"{run}: {found}")
    return wrong


def _status(http: httpx.Client, path: str, token: str) -> int:
    return http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
