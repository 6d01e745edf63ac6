"""The HTTP way in: the API, the function behind its routes, and the authorizer before them."""

import json
from collections.abc import Mapping

from aws_cdk import Duration, Stack
from constructs import Construct

from functions.domain.agent import GATEWAY_SECONDS, AgentManifest
from functions.domain.team import VISITORS_KEY, Limits
from functions.settings import AuthorizerSettings, HttpSettings, UsageSettings
from infra.artifacts import Artifacts
from infra.constructs.gateway import Gateway
from infra.constructs.inference_profiles import profile_access
from infra.constructs.meter_key import MeterKey
from infra.constructs.model_access import model_access
from infra.constructs.personal_data_access import personal_data_access
from infra.constructs.python_function import PythonFunction, PythonLayer
from infra.constructs.rollout import FAULTY_SHARE, MINUTE
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack

VISITORS = "visitors"
VISITORS_LIMITS = Limits(requests_per_second=5, burst=10, requests_per_month=100_000)


class EdgeStack(RegionalStack):
    """One API for all agents of a region."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        agents: tuple[AgentManifest, ...],
        tiers: Mapping[str, Limits],
        artifacts: Artifacts,
        state: SharedState,
    ) -> None:
        super().__init__(scope, "edge", place=place, description="Agent Gatehouse: HTTP API")
        self._packages = PythonLayer(self, "Packages", folder=artifacts.functions_layer)
        http = self._http(place, artifacts, state)
        models = [model for agent in agents for model in agent.models[place.zone.name]]
        for statement in model_access(Stack.of(self), models):
            http.role.add_to_policy(statement)
        for statement in profile_access(Stack.of(self), place, models):
            http.role.add_to_policy(statement)
        for statement in personal_data_access(Stack.of(self), place):
            http.role.add_to_policy(statement)
        gateway = Gateway(
            self,
            "Gateway",
            place=place,
            handlers={"http": http.live, "usage": self._usage(place, artifacts, state).live},
            authorizer=self._authorizer(place, artifacts, state).live,
            tiers={**tiers, VISITORS: VISITORS_LIMITS},
            keys=state.keys,
        )
        if http.rollout:
            http.rollout.turn_back(
                "Faults",
                "More calls fail while a new version takes over.",
                gateway.faults(period=MINUTE),
                above=FAULTY_SHARE,
            )
        visitors = gateway.plans.pop(VISITORS)
        MeterKey(
            self,
            "Visitors",
            value=VISITORS_KEY,
            description="Meters callers of other zones, who are told where to go.",
            plan_id=visitors.usage_plan_id,
        )
        self.plan_ids = {tier: plan.usage_plan_id for tier, plan in gateway.plans.items()}
        for plan_id in self.plan_ids.values():
            self.export_value(plan_id)

    def _http(self, place: Place, artifacts: Artifacts, state: SharedState) -> PythonFunction:
        http = PythonFunction(
            self,
            "Http",
            entrypoint="http",
            bundle=artifacts.http(place),
            layers=[self._packages],
            settings=HttpSettings(
                **state.run_places(place),
                runs_table=state.runs.table_name,
                topic_arn=state.events.topic_arn,
            ),
            timeout=Duration.seconds(GATEWAY_SECONDS),
            keys=state.keys,
            stage=place.stage,
        )
        state.grant_runs(http.role)
        state.grant_accept(http.role)
        return http

    def _usage(self, place: Place, artifacts: Artifacts, state: SharedState) -> PythonFunction:
        """Who reads what was spent, and so is not who spends it."""
        usage = PythonFunction(
            self,
            "Usage",
            entrypoint="usage",
            bundle=artifacts.usage,
            layers=[self._packages],
            settings=UsageSettings(
                **place.settings(),
                ledger_table=state.ledger.table_name,
                usage_table=state.usage.table_name,
            ),
            timeout=Duration.seconds(GATEWAY_SECONDS),
            keys=state.keys,
            stage=place.stage,
        )
        state.grant_tell_usage(usage.role)
        return usage

    def _authorizer(self, place: Place, artifacts: Artifacts, state: SharedState) -> PythonFunction:
        issuers = [issuer.model_dump(exclude_none=True) for issuer in place.zone.issuers]
        cryptography = PythonLayer(self, "Cryptography", folder=artifacts.authorizer_layer)
        return PythonFunction(
            self,
            "Authorizer",
            entrypoint="authorizer",
            bundle=artifacts.authorizer,
            layers=[self._packages, cryptography],
            settings=AuthorizerSettings.model_validate(
                {
                    **place.settings(),
                    "issuers": json.dumps(issuers, sort_keys=True),
                }
            ),
            timeout=Duration.seconds(10),
            keys=state.keys,
            stage=place.stage,
        )
