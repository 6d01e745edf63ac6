"""Where results may be sent: which URLs a caller may name, and which addresses are the world's."""

from typing import Any

import pytest
from pydantic import ValidationError

from functions.domain.budget import Budget
from functions.domain.callback import MOST_CHARACTERS, Callback, is_public
from functions.domain.errors import CallbackNotAllowed, MalformedRequest
from functions.domain.team import Team, Teams
from functions.entrypoints.requests import read_run
from tests import fakes
from tests.unit.http_events import request

ALLOWED = frozenset({"hooks.example.com", "other.example.com:8443", "intranet"})


class Context:
    """Lambda's, with time left."""

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def run_of(**headers: str) -> Any:
    team = fakes.TEAM.model_copy(update={"webhook_hosts": ALLOWED})
    context: Any = Context()
    teams = Teams(tiers={}, teams={team.name: team})
    return read_run(request({"input": {}}, **headers), context, "echo", teams, fakes.NOW)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.example.com", Callback("hooks.example.com", 443, "/")),
        ("https://hooks.example.com/a/b?c=d@e", Callback("hooks.example.com", 443, "/a/b?c=d@e")),
        ("HTTPS://Hooks.Example.COM:443/A", Callback("hooks.example.com", 443, "/A")),
        ("https://other.example.com:8443/x", Callback("other.example.com", 8443, "/x")),
        ("https://intranet/", Callback("intranet", 443, "/")),
        ("https://hooks.example.com?q", Callback("hooks.example.com", 443, "/?q")),
    ],
)
def test_a_url_on_a_host_of_the_team_is_read(url: str, expected: Callback):
    assert Callback.read(url, ALLOWED) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com/x",
        "//hooks.example.com/x",
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://",
        "https:///x",
        "https://user@hooks.example.com/x",
        "https://user:word@hooks.example.com/x",
        "https://evil.example.com\\@hooks.example.com/x",
        "https://hooks.example.com/x#y",
        "https://hooks.example.com/x#",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/a\tb",
        "https://hooks.example.com/a\r\nX-Evil: 1",
        "https://hooks.example.com/ä",
        "https://hooks.exämple.com/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:port/",
        "https://hooks.example.com./",
        "https://hooks..example.com/",
        "https://-hooks.example.com/",
        "https://[::1]/",
        "https://[::1/",
        "https://93.184.216.34/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://hooks.example.com/" + "x" * MOST_CHARACTERS,
    ],
)
def test_what_is_no_such_url_is_refused(url: str):
    with pytest.raises(MalformedRequest, match="X-Callback-Url"):
        Callback.read(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "https://a.hooks.example.com/",
        "https://hooks.example.com.evil.org/",
        "https://hooks.example.com:8443/",
        "https://other.example.com/",
        "https://localhost/",
    ],
)
def test_a_host_that_is_not_the_teams_is_refused_and_those_that_are_get_named(url: str):
    with pytest.raises(CallbackNotAllowed, match=r"hooks\.example\.com, intranet, other"):
        Callback.read(url, ALLOWED)


def test_a_team_without_hosts_receives_nothing():
    with pytest.raises(CallbackNotAllowed, match="nowhere"):
        Callback.read("https://hooks.example.com/", fakes.TEAM.webhook_hosts)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "*.example.com", "Example.com", "a.b:0", "https://a.b", "a.b/", ""],
)
def test_a_teams_host_is_a_name_with_perhaps_a_port(host: str):
    with pytest.raises(ValidationError):
        Team.model_validate(fakes.TEAM.model_dump() | {"webhook_hosts": [host]})


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  # an address to refuse
        "10.0.0.1",
        "100.64.10.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_the_worlds_is_never_sent_to(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
def test_an_address_of_the_world_may_be_sent_to(address: str):
    assert is_public(address)


def test_a_run_that_is_done_later_remembers_where_its_result_goes():
    url = "https://hooks.example.com/done"
    assert run_of(Prefer="respond-async", X_Callback_Url=url).callback == url
    assert run_of(Prefer="respond-async").callback is None


def test_a_result_that_is_in_the_reply_is_not_sent_anywhere():
    with pytest.raises(MalformedRequest, match="respond-async"):
        run_of(X_Callback_Url="https://hooks.example.com/done")


def test_a_callback_that_may_not_be_is_refused_before_the_run_is_accepted():
    with pytest.raises(CallbackNotAllowed):
        run_of(Prefer="respond-async", X_Callback_Url="https://evil.example.com/")


def test_a_team_lists_its_hosts_in_its_table():
    text = f"""
[tiers.t]
requests_per_second = 1
burst = 1
requests_per_month = 1
[teams.a]
zone = "eu"
business_unit = "U"
cost_centre = "C"
tier = "t"
budget = {{ monthly_usd = {Budget(monthly_usd=1).monthly_usd} }}
webhook_hosts = ["hooks.example.com", "hooks.example.com:8443"]
"""
    found = Teams.parse(text).teams["a"].webhook_hosts
    assert found == {"hooks.example.com", "hooks.example.com:8443"}
