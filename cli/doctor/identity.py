"""Whether the zone's identity providers publish the keys with which tokens are checked.

They are asked from this machine. The functions ask them from AWS, which may see another internet.
"""

from collections.abc import Iterator
from typing import Any

import httpx

from cli.doctor.finding import Finding, error, fine
from cli.doctor.site import Site
from functions.domain.issuer import Issuer

DISCOVERY = ".well-known/openid-configuration"
PATIENCE_SECONDS = 10
KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""Of keys, by the first letters of an algorithm."""
REMEDY = "correct 'issuer' or 'jwks_uri', or ask the team that runs the provider; docs/identity.md"


class _Unfit(Exception):
    """What a provider says is not what tokens can be checked with."""


def issuers(site: Site) -> Iterator[Finding]:
    """One finding for each issuer of the zone."""
    with httpx.Client(timeout=PATIENCE_SECONDS, follow_redirects=False) as client:
        yield from of(site.zone.issuers, client)


def of(accepted: tuple[Issuer, ...], client: httpx.Client) -> Iterator[Finding]:
    """The same, with a client of one's own."""
    for issuer in accepted:
        check = f"issuer {issuer.issuer}"
        try:
            usable = _usable(issuer, _keys(issuer, client))
        except _Unfit as unfit:
            yield error(check, str(unfit), REMEDY)
        else:
            yield fine(check, f"publishes {usable} keys for {', '.join(issuer.algorithms)}")


def _keys(issuer: Issuer, client: httpx.Client) -> list[Any]:
    where = issuer.jwks_uri or _discovered(issuer, client)
    keys = _json(client, where).get("keys")
    if not isinstance(keys, list):
        msg = f"{where} is no key set"
        raise _Unfit(msg)
    return keys


def _discovered(issuer: Issuer, client: httpx.Client) -> str:
    told = _json(client, f"{issuer.issuer.removesuffix('/')}/{DISCOVERY}")
    if told.get("issuer") != issuer.issuer:
        msg = f"it calls itself {told.get('issuer')!r}, and tokens must say exactly that"
        raise _Unfit(msg)
    where = told.get("jwks_uri")
    if not isinstance(where, str) or not where.startswith("https://"):
        msg = f"its keys are not to be had over HTTPS: {where!r}"
        raise _Unfit(msg)
    return where


def _usable(issuer: Issuer, keys: list[Any]) -> int:
    wanted = {KINDS[algorithm[:2]] for algorithm in issuer.algorithms}
    usable = [
        key
        for key in keys
        if isinstance(key, dict)
        and key.get("kid")
        and key.get("kty") in wanted
        and key.get("use", "sig") == "sig"
        and key.get("alg", issuer.algorithms[0]) in issuer.algorithms
    ]
    if not usable:
        msg = f"none of its {len(keys)} keys signs with {', '.join(issuer.algorithms)}"
        raise _Unfit(msg)
    return len(usable)


def _json(client: httpx.Client, url: str) -> dict[str, Any]:
    try:
        found = client.get(url)
        body = found.raise_for_status().json()
    except httpx.HTTPStatusError as failed:
        msg = f"{url} answers {failed.response.status_code}"
        raise _Unfit(msg) from failed
    except httpx.HTTPError as failed:
        msg = f"{url} cannot be reached ({type(failed).__name__})"
        raise _Unfit(msg) from failed
    except ValueError as failed:
        msg = f"{url} answers something that is no JSON"
        raise _Unfit(msg) from failed
    if not isinstance(body, dict):
        msg = f"{url} answers no JSON object"
        raise _Unfit(msg)
    return body
