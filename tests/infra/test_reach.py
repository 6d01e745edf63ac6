"""Where an API can be reached from, and under which name."""

from typing import Any

from functions.domain.edge import MODERN_TLS
from tests.infra.templates import Resource, Template, each

API = "AWS::ApiGateway::RestApi"
DOMAIN = "AWS::ApiGateway::DomainName"
BOUNDARY = "arn:aws:iam::111122223333:policy/platform-boundary"


def edge(found: list[Template], region: str) -> Template:
    (one,) = (t for t in found if t.name == f"gatehouse-{region}-edge")
    return one


def only(template: Template, type_: str) -> Resource:
    (properties,) = template.of_type(type_).values()
    return properties


def denials(api: Resource) -> dict[str, Any]:
    """What the resource policy refuses: the values by their key, whatever compares them."""
    first, *others = api["Policy"]["Statement"]
    assert (first["Effect"], first["Principal"]) == ("Allow", {"AWS": "*"})
    assert all(s["Effect"] == "Deny" and s["Resource"] == "execute-api:/*" for s in others)
    by_operator = [item for s in others for item in s["Condition"].items()]
    return {f"{op} {key}": v for op, keys in by_operator for key, v in keys.items()}


def test_left_out_an_api_is_regional_public_and_has_aws_name(every: list[Template]):
    for template, _, api in each(every, API):
        assert api["EndpointConfiguration"]["Types"] == ["REGIONAL"], template.name
        assert not api.get("DisableExecuteApiEndpoint"), template.name
        assert "Policy" not in api, template.name
        assert not template.of_type(DOMAIN), template.name


def test_no_api_takes_a_connection_older_than_tls_1_2(
    every: list[Template], switched_on: list[Template]
):
    assert "TLS13_1_2" in MODERN_TLS
    for template, _, api in each([*every, *switched_on], API):
        assert api["SecurityPolicy"] == MODERN_TLS, template.name
    for template, _, domain in each(switched_on, DOMAIN):
        assert domain["SecurityPolicy"] == MODERN_TLS, template.name


def test_a_domain_is_the_only_way_in_and_maps_the_stages_name_away(switched_on: list[Template]):
    template = edge(switched_on, "eu-central-1")
    domain = only(template, DOMAIN)
    assert domain["DomainName"] == "eu.agents.example.com"
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert only(template, API)["DisableExecuteApiEndpoint"] is True
    mapping = only(template, "AWS::ApiGateway::BasePathMapping")
    assert "BasePath" not in mapping
    (stage,) = template.of_type("AWS::ApiGateway::Stage")
    assert mapping["Stage"] == {"Ref": stage}


def test_a_certificate_is_made_through_the_hosted_zone_where_none_is_named(
    switched_on: list[Template],
):
    template = edge(switched_on, "eu-central-1")
    (certificate,) = template.of_type("AWS::CertificateManager::Certificate")
    made = only(template, "AWS::CertificateManager::Certificate")
    (option,) = made["DomainValidationOptions"]
    assert (made["ValidationMethod"], option["HostedZoneId"]) == ("DNS", "Z0123456789ABC")
    assert only(template, DOMAIN)["RegionalCertificateArn"] == {"Ref": certificate}


def test_the_record_leads_to_the_nearest_region_and_is_written_by_that_region_alone(
    switched_on: list[Template],
):
    record = only(edge(switched_on, "eu-central-1"), "AWS::Route53::RecordSet")
    assert (record["Region"], record["SetIdentifier"]) == ("eu-central-1", "eu-central-1")
    assert (record["Name"], record["Type"]) == ("eu.agents.example.com", "A")
    assert record["HostedZoneId"] == "Z0123456789ABC"


def test_networks_that_are_not_named_are_refused(switched_on: list[Template]):
    api = only(edge(switched_on, "eu-central-1"), API)
    assert denials(api) == {"NotIpAddress aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}


def test_a_private_api_is_reached_through_its_endpoints_and_no_other(switched_on: list[Template]):
    template = edge(switched_on, "us-east-1")
    api = only(template, API)
    endpoints = ["vpce-0123abcd", "vpce-4567cdef"]
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": endpoints}
    assert denials(api) == {"StringNotEquals aws:SourceVpce": endpoints}
    assert not template.of_type(DOMAIN)


def test_a_boundary_holds_for_every_role_and_only_where_a_zone_names_one(
    every: list[Template], switched_on: list[Template]
):
    for template, id_, role in each(every, "AWS::IAM::Role"):
        assert "PermissionsBoundary" not in role, (template.name, id_)
    for template, id_, role in each(switched_on, "AWS::IAM::Role"):
        assert role["PermissionsBoundary"] == BOUNDARY, (template.name, id_)
