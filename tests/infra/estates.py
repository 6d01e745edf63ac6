"""Configurations for tests: as many agents and teams as a test wants, in a folder of its own."""

from pathlib import Path

from infra.blueprint import ROOT, Sources

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
ZONES = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")
TIERS = """
[tiers.standard]
requests_per_second = 10
burst = 20
requests_per_month = 1000
"""

AGENT = """
from pydantic import BaseModel

from functions.domain.agent import Tools


class Words(BaseModel):
    text: str


def answer(request: Words, tools: Tools) -> Words:
    return request
"""


def manifest(models: str = f'eu = ["eu.{HAIKU}"]', **more: str) -> str:
    """An ``agent.toml``; what is given replaces what would be there, as TOML."""
    fields = {
        "version": '"1.0.0"',
        "title": '"Echo"',
        "description": '"Says again what it has heard."',
        "owner": '"platform@example.com"',
        "roles": '["echo:run"]',
        **more,
    }
    lines = [f"{name} = {value}" for name, value in fields.items()]
    return "\n".join([*lines, "", "[models]", models, ""])


def team(name: str, zone: str = "eu", tier: str = "standard", roles: str = "") -> str:
    return (
        f'[teams.{name}]\nzone = "{zone}"\nbusiness_unit = "Unit"\n'
        f'cost_centre = "CC-1"\ntier = "{tier}"\nbudget = {{ monthly_usd = 10 }}\n'
        f"roles = [{roles}]\n"
    )


def write_agent(root: Path, name: str, toml: str) -> None:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "agent.toml").write_text(toml, encoding="utf-8")
    (folder / "agent.py").write_text(AGENT, encoding="utf-8")
    (folder / "prompt.md").write_text("Say again what you hear.\n", encoding="utf-8")
    (folder / f"test_{name}.py").write_text("def test_nothing(): ...\n", encoding="utf-8")


def estate(
    home: Path,
    *,
    agents: dict[str, str],
    events: tuple[str, ...] = ("review.submitted", "review.sentiment"),
    teams: str = TIERS + team("helpdesk"),
    zones: str = ZONES,
) -> Sources:
    """A configuration in a folder: manifests by agent, event types, and the two TOML files."""
    (home / "agents").mkdir(parents=True)
    for name, toml in agents.items():
        write_agent(home / "agents", name, toml)
    for event in events:
        (home / "events" / event).mkdir(parents=True)
    (home / "teams.toml").write_text(teams, encoding="utf-8")
    (home / "zones.toml").write_text(zones, encoding="utf-8")
    return Sources(
        agents=home / "agents",
        events=home / "events",
        teams=home / "teams.toml",
        zones=home / "zones.toml",
    )
