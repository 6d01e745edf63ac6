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
                _add_region(app, Place(zone, region), blueprint, artifacts)
    app.synth()


def _add_region(app: "App", place: Place, blueprint: Blueprint, artifacts: Artifacts) -> None:
    from infra.stacks.agent import AgentStack
    from infra.stacks.edge import EdgeStack
    from infra.stacks.flags import FlagsStack
    from infra.stacks.state import StateStack
    from infra.stacks.teams import TeamsStack, shards
    from infra.stacks.upkeep import UpkeepStack
    from infra.stacks.webhooks import WebhooksStack

    flags = FlagsStack(app, place=place, flags=blueprint.flags).configuration
    state = StateStack(app, place=place, flags=flags, events=blueprint.sources.events).shared
    agents = blueprint.agents_of(place.zone)
    for manifest in agents:
        AgentStack(app, place=place, manifest=manifest, artifacts=artifacts, state=state)
    edge = EdgeStack(
        app,
        place=place,
        agents=agents,
        tiers=blueprint.teams.tiers,
        artifacts=artifacts,
        state=state,
    )
    UpkeepStack(app, place=place, artifacts=artifacts, state=state)
    WebhooksStack(app, place=place, artifacts=artifacts, state=state)
    for shard, teams in shards(blueprint.teams_of(place.zone)):
        TeamsStack(app, place=place, shard=shard, teams=teams, plan_ids=edge.plan_ids)


def main() -> None:
    """What ``cdk.json`` starts."""
    try:
        blueprint = Blueprint.read()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    synthesize(blueprint, Artifacts.build(blueprint), regions=blueprint.regions)


if __name__ == "__main__":
    main()
