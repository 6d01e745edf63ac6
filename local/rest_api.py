"""Reads a REST API out of the resources of a template, as values that the gateway serves from.

What the gateway would not honour is refused here, at start, rather than at the first request.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.resources import Resource
from local.template import JsonObject, TemplateError

Properties = Mapping[str, Any]

_FUNCTION_URI = re.compile(r"/functions/(?P<arn>arn:[^/]+)/invocations$")
GATEWAY_MILLISECONDS = 29_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """A REQUEST authorizer: the function that is asked, and about what."""

    function_arn: str
    identity_sources: tuple[str, ...]
    ttl_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """What answers a method: a function, or the gateway itself."""

    function_arn: str | None
    timeout_seconds: float
    request_templates: Mapping[str, str]
    responses: tuple[Properties, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of a resource, with all that is checked before its integration is asked."""

    http_method: str
    path: str
    resource_id: str
    integration: Integration
    authorizer: Authorizer | None
    key_required: bool
    required_parameters: tuple[str, ...]
    """As ``header.X-Name``, ``querystring.name`` or ``path.name``."""
    models: Mapping[str, JsonObject]
    """JSON schema by media type; empty when bodies are not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestApi:
    """All that the template says about the API and its stage."""

    id: str
    account: str
    region: str
    stage: Properties
    methods: tuple[Method, ...]
    gateway_responses: Mapping[str, Properties]
    binary_media_types: tuple[str, ...]
    keys: Mapping[str, str]
    """Ids of the enabled API keys, by their value."""
    plans: Mapping[str, Properties]
    """The usage plan of each key, by the key's id."""

    @property
    def stage_name(self) -> str:
        return str(self.stage["StageName"])

    @property
    def method_settings(self) -> Properties:
        """The stage's settings for every method."""
        found: Properties = next(iter(self.stage.get("MethodSettings", ())), {})
        return found

    @property
    def domain(self) -> str:
        return f"{self.id}.execute-api.{self.region}.amazonaws.com"

    def method_arn(self, http_method: str, path: str) -> str:
        """The ARN by which policies speak of a method; the path has no stage."""
        place = f"arn:aws:execute-api:{self.region}:{self.account}"
        return f"{place}:{self.id}/{self.stage_name}/{http_method}/{path.removeprefix('/')}"


def of(resources: Iterable[Resource]) -> RestApi | None:
    """The one REST API of the templates.

    Raises:
        TemplateError: there are several, or one does what the gateway cannot.
    """
    resources = tuple(resources)
    apis = _typed(resources, "RestApi")
    if len(apis) > 1:
        names = ", ".join(api.where for api in apis.values())
        msg = f"the local gateway serves one REST API, the templates have {len(apis)}: {names}"
        raise TemplateError(msg)
    return _Reader(resources, next(iter(apis.values()))).read() if apis else None


def _typed(resources: Iterable[Resource], kind: str) -> dict[str, Resource]:
    """The resources of one API Gateway type, by what ``Ref`` gives."""
    return {r.ref: r for r in resources if r.type == f"AWS::ApiGateway::{kind}"}


class _Reader:
    """Puts together what API Gateway keeps in a dozen resource types."""

    def __init__(self, resources: tuple[Resource, ...], api: Resource) -> None:
        self._api = api
        self._all = resources
        self._paths = self._read_paths()
        self._authorizers = {
            ref: _authorizer(resource) for ref, resource in _typed(resources, "Authorizer").items()
        }
        self._validators = _typed(resources, "RequestValidator")
        self._models = _typed(resources, "Model")

    def read(self) -> RestApi:
        properties = self._api.properties
        if "Body" in properties or "BodyS3Location" in properties:
            msg = f"{self._api.where}: the local gateway reads resources, not an OpenAPI body"
            raise TemplateError(msg)
        if properties.get("ApiKeySourceType", "HEADER") != "AUTHORIZER":
            msg = f"{self._api.where}: the local gateway takes API keys from the authorizer only"
            raise TemplateError(msg)
        return RestApi(
            id=self._api.ref,
            account=self._api.scope.place.account,
            region=self._api.scope.place.region,
            stage=self._stage(),
            methods=tuple(self._method(r) for r in self._of_kind("Method")),
            gateway_responses={
                r.properties["ResponseType"]: r.properties for r in self._of_kind("GatewayResponse")
            },
            binary_media_types=tuple(properties.get("BinaryMediaTypes", ())),
            keys=self._keys(),
            plans=self._plans(),
        )

    def _of_kind(self, kind: str) -> list[Resource]:
        return [r for r in self._all if r.type == f"AWS::ApiGateway::{kind}"]

    def _read_paths(self) -> dict[str, str]:
        """Each resource's full path, by its id."""
        paths = {self._api.attribute("RootResourceId"): ""}
        waiting = _typed(self._all, "Resource")
        while ready := [r for r in waiting.values() if r.properties["ParentId"] in paths]:
            for resource in ready:
                parent, part = resource.properties["ParentId"], resource.properties["PathPart"]
                paths[resource.ref] = f"{paths[parent]}/{part}"
                del waiting[resource.ref]
        if waiting:
            orphans = ", ".join(r.where for r in waiting.values())
            msg = f"these resources hang on no other resource of the API: {orphans}"
            raise TemplateError(msg)
        return paths

    def _stage(self) -> Properties:
        stages = self._of_kind("Stage")
        if len(stages) != 1:
            msg = f"{self._api.where}: the local gateway serves one stage, found {len(stages)}"
            raise TemplateError(msg)
        settings = stages[0].properties.get("MethodSettings", ())
        if any((s["HttpMethod"], s["ResourcePath"]) != ("*", "/*") for s in settings):
            msg = f"{stages[0].where}: the local gateway knows settings for all methods only"
            raise TemplateError(msg)
        return stages[0].properties

    def _method(self, resource: Resource) -> Method:
        properties = resource.properties
        kind = properties.get("AuthorizationType", "NONE")
        if kind not in {"NONE", "CUSTOM"}:
            msg = f"{resource.where}: the local gateway does not know the authorization {kind!r}"
            raise TemplateError(msg)
        validator = self._validator(properties)
        required = properties.get("RequestParameters", {})
        return Method(
            http_method=properties["HttpMethod"],
            path=self._paths[properties["ResourceId"]] or "/",
            resource_id=properties["ResourceId"],
            integration=_integration(resource),
            authorizer=self._authorizers[properties["AuthorizerId"]] if kind == "CUSTOM" else None,
            key_required=bool(properties.get("ApiKeyRequired", False)),
            required_parameters=tuple(
                name.removeprefix("method.request.")
                for name, needed in required.items()
                if needed and validator.get("ValidateRequestParameters")
            ),
            models={
                media_type: self._models[model].properties["Schema"]
                for media_type, model in properties.get("RequestModels", {}).items()
                if validator.get("ValidateRequestBody")
            },
        )

    def _validator(self, properties: Properties) -> Properties:
        id_ = properties.get("RequestValidatorId")
        return self._validators[id_].properties if id_ else {}

    def _keys(self) -> dict[str, str]:
        return {
            r.properties["Value"]: r.ref
            for r in self._of_kind("ApiKey")
            if r.properties.get("Enabled", False)
        }

    def _plans(self) -> dict[str, Properties]:
        """The plan of each key, where the plan covers this API's stage."""
        plans = _typed(self._all, "UsagePlan")
        return {
            r.properties["KeyId"]: {"Id": r.properties["UsagePlanId"], **plan.properties}
            for r in self._of_kind("UsagePlanKey")
            if self._covers(plan := plans[r.properties["UsagePlanId"]])
        }

    def _covers(self, plan: Resource) -> bool:
        stages = plan.properties.get("ApiStages", [])
        if any(stage.get("Throttle") for stage in stages):
            msg = f"{plan.where}: the local gateway throttles keys, not single methods of a plan"
            raise TemplateError(msg)
        return any(stage["ApiId"] == self._api.ref for stage in stages)


def _authorizer(resource: Resource) -> Authorizer:
    properties = resource.properties
    if properties["Type"] != "REQUEST":
        msg = f"{resource.where}: the local gateway knows authorizers of type REQUEST only"
        raise TemplateError(msg)
    sources = properties.get("IdentitySource", "")
    return Authorizer(
        function_arn=_function_arn(resource, properties["AuthorizerUri"]),
        identity_sources=tuple(s.strip() for s in sources.split(",") if s.strip()),
        ttl_seconds=int(properties.get("AuthorizerResultTtlInSeconds", 300)),
    )


def _integration(resource: Resource) -> Integration:
    properties = resource.properties["Integration"]
    kind = properties["Type"]
    if kind not in {"AWS_PROXY", "MOCK"}:
        msg = f"{resource.where}: the local gateway does not know the integration {kind!r}"
        raise TemplateError(msg)
    milliseconds = int(properties.get("TimeoutInMillis", GATEWAY_MILLISECONDS))
    return Integration(
        function_arn=_function_arn(resource, properties["Uri"]) if kind == "AWS_PROXY" else None,
        timeout_seconds=milliseconds / 1000,
        request_templates=properties.get("RequestTemplates", {}),
        responses=tuple(properties.get("IntegrationResponses", ())),
    )


def _function_arn(resource: Resource, uri: str) -> str:
    match = _FUNCTION_URI.search(uri)
    if match is None:
        msg = f"{resource.where}: {uri!r} does not say which function to call"
        raise TemplateError(msg)
    return match["arn"]
