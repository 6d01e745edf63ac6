"""The proxy event, field by field."""

import base64

from tests.unit.local.apis import Api, method, path, template
from tests.unit.local.assemblies import ref, res

RESOURCES = template(
    api={"BinaryMediaTypes": ["image/*"]},
    V1=path("v1"),
    Agent=path("{agent}", "V1"),
    Post=method("Agent", "POST"),
    Stage=res(
        "ApiGateway::Stage",
        StageName="live",
        DeploymentId=ref("Deployment"),
        RestApiId=ref("Api"),
        Variables={"colour": "blue"},
    ),
)


def event(where: str, body: bytes = b"", **headers: str) -> dict[str, object]:
    api = Api(RESOURCES)
    api.call("POST", where, body, **headers)
    return api.functions.asked("http")[0]


def test_the_path_has_no_stage_but_the_context_has() -> None:
    found = event("/live/v1/kyc")
    assert (found["path"], found["resource"]) == ("/v1/kyc", "/v1/{agent}")
    context = found["requestContext"]
    assert isinstance(context, dict)
    assert (context["path"], context["resourcePath"]) == ("/live/v1/kyc", "/v1/{agent}")
    assert (context["stage"], context["accountId"]) == ("live", "111122223333")
    assert found["pathParameters"] == {"agent": "kyc"}
    assert found["stageVariables"] == {"colour": "blue"}


def test_a_query_is_given_once_and_in_full() -> None:
    found = event("/live/v1/kyc?a=1&a=2&b=&c=%20")
    assert found["queryStringParameters"] == {"a": "2", "b": "", "c": " "}
    assert found["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""], "c": [" "]}


def test_what_is_absent_is_null() -> None:
    found = event("/live/v1/kyc")
    assert found["queryStringParameters"] is None
    assert found["body"] is None


def test_headers_come_with_those_that_the_gateway_adds() -> None:
    headers = event("/live/v1/kyc", X_Workflow="onboarding")["headers"]
    assert isinstance(headers, dict)
    assert headers["X-Workflow"] == "onboarding"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_what_a_caller_claims_about_its_origin_stands_before_what_is_known() -> None:
    found = event("/live/v1/kyc", X_Forwarded_For="10.0.0.1", X_Forwarded_Proto="http")
    headers, every = found["headers"], found["multiValueHeaders"]
    assert isinstance(headers, dict)
    assert isinstance(every, dict)
    assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert [name for name in every if name.lower() == "x-forwarded-for"] == ["x-forwarded-for"]


def test_text_is_text_and_what_the_api_calls_binary_is_base64() -> None:
    text = event("/live/v1/kyc", "ä".encode(), Content_Type="application/json")
    assert (text["body"], text["isBase64Encoded"]) == ("ä", False)
    image = event("/live/v1/kyc", b"\xff\x00", Content_Type="image/png")
    assert (image["body"], image["isBase64Encoded"]) == (
        base64.b64encode(b"\xff\x00").decode(),
        True,
    )


def test_binary_that_nobody_announced_is_mangled() -> None:
    assert event("/live/v1/kyc", b"\xff")["body"] == "\ufffd"


def test_a_binary_answer_is_decoded_for_who_accepts_it() -> None:
    answer = {
        "statusCode": 200,
        "isBase64Encoded": True,
        "body": base64.b64encode(b"\xff").decode(),
    }
    api = Api(RESOURCES, lambda _: answer)
    assert api.call("POST", "/live/v1/kyc", Accept="image/png").body == b"\xff"
    assert api.call("POST", "/live/v1/kyc").body == b"/w=="
