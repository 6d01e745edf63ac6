"""What the gateway would not honour is refused when the template is read."""

from typing import Any

import pytest

from local import rest_api
from local.template import TemplateError
from tests.unit.local.apis import PROTECTED, api_of, authorizer, method, path, template
from tests.unit.local.assemblies import ref, res, resolved, stack


def test_a_template_without_an_api_has_none() -> None:
    assert rest_api.of(resolved(stack(Resources={"Q": res("SQS::Queue")})).values()) is None


def test_paths_are_put_together_in_any_order() -> None:
    api = api_of(template(B=path("{b}", "A"), A=path("a"), Get=method("B"), Root=method("")))
    assert [found.path for found in api.methods] == ["/a/{b}", "/"]


def stage(**properties: Any) -> dict[str, Any]:
    return res("ApiGateway::Stage", StageName="live", DeploymentId="1", **properties)


@pytest.mark.parametrize(
    ("resources", "complaint"),
    [
        (template(Second=res("ApiGateway::RestApi")), "serves one REST API, the templates have 2"),
        (template(api={"Body": {}}), "not an OpenAPI body"),
        (template(api={"ApiKeySourceType": "HEADER"}), "API keys from the authorizer only"),
        (template(Other=stage()), "serves one stage, found 2"),
        (
            template(Stage=stage(MethodSettings=[{"HttpMethod": "GET", "ResourcePath": "/a"}])),
            "settings for all methods only",
        ),
        (template(A=path("a", "Gone"), Gone=res("X::Y")), "what a AWS::X::Y is called"),
        (template(G=method("", AuthorizationType="AWS_IAM")), "the authorization 'AWS_IAM'"),
        (template(G=method("", Integration={"Type": "HTTP"})), "the integration 'HTTP'"),
        (
            template(G=method("", Integration={"Type": "AWS_PROXY", "Uri": "arn:aws:x"})),
            "does not say which function",
        ),
        (
            template(Authorizer=authorizer(Type="TOKEN"), G=method("", **PROTECTED)),
            "authorizers of type REQUEST only",
        ),
        (
            template(
                P=res("ApiGateway::UsagePlan", ApiStages=[{"ApiId": "x", "Throttle": {"/a": 1}}]),
                M=res("ApiGateway::UsagePlanKey", KeyId="k", UsagePlanId=ref("P")),
            ),
            "throttles keys, not single methods",
        ),
    ],
)
def test_what_is_not_honoured_is_refused(resources: Any, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        api_of(resources)


def test_a_plan_of_another_api_covers_nobody_here() -> None:
    api = api_of(
        template(
            P=res("ApiGateway::UsagePlan", ApiStages=[{"ApiId": "another", "Stage": "live"}]),
            M=res("ApiGateway::UsagePlanKey", KeyId="k", UsagePlanId=ref("P")),
        )
    )
    assert api.plans == {}
