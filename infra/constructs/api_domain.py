"""A zone's own name before the API of a region.

Every region of a zone has the same name. Route 53 leads a caller to the nearest of them; each
region's stack writes the record of that region only, and names no other.
"""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from functions.domain.edge import MODERN_TLS, Domain, HostedZone
from infra.place import Place


class ApiDomain(Construct):
    """The domain in one region: certificate, mapping of the stage, and record."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Domain,
        place: Place,
        api: apigateway.RestApi,
    ) -> None:
        super().__init__(scope, id_)
        domain = apigateway.CfnDomainName(
            self,
            "Name",
            domain_name=settings.name,
            endpoint_access_mode="BASIC",
            endpoint_configuration=apigateway.CfnDomainName.EndpointConfigurationProperty(
                types=["REGIONAL"]
            ),
            regional_certificate_arn=self._certificate(settings, place.region),
            security_policy=MODERN_TLS,
        )
        # At the root, so that the stage's name is not part of a caller's URL.
        apigateway.CfnBasePathMapping(
            self,
            "Mapping",
            domain_name=domain.ref,
            rest_api_id=api.rest_api_id,
            stage=api.deployment_stage.stage_name,
        )
        if settings.hosted_zone and settings.records:
            self._record(settings.name, settings.hosted_zone, place.region, domain)

    def _certificate(self, settings: Domain, region: str) -> str:
        given = settings.certificates.get(region)
        if given or settings.hosted_zone is None:
            return str(given)
        made = acm.CfnCertificate(
            self,
            "Certificate",
            domain_name=settings.name,
            domain_validation_options=[
                acm.CfnCertificate.DomainValidationOptionProperty(
                    domain_name=settings.name, hosted_zone_id=settings.hosted_zone.id
                )
            ],
            validation_method="DNS",
        )
        return made.ref

    def _record(
        self, name: str, zone: HostedZone, region: str, domain: apigateway.CfnDomainName
    ) -> None:
        route53.CfnRecordSet(
            self,
            "Record",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=domain.attr_regional_domain_name,
                hosted_zone_id=domain.attr_regional_hosted_zone_id,
            ),
            hosted_zone_id=zone.id,
            name=name,
            region=region,
            set_identifier=region,
            type="A",
        )
