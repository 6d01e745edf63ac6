"""From a blueprint to templates: every zone, every region, every stack.

``cdk.json`` names this module; ``python -m infra.synth`` calls the same function and spares the
work when nothing has changed.
"""

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from infra.artifacts import Artifacts
from infra.blueprint import ROOT, Blueprint, Refused
from infra.node import use_packaged_node
from infra.place import Place

if TYPE_CHECKING:
    from aws_cdk import App

    from infra.constructs.shared_state import SharedState
    from infra.stacks.budgets import BudgetsStack


def synthesize(
    blueprint: Blueprint,
    artifacts: Artifacts,
    *,
    regions: Collection[str],
    out: Path | None = None,
) -> None:
    """Write the cloud assembly of these regions to a folder, or where the CDK's CLI wants it."""
    use_packaged_node()
    # Starting the CDK takes seconds, and what refuses a blueprint must not wait for it.
    from aws_cdk import App

    app = App(
        analytics_reporting=False,
        context=json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"],
        outdir=str(out) if out else None,
        tree_metadata=False,
    )
    for zone in blueprint.zones.zones.values():
        for region in zone.regions:
            if region in regions:
                _add_region(app, blueprint.place(zone, region), blueprint, artifacts)
    app.synth()


def _add_region(app: "App", place: Place, blueprint: Blueprint, artifacts: Artifacts) -> None:
    from infra.stacks.agent import AgentStack
    from infra.stacks.alerts import AlertsStack
    from infra.stacks.audit import AuditStack
    from infra.stacks.chargeback import ChargebackStack
    from infra.stacks.edge import EdgeStack
    from infra.stacks.flags import FlagsStack
    from infra.stacks.inference_profiles import InferenceProfilesStack
    from infra.stacks.keys import KeysStack
    from infra.stacks.state import StateStack
    from infra.stacks.teams import TeamsStack, shards
    from infra.stacks.upkeep import UpkeepStack
    from infra.stacks.watching import WatchingStack
    from infra.stacks.webhooks import WebhooksStack

    keys = KeysStack(app, place=place).keys
    AlertsStack(app, place=place, keys=keys)
    audit = AuditStack(app, place=place, keys=keys)
    flags = FlagsStack(app, place=place, flags=blueprint.flags).configuration
    state = StateStack(
        app, place=place, flags=flags, events=blueprint.sources.events, keys=keys, audit=audit.trail
    ).shared
    agents = blueprint.agents_of(place.zone)
    of_agents = [
        AgentStack(app, place=place, manifest=manifest, artifacts=artifacts, state=state)
        for manifest in agents
    ]
    edge = EdgeStack(
        app,
        place=place,
        agents=agents,
        tiers=blueprint.teams.tiers,
        artifacts=artifacts,
        state=state,
    )
    if place.zone.inference_profiles:
        InferenceProfilesStack(app, place=place, teams=blueprint.teams_of(place.zone))
    upkeep = UpkeepStack(app, place=place, artifacts=artifacts, state=state)
    chargeback = ChargebackStack(app, place=place, artifacts=artifacts, state=state)
    webhooks = WebhooksStack(app, place=place, artifacts=artifacts, state=state)
    budgets = _add_budgets(app, place, blueprint, artifacts, state)
    for shard, teams in shards(blueprint.teams_of(place.zone)):
        TeamsStack(app, place=place, shard=shard, teams=teams, plan_ids=edge.plan_ids, keys=keys)
    WatchingStack(
        app,
        place=place,
        agents=[*zip(agents, of_agents, strict=True)],
        others=[edge, upkeep, chargeback, webhooks, budgets, audit],
        state=state,
    )


def _add_budgets(
    app: "App", place: Place, blueprint: Blueprint, artifacts: Artifacts, state: "SharedState"
) -> "BudgetsStack":
    from infra.stacks.budgets import SHARDS, BudgetsStack, TeamBudgetsStack
    from infra.stacks.teams import shards

    paying = blueprint.teams_of(place.zone)
    for shard, teams in shards(paying, SHARDS):
        TeamBudgetsStack(app, place=place, shard=shard, teams=teams, keys=state.keys)
    return BudgetsStack(app, place=place, artifacts=artifacts, state=state, teams=paying)


def main() -> None:
    """What ``cdk.json`` starts."""
    try:
        blueprint = Blueprint.read()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    synthesize(blueprint, Artifacts.build(blueprint), regions=blueprint.regions)


if __name__ == "__main__":
    main()
