"""A stack of one region, with the tags by which its cost is told apart."""

from collections.abc import Mapping
from types import MappingProxyType

from aws_cdk import Aspects, DefaultStackSynthesizer, Environment, Stack, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.disposal import Disposal
from infra.constructs.here import Here
from infra.place import Place

NO_TAGS: Mapping[str, str] = MappingProxyType({})


class RegionalStack(Stack):
    """A stack whose account and region are known, so that nothing is looked up at synth."""

    def __init__(
        self,
        scope: Construct,
        part: str,
        *,
        place: Place,
        description: str,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> None:
        super().__init__(
            scope,
            place.stack_name(part),
            description=description,
            env=Environment(account=place.zone.account, region=place.region),
            # The CLI checks the bootstrap version itself; a rule in the template would need a
            # parameter of the account to be read before anything can be created.
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        self.here = Here(stack=self, place=place)
        own = {"gatehouse:stage": place.stage.name, "gatehouse:zone": place.zone.name}
        for name, value in {**own, **tags}.items():
            Tags.of(self).add(name, value)
        if place.stage.shortens:
            Aspects.of(self).add(Disposal(place.stage))
        boundary = place.zone.permissions_boundary
        if boundary:
            # Of every role, also those that the CDK makes by itself.
            policy = iam.ManagedPolicy.from_managed_policy_arn(self, "Boundary", boundary)
            iam.PermissionsBoundary.of(self).apply(policy)
