"""What may be said of a zone's edge, and how precisely the rest is refused."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from functions.domain.edge import Edge
from functions.domain.zone import Zone

CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d"
DOMAIN = {"name": "eu.agents.example.com"}
HOSTED = {"hosted_zone": {"id": "Z0123456789ABC", "name": "example.com"}}
BOUNDARY = "arn:aws:iam::111122223333:policy/developer-boundary"


def zone(regions: tuple[str, ...] = ("eu-central-1",), **more: Any) -> Zone:
    return Zone.model_validate(
        {
            "name": "eu",
            "account": "111122223333",
            "regions": regions,
            "base_url": "https://eu.agents.example.com",
            "models": ["eu.anthropic.claude-haiku-4-5-20251001-v1:0"],
            "issuers": [{"issuer": "https://login.example.com/", "audience": "agents"}],
            **more,
        }
    )


def test_left_out_the_api_is_public_and_stands_behind_the_firewalls_defaults() -> None:
    edge = zone().edge
    assert (edge.domain, edge.is_private, edge.allowed_addresses) == (None, False, ())
    assert (edge.firewall.bot_control, edge.firewall.code_in_texts) == (False, False)


@pytest.mark.parametrize(
    "domain",
    [
        {**DOMAIN, **HOSTED},
        {**DOMAIN, "certificates": {"eu-central-1": CERTIFICATE}},
        {**DOMAIN, **HOSTED, "certificates": {"eu-central-1": CERTIFICATE}},
    ],
)
def test_a_domain_has_its_certificates_or_a_hosted_zone_that_makes_them(
    domain: Mapping[str, Any],
) -> None:
    found = zone(edge={"domain": domain}).edge.domain
    assert found is not None
    assert (found.records, found.own_address) == (True, False)


WRONG: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no certificate": (
        {"domain": DOMAIN},
        (
            "the domain eu.agents.example.com needs a certificate in eu-central-1: name it under"
            " certificates, or name the hosted_zone so that one is made"
        ),
    ),
    "a certificate of another region": (
        {"domain": {**DOMAIN, "certificates": {"eu-west-1": CERTIFICATE}}},
        f"API Gateway needs a certificate of eu-west-1, not {CERTIFICATE}",
    ),
    "a certificate for another zone's region": (
        {
            "domain": {
                **DOMAIN,
                "certificates": {
                    "eu-central-1": CERTIFICATE,
                    "eu-west-1": CERTIFICATE.replace("eu-central-1", "eu-west-1"),
                },
            }
        },
        "certificates: eu-west-1 is no region of the zone: eu-central-1",
    ),
    "another hosted zone": (
        {"domain": {**DOMAIN, "hosted_zone": {"id": "Z1", "name": "agents.test"}}},
        "the domain eu.agents.example.com is not in the hosted zone agents.test",
    ),
    "a suffix that is no parent": (
        {"domain": {**DOMAIN, "hosted_zone": {"id": "Z1", "name": "gents.example.com"}}},
        "the domain eu.agents.example.com is not in the hosted zone gents.example.com",
    ),
    "another name than callers are told": (
        {"domain": {"name": "agents.example.com", **HOSTED}},
        "base_url leads callers to eu.agents.example.com, but the domain is agents.example.com",
    ),
    "private with a public name": (
        {"domain": {**DOMAIN, **HOSTED}, "vpc_endpoints": {"eu-central-1": ["vpce-0123abcd"]}},
        "a private API has no public domain: leave out either domain or vpc_endpoints",
    ),
    "private in some regions": (
        {"vpc_endpoints": {"eu-west-1": ["vpce-0123abcd"]}},
        "vpc_endpoints: name them for each region of the zone: eu-central-1",
    ),
    "private for nobody": (
        {"vpc_endpoints": {"eu-central-1": []}},
        "vpc_endpoints: name at least one endpoint for each region",
    ),
    "not an endpoint": ({"vpc_endpoints": {"eu-central-1": ["vpc-0123abcd"]}}, "vpce-"),
    "every address": (
        {"allowed_addresses": ["0.0.0.0/0"]},
        "0.0.0.0/0 is every address; leave allowed_addresses out to let everybody in",
    ),
    "an address that is no network": ({"allowed_addresses": ["192.0.2.7/24"]}, "IPv4 or IPv6"),
    "a limit below AWS's own": ({"firewall": {"requests_per_address": 9}}, "equal to 10"),
    "an unknown setting": ({"firewal": {}}, "Extra inputs are not permitted"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_deployed_is_refused_with_what_to_change(case: str) -> None:
    edge, message = WRONG[case]
    with pytest.raises(ValidationError, match=re.escape(message)):
        zone(edge=edge)


def test_a_network_of_one_address_is_a_network() -> None:
    edge = Edge.model_validate({"allowed_addresses": ["192.0.2.7", "2001:db8::/32"]})
    assert [str(network) for network in edge.allowed_addresses] == ["192.0.2.7/32", "2001:db8::/32"]


def test_a_boundary_is_a_policy_of_the_zones_account_or_of_aws() -> None:
    assert zone(permissions_boundary=BOUNDARY).permissions_boundary == BOUNDARY
    of_aws = "arn:aws:iam::aws:policy/PowerUserAccess"
    assert zone(permissions_boundary=of_aws).permissions_boundary == of_aws
    with pytest.raises(
        ValidationError, match="a policy of the account 111122223333, not 444455556666"
    ):
        zone(permissions_boundary=BOUNDARY.replace("111122223333", "444455556666"))
    with pytest.raises(ValidationError, match="should match pattern"):
        zone(permissions_boundary="developer-boundary")
