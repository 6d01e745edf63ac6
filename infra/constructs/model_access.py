"""The right to call exactly the models that a manifest names, inside their zone."""

from collections.abc import Iterable, Iterator

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from infra.geography import foundation_model, is_profile

INVOKE = "bedrock:InvokeModel"
"""The Converse API asks for this action too."""


def model_access(stack: Stack, models: Iterable[str]) -> Iterator[iam.PolicyStatement]:
    """The statements that let a role of this stack call these models."""
    ids = sorted(set(models))
    profiles = [model for model in ids if is_profile(model)]
    local = [model for model in ids if not is_profile(model)]
    if local:
        arns = [_foundation_model(stack, model, stack.region) for model in local]
        yield iam.PolicyStatement(actions=[INVOKE], resources=arns)
    if profiles:
        profile_arns = [_profile(stack, model) for model in profiles]
        yield iam.PolicyStatement(actions=[INVOKE], resources=profile_arns)
        # A profile calls the model in any region of its geography. Those regions are AWS's to
        # choose and a template names only its own, so the region is open here, and the condition
        # lets the call through only if it came by one of the zone's profiles.
        yield iam.PolicyStatement(
            actions=[INVOKE],
            resources=[_foundation_model(stack, foundation_model(m), "*") for m in profiles],
            conditions={"StringEquals": {"bedrock:InferenceProfileArn": profile_arns}},
        )


def _profile(stack: Stack, model: str) -> str:
    return stack.format_arn(service="bedrock", resource="inference-profile", resource_name=model)


def _foundation_model(stack: Stack, model: str, region: str) -> str:
    return stack.format_arn(
        service="bedrock",
        region=region,
        account="",
        resource="foundation-model",
        resource_name=model,
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
