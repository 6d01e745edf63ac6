"""Tagged inference profiles, by which AWS's own bill tells business units apart.

One for each business unit and model, and one parameter for each business unit that says which they
are. Roles are let in by the profiles' tags rather than by their ARNs: AWS draws those at random, a
policy has room for some eighty of them, and a stack could not drop one that another stack names.
"""

from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import CfnTag, Stack
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from functions.domain.bedrock_tags import (
    digest,
    profile_name,
    profiles_folder,
    profiles_parameter,
    tag,
)
from functions.domain.geography import foundation_model, is_profile
from functions.domain.reconciliation.by_bill import BUSINESS_UNIT_TAG
from functions.domain.team import Team
from infra.constructs.model_access import (
    INVOKE,
    called_arn,
    foundation_model_arn,
    geographies,
)
from infra.place import Place

ZONE_TAG, MODEL_TAG = "gatehouse:zone", "gatehouse:model"
COST_CENTRE_TAG = "gatehouse:cost-centre"


def business_units(teams: Iterable[Team]) -> Mapping[str, str]:
    """Each business unit as it is tagged, with its cost centre if it has one only."""
    centres: dict[str, set[str]] = {}
    for team in teams:
        centres.setdefault(tag(team.business_unit), set()).add(team.cost_centre)
    return {
        unit: next(iter(found)) if len(found) == 1 else "several"
        for unit, found in sorted(centres.items())
    }


class InferenceProfiles(Construct):
    """The profiles of one business unit, and the parameter that names them."""

    def __init__(
        self, scope: Construct, id_: str, *, place: Place, unit: str, cost_centre: str
    ) -> None:
        super().__init__(scope, id_)
        arns = {
            model: self._profile(place, unit, cost_centre, model).attr_inference_profile_arn
            for model in sorted(place.zone.models)
        }
        ssm.StringParameter(
            self,
            "Parameter",
            description=f"Inference profiles of {unit} by model",
            parameter_name=profiles_parameter(place.zone.name, unit),
            simple_name=False,
            string_value=Stack.of(self).to_json_string(arns),
        )

    def _profile(
        self, place: Place, unit: str, cost_centre: str, model: str
    ) -> bedrock.CfnApplicationInferenceProfile:
        tags = {
            ZONE_TAG: place.zone.name,
            MODEL_TAG: tag(model),
            BUSINESS_UNIT_TAG: unit,
            COST_CENTRE_TAG: cost_centre,
        }
        return bedrock.CfnApplicationInferenceProfile(
            self,
            f"Profile{digest(model)}",
            inference_profile_name=profile_name(place.zone.name, unit, model),
            model_source=bedrock.CfnApplicationInferenceProfile.InferenceProfileModelSourceProperty(
                copy_from=called_arn(Stack.of(self), model)
            ),
            tags=[CfnTag(key=name, value=value) for name, value in sorted(tags.items())],
        )


def profile_access(
    stack: Stack, place: Place, models: Iterable[str]
) -> Iterator[iam.PolicyStatement]:
    """The statements that let a role of this stack call the zone's profiles of these models."""
    if not place.zone.inference_profiles:
        return
    ids = sorted(set(models))
    profiles = stack.format_arn(
        service="bedrock", resource="application-inference-profile", resource_name="*"
    )
    folder = profiles_folder(place.zone.name).removeprefix("/")
    yield iam.PolicyStatement(
        actions=[INVOKE],
        resources=[profiles],
        conditions={
            "StringEquals": {
                f"aws:ResourceTag/{ZONE_TAG}": place.zone.name,
                f"aws:ResourceTag/{MODEL_TAG}": [tag(model) for model in ids],
            }
        },
    )
    yield from _models_behind(stack, ids, profiles)
    yield iam.PolicyStatement(
        actions=["ssm:GetParameter"],
        resources=[
            stack.format_arn(service="ssm", resource="parameter", resource_name=f"{folder}/*")
        ],
    )


def _models_behind(stack: Stack, models: list[str], profiles: str) -> Iterator[iam.PolicyStatement]:
    """As with the profiles that AWS defines: a model may be called by way of a profile only."""
    through = {"ArnLike": {"bedrock:InferenceProfileArn": profiles}}
    routed = [model for model in models if is_profile(model)]
    local = [model for model in models if not is_profile(model)]
    if local:
        yield iam.PolicyStatement(
            actions=[INVOKE],
            resources=[foundation_model_arn(stack, model, stack.region) for model in local],
            conditions=through,
        )
    if routed:
        yield iam.PolicyStatement(
            actions=[INVOKE],
            resources=[foundation_model_arn(stack, foundation_model(m), "*") for m in routed],
            conditions={**through, "StringLike": {"aws:RequestedRegion": geographies(routed)}},
        )
