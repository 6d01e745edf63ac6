"""Two assemblies for all tests of the infrastructure: what is deployed, and what it may grow into.

Both are left alone while their inputs have not changed, so a second run starts at once.
"""

import pytest

from infra.blueprint import ROOT
from infra.synth import assembly
from tests.infra.estates import HAIKU, TIERS, ZONES, estate, manifest, team
from tests.infra.templates import Template, templates

AGENTS = 50
TEAMS = 500
GROWN_REGION = "eu-central-1"
ORIGINS = ("https://app.example.com", "https://shop.example.com")
"""Whose pages may call the grown region; those of the deployed ones have named none."""
ALERTS = 'alerts = ["one@example.com", "two@example.com"]\n'
CHOSEN = 'permissions_boundary = "arn:aws:iam::111122223333:policy/platform-boundary"'
PROFILES = 'inference_profiles = "business-unit"'
OTLP = "https://otlp.example.com/v1/traces"
SPANS = "[zones.{}.telemetry] # of each region's own CloudWatch; see docs/tracing.md\n"
TO_A_COLLECTOR = f'endpoint = "{OTLP}"\nheaders_secret = "gatehouse/otlp"\n'
TOLD = """page = { addresses = ["oncall@example.com"] }
ticket = { addresses = ["platform@example.com"] }
"""
TOLD_OTHERWISE = """agent_dashboards = false

[zones.eu.alerts.page]
addresses = ["oncall@example.com", "second@example.com"]

[zones.eu.alerts.ticket.topics]
eu-central-1 = "arn:aws:sns:eu-central-1:111122223333:tickets"
eu-west-1 = "arn:aws:sns:eu-west-1:111122223333:tickets"
"""
PUBLIC = """
[zones.eu.reconciliation]
invocation_logs = "/aws/bedrock/invocations"
cost_explorer = true

[zones.eu.cost_anomalies]
addresses = ["finops@example.com"]

[zones.eu.second_detector]
service = "comprehend"

[zones.eu.audit]
retention_days = 3650
object_lock = "compliance"

[zones.eu.audit.splunk]
endpoint = "https://hec.example.com:8088"

[zones.eu.audit.splunk.secrets]
eu-central-1 = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:splunk/audit-a1B2c3"
eu-west-1 = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:splunk/audit-d4E5f6"

[zones.eu.edge]
allowed_addresses = ["192.0.2.0/24", "2001:db8::/32"]

[zones.eu.edge.domain]
name = "eu.agents.example.com"
hosted_zone = { id = "Z0123456789ABC", name = "example.com" }
certificates = { eu-west-1 = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d" }
"""
PRIVATE = """
[zones.us.second_detector]
service = "guardrail"
guardrails = { us-east-1 = "abc1:7" }

[zones.us.edge]
vpc_endpoints = { us-east-1 = ["vpce-0123abcd", "vpce-4567cdef"] }

[zones.us.edge.firewall]
requests_per_address = 90_000
bot_control = true
code_in_texts = true
"""


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
        teams=TIERS + "".join(team(f"team-{number:03}") + ALERTS for number in range(TEAMS)),
        zones=ZONES.replace("[zones.eu]", f"[zones.eu]\norigins = {[*ORIGINS]}", 1),
    )
    out = ROOT / "build" / "synth" / "grown"
    return templates(assembly(regions=[GROWN_REGION], out=out, sources=sources))


@pytest.fixture(scope="session")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> list[Template]:
    """A public and a private region, each with an agent and whatever else a zone can choose."""
    home = tmp_path_factory.mktemp("switched-on")
    sources = estate(
        home / "estate",
        agents={"echo": manifest(f'eu = ["eu.{HAIKU}"]\nus = ["us.{HAIKU}"]')},
        teams=TIERS + team("helpdesk") + ALERTS + team("retail") + ALERTS,
        zones=ZONES.replace("[zones.eu]", f"[zones.eu]\n{CHOSEN}\n{PROFILES}", 1)
        .replace("[zones.us]", f"[zones.us]\n{CHOSEN}", 1)
        .replace(TOLD, TOLD_OTHERWISE, 1)
        .replace(SPANS.format("eu"), SPANS.format("eu") + TO_A_COLLECTOR, 1)
        .replace(f"{SPANS.format('us')}sample_ratio = 1.0\n", "", 1)
        + PUBLIC
        + PRIVATE,
    )
    out = ROOT / "build" / "synth" / "switched-on"
    regions = ["eu-central-1", "us-east-1"]
    return templates(assembly(regions=regions, out=out, sources=sources))


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
