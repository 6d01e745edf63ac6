"""The REST API: routes to functions, behind one authorizer, metered by team."""

import json
from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.domain.agent import GATEWAY_SECONDS
from functions.domain.team import Limits
from functions.domain.zone import Zone
from infra.constructs.api_address import admission, settle
from infra.constructs.api_domain import ApiDomain
from infra.constructs.api_firewall import ApiFirewall
from infra.constructs.own_replies import OwnReplies
from infra.constructs.python_function import LOG_RETENTION
from infra.constructs.region_keys import Keys
from infra.constructs.request_checks import RequestChecks
from infra.place import Place
from infra.routes import ROUTES, STAGE, Route

AUTHORIZER_CACHE = Duration.minutes(5)
REQUESTS_PER_SECOND = 1_000
BURST = 2_000
"""For all teams together, so that a region's account limit is never used up by this API alone."""

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "trace_id": "$context.xrayTraceId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "team": "$context.authorizer.team",
    "source_ip": "$context.identity.sourceIp",
    "user_agent": "$context.identity.userAgent",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "authorizer_latency_ms": "$context.authorizer.latency",
    "error": "$context.error.responseType",
}
"""Who called what and how it went; never a body, a path or a header that could hold anything."""


class Gateway(Construct):
    """Everything of API Gateway: the API, its routes, its stage and a usage plan for each tier."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        place: Place,
        handlers: Mapping[str, lambda_.IFunction],
        authorizer: lambda_.IFunction,
        tiers: Mapping[str, Limits],
        keys: Keys,
    ) -> None:
        super().__init__(scope, id_)
        zone, domain = place.zone, place.zone.edge.domain
        self._api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=api_name(zone),
            # The authorizer names the team's key, so a caller sends one credential, not two.
            api_key_source_type=apigateway.ApiKeySourceType.AUTHORIZER,
            # One role for each account and region: another API may rely on it after we are gone.
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=self._stage(keys),
            disable_execute_api_endpoint=bool(domain and not domain.own_address),
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            policy=admission(place),
        )
        settle(self._api, place)
        self._route(handlers, authorizer)
        OwnReplies(self, "OwnReplies", api=self._api, origins=zone.origins)
        if domain:
            ApiDomain(self, "Domain", settings=domain, place=place, api=self._api)
        ApiFirewall(self, "Firewall", stage=self._api.deployment_stage, zone=zone, keys=keys)
        self.plans = {tier: self._plan(tier, limits) for tier, limits in sorted(tiers.items())}

    def faults(self, *, period: Duration) -> cloudwatch.Metric:
        """The share of calls that were answered with a fault of ours."""
        return self._api.metric_server_error(period=period, statistic="Average")

    def _stage(self, keys: Keys) -> apigateway.StageOptions:
        log_group = logs.LogGroup(
            self,
            "AccessLogs",
            encryption_key=keys.services,
            retention=LOG_RETENTION,
            removal_policy=RemovalPolicy.RETAIN,
        )
        return apigateway.StageOptions(
            stage_name=STAGE,
            access_log_destination=apigateway.LogGroupLogDestination(log_group),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            data_trace_enabled=False,
            # Execution logs go to a log group that API Gateway makes without retention, and the
            # access log already has the kind of every error.
            logging_level=apigateway.MethodLoggingLevel.OFF,
            metrics_enabled=True,
            throttling_rate_limit=REQUESTS_PER_SECOND,
            throttling_burst_limit=BURST,
            tracing_enabled=True,
        )

    def _route(
        self, handlers: Mapping[str, lambda_.IFunction], authorizer: lambda_.IFunction
    ) -> None:
        verified = apigateway.RequestAuthorizer(
            self,
            "Authorizer",
            handler=authorizer,
            identity_sources=[apigateway.IdentitySource.header("Authorization")],
            results_cache_ttl=AUTHORIZER_CACHE,
        )
        checks = RequestChecks(self, "Checks", api=self._api)
        integrations = {
            name: apigateway.LambdaIntegration(
                handler,
                scope_permission_to_method=False,
                timeout=Duration.seconds(GATEWAY_SECONDS),
            )
            for name, handler in handlers.items()
        }
        for route in ROUTES:
            self._api.root.resource_for_path(route.path).add_method(
                route.method,
                integrations[route.function],
                api_key_required=True,
                authorization_type=apigateway.AuthorizationType.CUSTOM,
                authorizer=verified,
                request_parameters=_required(route),
                request_models=checks.models(route),
                request_validator=checks.validator(route),
            )

    def _plan(self, tier: str, limits: Limits) -> apigateway.UsagePlan:
        return self._api.add_usage_plan(
            f"{tier.capitalize()}Plan",
            description=f"What one team of the tier '{tier}' may send",
            api_stages=[apigateway.UsagePlanPerApiStage(stage=self._api.deployment_stage)],
            quota=apigateway.QuotaSettings(
                limit=limits.requests_per_month, period=apigateway.Period.MONTH
            ),
            throttle=apigateway.ThrottleSettings(
                rate_limit=limits.requests_per_second, burst_limit=limits.burst
            ),
        )


def api_name(zone: Zone) -> str:
    """By which API Gateway's metrics are told apart."""
    return f"Agent Gatehouse {zone.name}"


def _required(route: Route) -> dict[str, bool]:
    return {f"method.request.querystring.{name}": True for name in route.required_query}
