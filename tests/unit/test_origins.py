"""Whose pages may call: what a zone may say, and what replies then tell a browser."""

import pytest
from pydantic import ValidationError

from functions.domain import browsers
from functions.domain.zone import Zone, Zones
from functions.entrypoints.replies import for_browsers
from infra.blueprint import ROOT

ZONES = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")
APP, SHOP, OTHER = "https://app.example.com", "https://shop.example.com", "https://evil.example.com"


def zone(*origins: str) -> Zone:
    """The zone ``eu``, for pages of these origins."""
    named = ", ".join(f'"{origin}"' for origin in origins)
    return Zones.parse(ZONES.replace("[zones.eu]", f"[zones.eu]\norigins = [{named}]", 1)).zones[
        "eu"
    ]


def reply(origin: str | None, *allowed: str, **given: str) -> dict[str, list[str]]:
    """The headers of a reply that was made with some."""
    made = {"statusCode": 200, "multiValueHeaders": {name: [v] for name, v in given.items()}}
    found: dict[str, list[str]] = for_browsers(made, origin, allowed)["multiValueHeaders"]
    return found


def test_no_page_may_call_a_zone_unless_its_origin_is_named() -> None:
    assert {zone.origins for zone in Zones.parse(ZONES).zones.values()} == {()}
    assert zone().origins == ()


@pytest.mark.parametrize(
    "origin",
    [APP, "https://app.example.com:8443", "http://localhost:5173", "http://127.0.0.1:3000"],
)
def test_an_origin_is_what_a_browser_sends(origin: str) -> None:
    assert zone(origin).origins == (origin,)


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ("*", "a wildcard lets in pages that nobody named"),
        ("https://*.example.com", "a wildcard"),
        ("null", "begins with https://"),
        ("app.example.com", "begins with https://"),
        ("file:///app", "begins with https://"),
        ("http://app.example.com", "http is for pages of a developer's own machine"),
        ("http://localhost.example.com", "http is for pages"),
        (f"{APP}/", f"write '{APP}'"),
        (f"{APP}/page", f"write '{APP}'"),
        (f"{APP}?a=1", f"write '{APP}'"),
        (f"{APP}#top", f"write '{APP}'"),
        (f"{APP}:443", f"write '{APP}'"),
        ("https://App.example.com", f"write '{APP}'"),
        ("https://ada@app.example.com", f"write '{APP}'"),
        ("http://localhost:80", "write 'http://localhost'"),
        ("https://app.example.com:99999", "is no origin"),
        ("https://[::1", "is no origin"),
        ("https://", "the host must be a name"),
        ("https://app_1.example.com", "the host must be a name"),
        ("https://bücher.example", "the host must be a name"),
        ("https://app.example.com ", "the host must be a name"),
    ],
)
def test_what_no_browser_would_send_is_refused_with_what_is_right(origin: str, why: str) -> None:
    with pytest.raises(ValidationError, match=r"zones\.eu\.origins") as refused:
        zone(APP, origin)
    assert why in str(refused.value)


def test_an_origin_is_named_once() -> None:
    with pytest.raises(ValidationError, match=f"named twice: {APP}"):
        zone(APP, SHOP, APP)


def test_every_reply_has_the_security_headers() -> None:
    headers = reply(None)
    assert {name: [value] for name, value in browsers.SECURITY.items()} == headers
    assert headers["Cache-Control"] == ["no-store"]
    assert not [name for name in headers if name.startswith("Access-Control")]


def test_what_a_reply_says_itself_stays() -> None:
    assert reply(None, **{"Cache-Control": "max-age=5"})["Cache-Control"] == ["max-age=5"]


def test_a_reply_with_a_validator_may_be_kept_by_whoever_got_it_and_asked_about() -> None:
    assert reply(None, ETag='"1"')["Cache-Control"] == ["private, no-cache"]


@pytest.mark.parametrize("origin", [APP, SHOP])
def test_a_page_of_an_allowed_origin_may_read_a_reply(origin: str) -> None:
    headers = reply(origin, APP, SHOP)
    assert headers["Access-Control-Allow-Origin"] == [origin]
    assert headers["Access-Control-Expose-Headers"] == [", ".join(browsers.EXPOSED)]
    assert headers["Vary"] == ["Origin"]
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("origin", [None, OTHER, "null", f"{APP}.evil.example", APP.upper()])
def test_nobody_else_may_read_it_and_no_cache_mixes_them_up(origin: str | None) -> None:
    headers = reply(origin, APP, SHOP)
    assert not [name for name in headers if name.startswith("Access-Control")]
    assert headers["Vary"] == ["Origin"]
