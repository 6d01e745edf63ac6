"""What API Gateway does before a function of ours is asked."""

import json

from functions.domain.agent import GATEWAY_SECONDS
from functions.domain.errors import GatehouseError
from infra.problems import PROBLEMS
from infra.routes import ROUTES
from tests.infra.templates import Resource, Template, each

METHOD = "AWS::ApiGateway::Method"
PROBLEM_FIELDS = {"type", "title", "status", "detail", "retryable", "request_id"}


def _path(template: Template, method: Resource) -> str:
    """The path of a method, from its resource up to the root of the API."""
    resources = template.of_type("AWS::ApiGateway::Resource")
    parts = []
    reference = method["ResourceId"]
    while "Ref" in reference:
        resource = resources[reference["Ref"]]
        parts.append(resource["PathPart"])
        reference = resource["ParentId"]
    return "/" + "/".join(reversed(parts))


def _methods(deployed: list[Template]) -> list[tuple[Template, str, Resource]]:
    return [(t, _path(t, method), method) for t, _, method in each(deployed, METHOD)]


def _edges(deployed: list[Template]) -> list[Template]:
    return [template for template in deployed if template.name.endswith("-edge")]


def test_the_api_has_the_routes_of_the_table_and_no_others(deployed: list[Template]):
    for edge in _edges(deployed):
        found = {
            (method["HttpMethod"], path)
            for _, path, method in _methods([edge])
            if method["HttpMethod"] != "ANY"
        }
        assert found == {(route.method, route.path) for route in ROUTES}, edge.name


def test_every_route_asks_the_authorizer_and_counts_against_the_teams_key(
    deployed: list[Template],
):
    for template, path, method in _methods(deployed):
        if method["HttpMethod"] != "ANY":
            guarded = (method["AuthorizationType"], method["ApiKeyRequired"])
            assert guarded == ("CUSTOM", True), (template.name, path)
            assert method["Integration"]["TimeoutInMillis"] == GATEWAY_SECONDS * 1000


def test_a_wrong_method_is_told_what_is_allowed(deployed: list[Template]):
    refused = {}
    for template, path, method in _methods(deployed):
        if method["HttpMethod"] == "ANY":
            (response,) = method["Integration"]["IntegrationResponses"]
            problem = json.loads(response["ResponseTemplates"]["application/json"])
            assert problem.keys() == PROBLEM_FIELDS
            assert (response["StatusCode"], problem["status"]) == ("405", 405), template.name
            refused[path] = response["ResponseParameters"]["method.response.header.Allow"]
    assert refused == {route.path: f"'{route.method}'" for route in ROUTES}


def test_a_missing_required_parameter_stops_at_the_gateway(deployed: list[Template]):
    required = {"/v1/agents/search": {"q"}}
    for template, path, method in _methods(deployed):
        if method["HttpMethod"] != "ANY":
            names = {name.rpartition(".")[2] for name in method["RequestParameters"]}
            assert names == required.get(path, set()), (template.name, path)
            validator = template.resources[method["RequestValidatorId"]["Ref"]]["Properties"]
            assert validator["ValidateRequestParameters"] is True


def test_a_body_that_is_no_json_of_the_right_kind_stops_at_the_gateway(deployed: list[Template]):
    kinds = {
        "/v1/agents/{agent}/run": "object",
        "/v1/agents/{agent}/batch": "object",
        "/v1/events": ["object", "array"],
    }
    for template, path, method in _methods(deployed):
        if method["HttpMethod"] == "ANY":
            continue
        models = method.get("RequestModels", {})
        assert models.keys() == ({"application/json"} if path in kinds else set()), path
        for reference in models.values():
            schema = template.resources[reference["Ref"]]["Properties"]["Schema"]
            assert schema["$schema"].startswith("http://json-schema.org/draft-04/")
            assert schema["type"] == kinds[path], (template.name, path)
            validator = template.resources[method["RequestValidatorId"]["Ref"]]["Properties"]
            assert validator["ValidateRequestBody"] is True, (template.name, path)


def test_a_teams_key_is_named_by_the_authorizer_alone_and_told_to_nobody(
    every: list[Template],
):
    """The key is an identifier, made of zone and team: it opens nothing, and is shown nowhere."""
    keys = {key["Value"] for _, _, key in each(every, "AWS::ApiGateway::ApiKey")}
    assert all(key.startswith("gatehouse-") for key in keys)
    for template, _, api in each(every, "AWS::ApiGateway::RestApi"):
        assert api["ApiKeySourceType"] == "AUTHORIZER", template.name
    for template in every:
        told = [template.outputs, *_told(template)]
        assert not [key for key in keys if any(key in text for text in told)], template.name


def test_the_gateways_own_answers_are_problems_of_our_tree(deployed: list[Template]):
    known = {error.type_uri(): error.status for error in _tree(GatehouseError)}
    for template, id_, response in each(deployed, "AWS::ApiGateway::GatewayResponse"):
        problem = json.loads(response["ResponseTemplates"]["application/json"])
        status = int(response["StatusCode"])
        assert problem.keys() == PROBLEM_FIELDS, (template.name, id_)
        assert known[problem["type"]] == problem["status"] == status, (template.name, id_)
        assert problem["request_id"] == "$context.requestId"
        content_type = response["ResponseParameters"]["gatewayresponse.header.Content-Type"]
        assert content_type == "'application/problem+json'"


def test_no_answer_of_the_gateway_is_left_to_its_own_words(deployed: list[Template]):
    for edge in _edges(deployed):
        responses = edge.of_type("AWS::ApiGateway::GatewayResponse").values()
        ours = {response["ResponseType"] for response in responses}
        assert ours == {problem.response_type for problem in PROBLEMS}, edge.name
        assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= ours, edge.name


def test_a_refused_token_is_401_and_names_the_scheme(deployed: list[Template]):
    for _, _, response in each(deployed, "AWS::ApiGateway::GatewayResponse"):
        if response["StatusCode"] == "401":
            headers = response["ResponseParameters"]
            assert headers["gatewayresponse.header.WWW-Authenticate"].startswith("'Bearer")


def test_who_sends_too_much_is_told_when_to_come_back(deployed: list[Template]):
    for _, _, response in each(deployed, "AWS::ApiGateway::GatewayResponse"):
        if response["StatusCode"] == "429":
            assert "gatewayresponse.header.Retry-After" in response["ResponseParameters"]


def test_no_body_is_ever_logged(deployed: list[Template]):
    for template, _, stage in each(deployed, "AWS::ApiGateway::Stage"):
        (settings,) = stage["MethodSettings"]
        assert settings["DataTraceEnabled"] is False, template.name
        assert settings["LoggingLevel"] == "OFF", template.name
        logged = json.loads(stage["AccessLogSetting"]["Format"]).values()
        secret = ("authorizer.principalId", "apiKey", "$input", "querystring", "header")
        assert not [value for value in logged if any(word in value for word in secret)]


def test_the_stage_measures_traces_and_limits_every_route(deployed: list[Template]):
    for template, _, stage in each(deployed, "AWS::ApiGateway::Stage"):
        (settings,) = stage["MethodSettings"]
        assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
        assert settings["MetricsEnabled"] is True, template.name
        assert settings["ThrottlingRateLimit"] > 0, template.name
        assert stage["TracingEnabled"] is True, template.name


def test_a_token_is_verified_once_in_five_minutes(deployed: list[Template]):
    for template, _, authorizer in each(deployed, "AWS::ApiGateway::Authorizer"):
        assert authorizer["Type"] == "REQUEST", template.name
        assert authorizer["IdentitySource"] == "method.request.header.Authorization"
        assert authorizer["AuthorizerResultTtlInSeconds"] == 300


def _told(template: Template) -> list[str]:
    """What functions are told, and what is logged."""
    environments = [
        str(function["Environment"])
        for function in template.of_type("AWS::Lambda::Function").values()
    ]
    stages = template.of_type("AWS::ApiGateway::Stage").values()
    return [*environments, *(str(stage["AccessLogSetting"]) for stage in stages)]


def _tree(error: type[GatehouseError]) -> list[type[GatehouseError]]:
    return [error, *(deeper for child in error.__subclasses__() for deeper in _tree(child))]
