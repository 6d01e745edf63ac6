"""The teams and zones that a deploy carries: the same files that infrastructure reads.

They travel inside every bundle, at the path that they have in the repository, because five hundred
teams do not fit into a function's environment.
"""

from functools import cache
from pathlib import Path

from functions.domain.contracts import Contracts
from functions.domain.team import Teams
from functions.domain.zone import Zones

ROOT = Path(__file__).parents[1] / "infra"


@cache
def teams() -> Teams:
    return Teams.parse((ROOT / "teams.toml").read_text(encoding="utf-8"))


@cache
def contracts() -> Contracts:
    """What events may say; only a bundle that publishes for others carries it."""
    return Contracts.load(ROOT.parent / "events")


@cache
def zones() -> Zones:
    return Zones.parse((ROOT / "zones.toml").read_text(encoding="utf-8"))
