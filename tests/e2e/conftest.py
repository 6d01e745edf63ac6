"""One local stack for all end-to-end tests: the real templates and bundles, a scripted model.

The differences from ``make run`` are a few teams more, in tiers so small that a test can use them
up, pages that may call, and a message that comes back after seconds when its worker dies.
"""

import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks.otlp_endpoints import Receiver, receiver
from functions import agents
from infra.blueprint import ROOT, Sources
from infra.synth import assembly
from local.stack import LocalStack
from tests.e2e.bus import Bus

if TYPE_CHECKING:
    from tests.e2e.drill import Drill

REGION = "eu-central-1"
ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in range(47310, 47318))
"""Whose pages may call; a browser test serves its page from the first of them that is free."""
REDELIVERY_SECONDS = 12
"""A consumer gets one second less; a cold start and a run must fit into it on a busy machine."""

SMALL_TIERS = """
[tiers.hasty]
requests_per_second = 1
burst = 3
requests_per_month = 1000

[tiers.trial]
requests_per_second = 100
burst = 100
requests_per_month = 4
"""
SMALL_TEAMS = {"hasty": "hasty", "trial": "trial", "pages": "hasty"}
FOLLOWED, FOLLOWED_ROLES = "followed", ["reviews:analyse", "digests:write"]
"""A team whose accepted runs a second agent hears of, and what its runs may do."""
DIGEST = Path(__file__).parent / "agents" / "run_digest"
NO_CACHES = shutil.ignore_patterns("__pycache__")
TEAM = """
[teams.{name}]
zone = "eu"
business_unit = "Tests"
cost_centre = "CC-0000"
tier = "{tier}"
budget = {{ monthly_usd = 10 }}
roles = {roles}
"""


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly; synthesized again only when something that it is made from changed."""
    teams = tmp_path_factory.mktemp("sources") / "teams.toml"
    known = (ROOT / "infra" / "teams.toml").read_text(encoding="utf-8")
    small = "".join(
        TEAM.format(name=name, tier=tier, roles=[]) for name, tier in SMALL_TEAMS.items()
    )
    # A name that every machine has, and that no result may ever be sent to.
    known = known.replace("hooks.platform.example.com", "localhost")
    small += TEAM.format(name=FOLLOWED, tier="standard", roles=FOLLOWED_ROLES)
    teams.write_text(known + SMALL_TIERS + small, encoding="utf-8")
    zones = teams.with_name("zones.toml")
    known = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")
    zones.write_text(known.replace("[zones.eu]", f"[zones.eu]\norigins = {[*ORIGINS]}", 1))
    agents = shutil.copytree(Sources().agents, teams.with_name("agents"), ignore=NO_CACHES)
    shutil.copytree(DIGEST, agents / DIGEST.name, ignore=NO_CACHES)
    out = ROOT / "build" / "synth" / "e2e"
    sources = Sources(agents=agents, teams=teams, zones=zones)
    return assembly(regions=[REGION], out=out, sources=sources)


@pytest.fixture(scope="session")
def stack(
    templates: Path, spans: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    folder = tmp_path_factory.mktemp("stack")
    script = folder / "script.json"
    script.write_text('{"default": {"reply": "from_schema"}}')
    with LocalStack(
        region=REGION,
        model=f"scripted:{script}",
        state_dir=folder / "state",
        assembly=templates,
        redelivery_seconds=REDELIVERY_SECONDS,
        forward_spans=spans.url,
    ) as stack:
        let_the_digest_hear_one_team(stack)
        yield stack


@pytest.fixture(scope="session")
def spans() -> Iterator[Receiver]:
    """A receiver of spans that is none of the product's."""
    with receiver() as found:
        yield found


def let_the_digest_hear_one_team(stack: LocalStack) -> None:
    """Its agent would otherwise answer the runs of all other tests, too."""
    sns = stack.aws.client("sns")
    pages = sns.get_paginator("list_subscriptions").paginate()
    found = [each for page in pages for each in page["Subscriptions"]]
    (arn,) = (each["SubscriptionArn"] for each in found if "run-digest" in each["Endpoint"])
    heard = {"type": ["run.completed"], "team": [FOLLOWED]}
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps(heard)
    )


@pytest.fixture(scope="session")
def http(stack: LocalStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.running.gateway_url, timeout=40) as client:
        yield client


@pytest.fixture(scope="session")
def bus(stack: LocalStack) -> Bus:
    return Bus(stack.running, "review.sentiment", "ticket.summarised")


@pytest.fixture(scope="session")
def drill(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Drill"]:
    """Another stack, for tests that break things."""
    from tests.e2e import drill  # which builds on this module

    with drill.begin(templates, tmp_path_factory.mktemp("drill")) as begun:
        yield begun


Play = Callable[..., None]


@pytest.fixture
def play(stack: LocalStack) -> Iterator[Play]:
    """Gives the model other rules for one test."""
    url = f"{stack.running.model_url}/_scripted/script"

    def replace(*rules: dict[str, Any]) -> None:
        script = {"rules": rules, "default": {"reply": "from_schema"}}
        httpx.put(url, content=json.dumps(script)).raise_for_status()

    yield replace
    replace()


def sample(agent: str) -> dict[str, Any]:
    """The input of an agent's first sample."""
    folder = Path(agents.__file__).parent / agent / "samples"
    text = min(folder.glob("*.json")).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)["request"]
    return found


def new_review() -> dict[str, Any]:
    """A review that nobody sent before, so that no earlier answer fits it."""
    review = sample("review_sentiment")
    return review | {"text": f"{review['text']} Written on ticket {uuid.uuid4()}."}


def eventually(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What a look gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found
