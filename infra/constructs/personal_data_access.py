"""The right to ask the second detector that a zone names; without one, no right at all."""

from collections.abc import Iterator

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from functions.domain.zone import ComprehendDetection, GuardrailDetection
from infra.place import Place


def personal_data_access(stack: Stack, place: Place) -> Iterator[iam.PolicyStatement]:
    """The statements that let a role of this stack ask for personal data in texts."""
    match place.zone.second_detector:
        case ComprehendDetection():
            # The action has no resource to name: AWS knows none for the detection itself.
            yield iam.PolicyStatement(actions=["comprehend:DetectPiiEntities"], resources=["*"])
        case GuardrailDetection(guardrails=guardrails):
            # Not the profile by which a guardrail may send texts to other regions: one that does
            # is refused by this very lack.
            id_ = guardrails[place.region].partition(":")[0]
            arn = stack.format_arn(service="bedrock", resource="guardrail", resource_name=id_)
            yield iam.PolicyStatement(actions=["bedrock:ApplyGuardrail"], resources=[arn])
