"""Where an API is reached from: by everybody, from some networks, or through VPC endpoints only."""

from typing import cast

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam

from functions.domain.edge import MODERN_TLS
from infra.place import Place

EVERYTHING = "execute-api:/*"


def admission(place: Place) -> iam.PolicyDocument | None:
    """The API's resource policy; none where everybody may come, which AWS takes for "all".

    Callers bring a token of their identity provider and no AWS signature. So a policy can tell
    networks and endpoints apart, but not AWS organizations: that would refuse every caller.
    """
    edge = place.zone.edge
    endpoints = edge.vpc_endpoints.get(place.region, ())
    denied: list[iam.PolicyStatement] = []
    if endpoints:
        denied.append(_deny("StringNotEquals", "aws:SourceVpce", endpoints))
    if edge.allowed_addresses:
        seen_as = "aws:VpcSourceIp" if edge.is_private else "aws:SourceIp"
        networks = tuple(str(network) for network in edge.allowed_addresses)
        denied.append(_deny("NotIpAddress", seen_as, networks))
    if not denied:
        return None
    everybody = iam.PolicyStatement(
        actions=["execute-api:Invoke"], principals=[iam.AnyPrincipal()], resources=[EVERYTHING]
    )
    return iam.PolicyDocument(statements=[everybody, *denied])


def settle(api: apigateway.RestApi, place: Place) -> None:
    """Give the API its kind of address and the TLS that it insists on."""
    written = cast("apigateway.CfnRestApi", api.node.default_child)
    # The CDK's own class knows neither of these two properties.
    written.security_policy = MODERN_TLS
    written.endpoint_access_mode = "BASIC"
    endpoints = place.zone.edge.vpc_endpoints.get(place.region)
    if endpoints:
        written.endpoint_configuration = apigateway.CfnRestApi.EndpointConfigurationProperty(
            types=["PRIVATE"], vpc_endpoint_ids=[*endpoints]
        )


def _deny(operator: str, key: str, values: tuple[str, ...]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=["execute-api:Invoke"],
        principals=[iam.AnyPrincipal()],
        resources=[EVERYTHING],
        conditions={operator: {key: [*values]}},
    )
