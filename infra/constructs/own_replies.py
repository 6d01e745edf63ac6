"""Replies that API Gateway gives by itself: its problems, 405 for a wrong method, and preflights.

They say what a function's reply says to browsers. Which origin asked can only be told where API
Gateway runs a template, that is in a preflight; nothing else lets a page send what a call needs, so
the other replies may be read by any page.
"""

import json
from collections.abc import Collection, Iterable, Mapping

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from functions.domain import browsers
from functions.domain.errors import MethodNotAllowed
from infra.problems import CONTENT_TYPE, PROBLEMS, GatewayProblem, body
from infra.routes import ROUTES, methods

NO_CONTENT = 204
JSON = "application/json"


class OwnReplies(Construct):
    """All replies of an API that ask no function, for pages of these origins and for others."""

    def __init__(
        self, scope: Construct, id_: str, *, api: apigateway.RestApi, origins: Collection[str]
    ) -> None:
        super().__init__(scope, id_)
        shared = {**browsers.SECURITY}
        if origins:
            shared |= browsers.readable(browsers.ANY_PAGE)
        for problem in PROBLEMS:
            _word(api, problem, shared)
        for path in sorted({route.path for route in ROUTES}):
            resource = api.root.resource_for_path(path)
            _refuse_other_methods(resource, methods(path), shared)
            if origins:
                _answer_preflights(resource, origins)


def _word(api: apigateway.RestApi, problem: GatewayProblem, shared: Mapping[str, str]) -> None:
    headers = {**shared, "Content-Type": CONTENT_TYPE, **dict(problem.headers)}
    api.add_gateway_response(
        "".join(word.capitalize() for word in problem.response_type.split("_")),
        type=apigateway.ResponseType.of(problem.response_type),
        status_code=str(problem.error.status),
        response_headers={name: _fixed(value) for name, value in headers.items()},
        # The template is chosen by what the caller accepts, and this key stands for everybody;
        # the header then says what the body really is.
        templates={JSON: body(problem.error, problem.detail)},
    )


def _refuse_other_methods(
    resource: apigateway.IResource, allowed: Iterable[str], shared: Mapping[str, str]
) -> None:
    """Answer every other method of a path with 405 and what is allowed.

    API Gateway would answer 403 "Missing Authentication Token", as it does for an unknown path.
    """
    takes = ", ".join(allowed)
    headers = {**shared, "Allow": takes, "Content-Type": CONTENT_TYPE}
    problem = body(MethodNotAllowed, f"This path takes {takes}.")
    _answer(resource, "ANY", MethodNotAllowed.status, headers, problem)


def _answer_preflights(resource: apigateway.IResource, origins: Collection[str]) -> None:
    """Tell browsers what pages of these origins may send, without asking a function."""
    headers = {**browsers.SECURITY, **browsers.preflight()}
    _answer(resource, "OPTIONS", NO_CONTENT, headers, _naming(origins))


def _naming(origins: Iterable[str]) -> str:
    """Velocity that names the origin which asked, if it is one of these.

    HTTP/2 writes names of headers in lower case. What is replied is the text of the configuration,
    never that of the request; and it is set in one place, for a header is overridden only once.
    """
    sent = "$input.params().header"
    found = "".join(
        f'#if($sent.get("Origin") == "{origin}" || $sent.get("origin") == "{origin}")'
        f'#set($named = "{origin}")#end'
        for origin in origins
    )
    header = "$context.responseOverride.header.Access-Control-Allow-Origin"
    override = f'#if($named != "")#set({header} = $named)#end'
    return f'#set($sent = {sent})#set($named = ""){found}{override}'


def _answer(
    resource: apigateway.IResource,
    method: str,
    status: int,
    headers: Mapping[str, str],
    template: str,
) -> None:
    """Answer a method from a template, without a token and without a key."""
    mapped = {f"method.response.header.{name}": _fixed(value) for name, value in headers.items()}
    resource.add_method(
        method,
        apigateway.MockIntegration(
            request_templates={JSON: json.dumps({"statusCode": status})},
            # A body of another kind would be taken for the mock's own instructions.
            passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
            integration_responses=[
                apigateway.IntegrationResponse(
                    status_code=str(status),
                    response_parameters=mapped,
                    response_templates={JSON: template},
                )
            ],
        ),
        api_key_required=False,
        authorization_type=apigateway.AuthorizationType.NONE,
        method_responses=[
            apigateway.MethodResponse(
                status_code=str(status), response_parameters=dict.fromkeys(mapped, True)
            )
        ],
    )


def _fixed(value: str) -> str:
    """API Gateway's way to write a constant; what is between the outer quotes may have quotes."""
    return f"'{value}'"
