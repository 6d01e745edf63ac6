"""The gateway: what it lets through, in which order it looks, and what it answers by itself."""

import json
from threading import Event as Signal
from typing import Any, ClassVar

import pytest

from local.http import Request
from local.invocation import Reply, failure
from tests.unit.local.apis import (
    METERED,
    PROTECTED,
    Api,
    Clock,
    allow,
    message,
    method,
    ok,
    path,
    template,
)
from tests.unit.local.assemblies import Body, ref, res

TOKEN = {"Authorization": "Bearer x"}
OPEN = template(V1=path("v1"), Get=method("V1"), Post=method("V1", "POST"))
CLOSED = template(
    V1=path("v1"), Get=method("V1", **PROTECTED), Two=path("v2"), Get2=method("Two", **PROTECTED)
)


def metered(**plan: Any) -> dict[str, Body]:
    """One key in one plan, and a route that wants a key."""
    return template(
        V1=path("v1"),
        Get=method("V1", **METERED),
        Key=res("ApiGateway::ApiKey", Enabled=True, Value="key-of-retail"),
        Plan=res(
            "ApiGateway::UsagePlan",
            ApiStages=[{"ApiId": ref("Api"), "Stage": ref("Stage"), "Throttle": {}}],
            **plan,
        ),
        Member=res(
            "ApiGateway::UsagePlanKey",
            KeyId=ref("Key"),
            KeyType="API_KEY",
            UsagePlanId=ref("Plan"),
        ),
    )


def allow_retail(event: Any) -> Any:
    return allow(event, usageIdentifierKey="key-of-retail")


class TestRoutes:
    def test_a_function_answers(self) -> None:
        api = Api(OPEN, lambda event: {"statusCode": 201, "body": "made", "headers": {"X-A": "1"}})
        response = api.get("/live/v1")
        assert (response.status, response.body, response.header("x-a")) == (201, b"made", "1")

    @pytest.mark.parametrize("where", ["/live/v2", "/v1", "/other/v1", "/live", "/"])
    def test_an_unknown_route_is_answered_as_a_missing_token(self, where: str) -> None:
        response = Api(OPEN).get(where)
        assert (response.status, message(response)) == (403, "Missing Authentication Token")
        assert response.header("x-amzn-errortype") == "MissingAuthenticationTokenException"

    def test_an_unknown_method_is_answered_like_an_unknown_route(self) -> None:
        assert Api(OPEN).call("DELETE", "/live/v1").status == 403

    def test_every_answer_carries_a_request_id(self) -> None:
        for where in ("/live/v1", "/live/none"):
            assert len(Api(OPEN).get(where).header("x-amzn-requestid") or "") == 36


class TestAuthorizer:
    def test_without_identity_nobody_is_asked(self) -> None:
        api = Api(CLOSED)
        response = api.get("/live/v1")
        assert (response.status, message(response)) == (401, "Unauthorized")
        assert api.functions.events == []

    def test_what_it_says_about_the_caller_reaches_the_function_as_text(self) -> None:
        context = {"team": "retail", "level": 3, "admin": True}
        api = Api(CLOSED, authorize=lambda event: allow(event, context=context))
        api.get("/live/v1", **TOKEN)
        assert api.functions.asked("http")[0]["requestContext"]["authorizer"] == {
            "team": "retail",
            "level": "3",
            "admin": "true",
            "principalId": "ada",
        }

    def test_it_is_asked_once_for_a_token_and_all_routes(self) -> None:
        api = Api(CLOSED)
        for where in ("/live/v1", "/live/v2", "/live/v1"):
            assert api.get(where, **TOKEN).status == 200
        assert len(api.functions.asked("authorizer")) == 1

    def test_its_answer_is_forgotten_when_the_time_is_over(self) -> None:
        api = Api(CLOSED)
        api.get("/live/v1", **TOKEN)
        api.clock.move(seconds=301)
        api.get("/live/v1", **TOKEN)
        assert len(api.functions.asked("authorizer")) == 2

    def test_another_token_is_another_question(self) -> None:
        api = Api(CLOSED)
        for token in ("a", "b"):
            api.get("/live/v1", Authorization=token)
        assert len(api.functions.asked("authorizer")) == 2

    def test_a_cached_policy_is_judged_for_each_route(self) -> None:
        def only_v1(event: Any) -> Any:
            statement = {"Action": "*", "Effect": "Allow", "Resource": "*/live/GET/v1"}
            return {"principalId": "ada", "policyDocument": {"Statement": [statement]}}

        api = Api(CLOSED, authorize=only_v1)
        assert [api.get(f"/live/{v}", **TOKEN).status for v in ("v1", "v2")] == [200, 403]

    def test_a_denial_says_whether_it_was_explicit(self) -> None:
        def deny(event: Any) -> Any:
            statement = {"Action": "*", "Effect": "Deny", "Resource": "*"}
            return {"principalId": "ada", "policyDocument": {"Statement": [statement]}}

        response = Api(CLOSED, authorize=deny).get("/live/v1", **TOKEN)
        assert response.status == 403
        assert message(response).endswith("with an explicit deny")

    @pytest.mark.parametrize(
        ("answer", "status", "error"),
        [
            (failure("Exception", "Unauthorized"), 401, "UnauthorizedException"),
            (failure("Exception", "KeyError"), 500, "AuthorizerFailureException"),
            ({"principalId": "ada"}, 500, "AuthorizerConfigurationException"),
            (allow({}, context={"roles": ["a"]}), 500, "AuthorizerConfigurationException"),
            (
                {**allow({}), "policyDocument": {"Statement": [{}]}},
                500,
                "AuthorizerConfigurationException",
            ),
            (None, 500, "AuthorizerConfigurationException"),
        ],
    )
    def test_its_failures_have_their_own_answers(
        self, answer: Any, status: int, error: str
    ) -> None:
        response = Api(CLOSED, authorize=lambda event: answer).get("/live/v1", **TOKEN)
        assert (response.status, response.header("x-amzn-errortype")) == (status, error)

    def test_it_sees_the_request_but_not_the_body(self) -> None:
        api = Api(CLOSED)
        api.get("/live/v1?q=1", **TOKEN)
        event = api.functions.asked("authorizer")[0]
        assert event["type"] == "REQUEST"
        assert event["methodArn"].endswith("/live/GET/v1")
        assert (event["path"], event["queryStringParameters"]) == ("/v1", {"q": "1"})
        assert event["headers"]["Authorization"] == "Bearer x"
        assert "body" not in event


class TestUsagePlans:
    def test_the_key_comes_from_the_authorizer_not_from_the_caller(self) -> None:
        api = Api(metered(), authorize=allow)
        response = api.get("/live/v1", x_api_key="key-of-retail", **TOKEN)
        assert (response.status, message(response)) == (403, "Forbidden")
        assert api.functions.asked("http") == []

    def test_a_known_key_passes_and_is_named_in_the_event(self) -> None:
        api = Api(metered(), authorize=allow_retail)
        assert api.get("/live/v1", **TOKEN).status == 200
        identity = api.functions.asked("http")[0]["requestContext"]["identity"]
        assert identity["apiKey"] == "key-of-retail"

    def test_calls_over_the_rate_are_429(self) -> None:
        api = Api(metered(Throttle={"RateLimit": 1, "BurstLimit": 2}), authorize=allow_retail)
        responses = [api.get("/live/v1", **TOKEN) for _ in range(3)]
        assert [response.status for response in responses] == [200, 200, 429]
        assert message(responses[-1]) == "Too Many Requests"
        assert responses[-1].header("x-amzn-errortype") == "TooManyRequestsException"

    def test_calls_over_the_quota_are_429_until_the_period_ends(self) -> None:
        quota = {"Limit": 1, "Period": "DAY"}
        api = Api(metered(Quota=quota), authorize=allow_retail)
        responses = [api.get("/live/v1", **TOKEN) for _ in range(2)]
        assert message(responses[1]) == "Limit Exceeded"
        assert responses[1].header("x-amzn-errortype") == "LimitExceededException"
        api.clock.move(days=1)
        assert api.get("/live/v1", **TOKEN).status == 200

    def test_the_stage_has_a_throttle_of_its_own(self) -> None:
        everything = {"HttpMethod": "*", "ResourcePath": "/*"}
        settings = [{**everything, "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1}]
        resources = {**OPEN, "Stage": with_properties(OPEN["Stage"], MethodSettings=settings)}
        api = Api(resources)
        assert [api.get("/live/v1").status for _ in range(2)] == [200, 429]


class TestSize:
    def test_ten_megabytes_are_the_limit(self) -> None:
        response = Api(OPEN).call("POST", "/live/v1", b"x" * (10 * 1024 * 1024 + 1))
        assert response.status == 413
        assert response.header("x-amzn-errortype") == "RequestTooLargeException"

    def test_a_body_that_was_thrown_away_is_too_large(self) -> None:
        request = Request(method="POST", path="/live/v1", oversized=True)
        assert Api(OPEN).gateway.handle(request).status == 413

    def test_what_lambda_cannot_take_is_refused_although_the_gateway_could(self) -> None:
        assert Api(OPEN).call("POST", "/live/v1", b"x" * 7_000_000).status == 413


class TestValidation:
    NEEDY = template(
        V1=path("v1"),
        Validator=res(
            "ApiGateway::RequestValidator",
            ValidateRequestBody=True,
            ValidateRequestParameters=True,
        ),
        Model=res(
            "ApiGateway::Model",
            Name="Run",
            Schema={
                "type": "object",
                "required": ["input"],
                "properties": {"input": {"type": "object"}},
            },
        ),
        Post=method(
            "V1",
            "POST",
            RequestValidatorId=ref("Validator"),
            RequestModels={"application/json": ref("Model")},
            RequestParameters={
                "method.request.querystring.q": True,
                "method.request.header.X-Trace": True,
                "method.request.header.X-Optional": False,
            },
        ),
    )

    def post(self, body: bytes, where: str = "/live/v1?q=1", **headers: str) -> Any:
        return Api(self.NEEDY).call("POST", where, body, **{"X_Trace": "1", **headers})

    def test_what_fits_passes(self) -> None:
        assert self.post(b'{"input": {}}').status == 200

    def test_missing_parameters_are_named(self) -> None:
        response = self.post(b"{}", "/live/v1", X_Trace="")
        assert (response.status, response.header("x-amzn-errortype")) == (
            400,
            "BadRequestException",
        )
        assert message(response) == "Missing required request parameters: [q, X-Trace]"

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"{}", b'{"input": 1}', b'{"input": {"a": NaN}}']
    )
    def test_a_body_that_does_not_fit_is_refused(self, body: bytes) -> None:
        response = self.post(body)
        assert (response.status, message(response)) == (400, "Invalid request body")

    def test_a_media_type_without_a_model_is_not_checked(self) -> None:
        assert self.post(b"anything", Content_Type="text/plain").status == 200

    def test_a_caller_who_is_not_let_in_does_not_learn_that_the_body_was_wrong(self) -> None:
        protected = with_properties(self.NEEDY["Post"], **PROTECTED)
        assert Api({**self.NEEDY, "Post": protected}).call("POST", "/live/v1").status == 401


class TestIntegration:
    @pytest.mark.parametrize(
        "answer",
        [
            failure("Sandbox.Timedout", "Task timed out"),
            Reply(b"not json"),
            None,
            [],
            {},
            {"statusCode": "many"},
            {"statusCode": 200, "body": {}},
            {"statusCode": 200, "headers": []},
        ],
    )
    def test_what_is_no_response_is_a_502_without_details(self, answer: Any) -> None:
        response = Api(OPEN, lambda event: answer).get("/live/v1")
        assert (response.status, response.body) == (502, b'{"message":"Internal server error"}')

    def test_a_function_that_takes_too_long_is_a_504(self) -> None:
        release = Signal()

        def slow(event: Any) -> Any:
            release.wait(10)
            return ok(event)

        hasty = with_properties(
            OPEN["Get"],
            Integration={**OPEN["Get"]["Properties"]["Integration"], "TimeoutInMillis": 20},
        )
        response = Api({**OPEN, "Get": hasty}, slow).get("/live/v1")
        release.set()
        assert (response.status, message(response)) == (504, "Endpoint request timed out")

    def test_headers_with_many_values_are_kept_apart(self) -> None:
        answer = {
            "statusCode": 200,
            "headers": {"Set-Cookie": "a=1"},
            "multiValueHeaders": {"set-cookie": ["b=2", "a=1"]},
        }
        headers = Api(OPEN, lambda event: answer).get("/live/v1").headers
        assert [value for name, value in headers if name == "set-cookie"] == ["b=2", "a=1"]

    def test_headers_that_the_gateway_sets_itself_are_renamed(self) -> None:
        answer = {
            "statusCode": 401,
            "headers": {"WWW-Authenticate": "Bearer", "Content-Length": "9"},
        }
        response = Api(OPEN, lambda event: answer).get("/live/v1")
        assert response.header("x-amzn-remapped-www-authenticate") == "Bearer"
        assert response.header("content-length") is None


class TestGatewayResponses:
    def worded(self, kind: str, **properties: Any) -> Api:
        worded = res("ApiGateway::GatewayResponse", ResponseType=kind, **properties)
        return Api({**OPEN, "Worded": worded})

    def test_the_template_chooses_status_headers_and_words(self) -> None:
        api = self.worded(
            "MISSING_AUTHENTICATION_TOKEN",
            StatusCode="404",
            ResponseParameters={
                "gatewayresponse.header.Content-Type": "'application/problem+json'",
                "gatewayresponse.header.X-Id": "context.requestId",
            },
            ResponseTemplates={
                "application/json": '{"why": $context.error.messageString,'
                '"id": "$context.requestId", "kind": "$context.error.responseType",'
                '"none": "$context.authorizer.none"}'
            },
        )
        response = api.get("/live/none")
        request_id = response.header("x-amzn-requestid")
        assert (response.status, response.header("content-type")) == (
            404,
            "application/problem+json",
        )
        assert response.header("x-id") == request_id
        assert json.loads(response.body) == {
            "why": "Missing Authentication Token",
            "id": request_id,
            "kind": "MISSING_AUTHENTICATION_TOKEN",
            "none": "",
        }

    def test_a_default_serves_its_whole_family(self) -> None:
        api = self.worded("DEFAULT_4XX", ResponseTemplates={"application/json": "{}"})
        response = api.get("/live/none")
        assert (response.status, response.body) == (403, b"{}")

    def test_a_function_that_fails_is_of_the_default_family(self) -> None:
        worded = res(
            "ApiGateway::GatewayResponse",
            ResponseType="DEFAULT_5XX",
            ResponseTemplates={"application/json": '{"ours": true}'},
        )
        response = Api({**OPEN, "Worded": worded}, lambda event: None).get("/live/v1")
        assert (response.status, response.body) == (502, b'{"ours": true}')

    def test_a_denied_caller_may_be_told_what_the_authorizer_said(self) -> None:
        def deny(event: Any) -> Any:
            statement = {"Action": "*", "Effect": "Deny", "Resource": "*"}
            policy = {"Statement": [statement]}
            return {"principalId": "no", "policyDocument": policy, "context": {"detail": "expired"}}

        worded = res(
            "ApiGateway::GatewayResponse",
            ResponseType="ACCESS_DENIED",
            StatusCode="401",
            ResponseTemplates={"application/json": "$context.authorizer.detail"},
        )
        response = Api({**CLOSED, "Worded": worded}, authorize=deny).get("/live/v1", **TOKEN)
        assert (response.status, response.body) == (401, b"expired")


class TestMocks:
    MOCK: ClassVar = {
        "Type": "MOCK",
        "PassthroughBehavior": "NEVER",
        "RequestTemplates": {"application/json": '{"statusCode": 405}'},
        "IntegrationResponses": [
            {"StatusCode": "200", "SelectionPattern": "2.."},
            {
                "StatusCode": "405",
                "ResponseParameters": {"method.response.header.Allow": "'GET'"},
                "ResponseTemplates": {"application/json": '{"id": "$context.requestId"}'},
            },
        ],
    }
    RESOURCES = template(V1=path("v1"), Any=method("V1", "ANY", Integration=MOCK))

    def test_the_gateway_answers_by_itself(self) -> None:
        api = Api(self.RESOURCES)
        response = api.call("DELETE", "/live/v1")
        assert (response.status, response.header("allow")) == (405, "GET")
        assert json.loads(response.body) == {"id": response.header("x-amzn-requestid")}
        assert api.functions.events == []

    def test_a_template_sees_the_headers_and_may_set_those_of_the_reply(self) -> None:
        template_ = (
            '#if($input.params().header.get("X-A") == "1")'
            '#set($context.responseOverride.header.X-Is-One = "yes")#end'
        )
        response = {"StatusCode": "204", "ResponseTemplates": {"application/json": template_}}
        mock = {**self.MOCK, "IntegrationResponses": [response]}
        api = Api(template(V1=path("v1"), Any=method("V1", "OPTIONS", Integration=mock)))
        found = [api.call("OPTIONS", "/live/v1", X_A=value) for value in ("1", "2")]
        assert [(r.status, r.body, r.header("x-is-one")) for r in found] == [
            (204, b"", "yes"),
            (204, b"", None),
        ]

    def test_a_body_of_another_kind_is_not_read(self) -> None:
        response = Api(self.RESOURCES).call("PUT", "/live/v1", b"<a/>", Content_Type="text/xml")
        assert response.status == 415


def with_properties(resource: Body, **more: Any) -> Body:
    return {**resource, "Properties": {**resource["Properties"], **more}}


def test_time_is_told_by_the_clock_that_was_given() -> None:
    api = Api(OPEN, clock=Clock())
    api.get("/live/v1")
    context = api.functions.asked("http")[0]["requestContext"]
    assert context["requestTime"] == "22/Nov/2026:12:00:00 +0000"
