"""What API Gateway checks of a request by itself: required parameters, and the kind of its body.

It could check whole contracts, and does not. One route serves all agents, so it would have one
model for all of them; it would say "invalid" where the function says which field and why.
"""

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.routes import Route

JSON = "application/json"
TYPES = {
    "array": apigateway.JsonSchemaType.ARRAY,
    "object": apigateway.JsonSchemaType.OBJECT,
}


class RequestChecks(Construct):
    """The validators and models of an API, each made when the first route needs it."""

    def __init__(self, scope: Construct, id_: str, *, api: apigateway.RestApi) -> None:
        super().__init__(scope, id_)
        self._api = api
        self._parameters = api.add_request_validator("Parameters", validate_request_parameters=True)
        self._everything = api.add_request_validator(
            "ParametersAndBody", validate_request_body=True, validate_request_parameters=True
        )
        self._models: dict[tuple[str, ...], apigateway.IModel] = {}

    def validator(self, route: Route) -> apigateway.IRequestValidator:
        return self._everything if route.body else self._parameters

    def models(self, route: Route) -> dict[str, apigateway.IModel]:
        """The model of a route's body; a body of another media type is the function's to refuse."""
        if not route.body:
            return {}
        if route.body not in self._models:
            self._models[route.body] = self._model(route.body)
        return {JSON: self._models[route.body]}

    def _model(self, kinds: tuple[str, ...]) -> apigateway.Model:
        types = [TYPES[kind] for kind in kinds]
        return self._api.add_model(
            "Or".join(kind.capitalize() for kind in kinds),
            content_type=JSON,
            schema=apigateway.JsonSchema(
                schema=apigateway.JsonSchemaVersion.DRAFT4,
                type=types[0] if len(types) == 1 else types,
            ),
        )
