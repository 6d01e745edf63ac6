"""The right to call exactly the models that a manifest names, inside their zone."""

from collections.abc import Iterable, Iterator

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from infra.geography import destinations, foundation_model, is_profile

INVOKE = "bedrock:InvokeModel"
"""The Converse API asks for this action too."""


def model_access(stack: Stack, models: Iterable[str]) -> Iterator[iam.PolicyStatement]:
    """The statements that let a role of this stack call these models."""
    ids = sorted(set(models))
    profiles = [model for model in ids if is_profile(model)]
    local = [model for model in ids if not is_profile(model)]
    if local:
        arns = [foundation_model_arn(stack, model, stack.region) for model in local]
        yield iam.PolicyStatement(actions=[INVOKE], resources=arns)
    if profiles:
        profile_arns = [profile_arn(stack, model) for model in profiles]
        yield iam.PolicyStatement(actions=[INVOKE], resources=profile_arns)
        # A profile calls the model in any region of its geography. Those regions are AWS's to
        # choose and a template names only its own, so the ARN leaves the region open; the
        # conditions let a call through only by one of the zone's profiles, inside their geography.
        yield iam.PolicyStatement(
            actions=[INVOKE],
            resources=[foundation_model_arn(stack, foundation_model(m), "*") for m in profiles],
            conditions={
                "StringEquals": {"bedrock:InferenceProfileArn": profile_arns},
                "StringLike": {"aws:RequestedRegion": geographies(profiles)},
            },
        )


def called_arn(stack: Stack, model: str) -> str:
    """What a call of the model names: a profile that AWS defines, or the model where it is."""
    if is_profile(model):
        return profile_arn(stack, model)
    return foundation_model_arn(stack, model, stack.region)


def geographies(profiles: Iterable[str]) -> list[str]:
    return sorted({region for profile in profiles for region in destinations(profile)})


def profile_arn(stack: Stack, model: str) -> str:
    return stack.format_arn(service="bedrock", resource="inference-profile", resource_name=model)


def foundation_model_arn(stack: Stack, model: str, region: str) -> str:
    return stack.format_arn(
        service="bedrock",
        region=region,
        account="",
        resource="foundation-model",
        resource_name=model,
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
