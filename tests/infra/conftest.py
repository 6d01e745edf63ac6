"""Two assemblies for all tests of the infrastructure: what is deployed, and what it may grow into.

Both are left alone while their inputs have not changed, so a second run starts at once.
"""

import pytest

from infra.blueprint import ROOT
from infra.synth import assembly
from tests.infra.estates import HAIKU, TIERS, estate, manifest, team
from tests.infra.templates import Template, templates

AGENTS = 50
TEAMS = 500
GROWN_REGION = "eu-central-1"


@pytest.fixture(scope="session")
def deployed() -> list[Template]:
    """The templates of every region, as ``make synth`` writes them."""
    return templates(assembly())


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> list[Template]:
    """The templates of one region with fifty agents of every kind and five hundred teams."""
    sources = estate(
        tmp_path_factory.mktemp("grown") / "estate",
        agents={f"agent_{number:02}": _kind_of_agent(number) for number in range(AGENTS)},
        teams=TIERS + "".join(team(f"team-{number:03}") for number in range(TEAMS)),
    )
    out = ROOT / "build" / "synth" / "grown"
    return templates(assembly(regions=[GROWN_REGION], out=out, sources=sources))


@pytest.fixture(scope="session")
def every(deployed: list[Template], grown: list[Template]) -> list[Template]:
    return [*deployed, *grown]


def _kind_of_agent(number: int) -> str:
    """Silent, listening and answering agents, quick and slow, with one model or two."""
    models = [f"eu.{HAIKU}", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"][: 1 + number % 2]
    wiring = [
        {},
        {"consumes": '["review.submitted"]'},
        {"consumes": '["review.submitted"]', "emits": '"review.sentiment"'},
    ][number % 3]
    return manifest(
        f"eu = {models}".replace("'", '"'),
        timeout_seconds=str([29, 120, 840][number % 3]),
        concurrency=str(2 + number),
        **wiring,
    )
