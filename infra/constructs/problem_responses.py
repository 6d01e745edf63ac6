"""Problems that API Gateway answers with: gateway responses, and 405 for a wrong method."""

import json
from collections.abc import Iterable

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from functions.domain.errors import MethodNotAllowed
from infra.problems import CONTENT_TYPE, PROBLEMS, GatewayProblem, body


class ProblemResponses(Construct):
    """The gateway responses of an API."""

    def __init__(self, scope: Construct, id_: str, *, api: apigateway.RestApi) -> None:
        super().__init__(scope, id_)
        for problem in PROBLEMS:
            _add(api, problem)


def _add(api: apigateway.RestApi, problem: GatewayProblem) -> None:
    headers = {"Content-Type": CONTENT_TYPE, **dict(problem.headers)}
    api.add_gateway_response(
        "".join(word.capitalize() for word in problem.response_type.split("_")),
        type=apigateway.ResponseType.of(problem.response_type),
        status_code=str(problem.error.status),
        response_headers={name: _fixed(value) for name, value in headers.items()},
        # The template is chosen by what the caller accepts, and this key stands for everybody;
        # the header then says what the body really is.
        templates={"application/json": body(problem.error, problem.detail)},
    )


def refuse_other_methods(resource: apigateway.IResource, allowed: Iterable[str]) -> None:
    """Answer every other method of a path with 405 and what is allowed.

    API Gateway would answer 403 "Missing Authentication Token", as it does for an unknown path.
    """
    status = str(MethodNotAllowed.status)
    methods = ", ".join(allowed)
    headers = {"Allow": methods, "Content-Type": CONTENT_TYPE}
    mapped = {f"method.response.header.{name}": value for name, value in headers.items()}
    detail = f"This path takes {methods}."
    resource.add_method(
        "ANY",
        apigateway.MockIntegration(
            request_templates={"application/json": json.dumps({"statusCode": int(status)})},
            # A body of another kind would be taken for the mock's own instructions.
            passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
            integration_responses=[
                apigateway.IntegrationResponse(
                    status_code=status,
                    response_parameters={name: _fixed(value) for name, value in mapped.items()},
                    response_templates={"application/json": body(MethodNotAllowed, detail)},
                )
            ],
        ),
        api_key_required=False,
        authorization_type=apigateway.AuthorizationType.NONE,
        method_responses=[
            apigateway.MethodResponse(
                status_code=status, response_parameters=dict.fromkeys(mapped, True)
            )
        ],
    )


def _fixed(value: str) -> str:
    """API Gateway's way to write a constant."""
    return f"'{value}'"
