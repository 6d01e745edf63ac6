"""Stages: the same gatehouse once for trying and once for good, told apart by data alone.

A stage (``infra/stages.toml``) names the zones that it is deployed to, and says how firmly it keeps
what it holds and how carefully a new version takes over. No construct asks which stage it is in.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from functions.domain.zone import Zones

FILE = Path(__file__).with_name("stages.toml")
DEFAULT = "prod"

StageName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*\.(toml|json)$")]
LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90]
"""What CloudWatch Logs knows, up to the three months that are promised to people."""
LONGEST_LOGS_DAYS = 90
"""What is promised to the people whose calls are logged."""
Provisioned = Literal["authorizer", "http", "usage"]
"""The functions that a caller waits for."""


class Canary(BaseModel):
    """A tenth of the calls first, and all of them when nothing was wrong for some minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["canary"]
    minutes: Literal[5, 10, 15, 30]

    @property
    def configuration(self) -> str:
        """What CodeDeploy calls it."""
        return f"LambdaCanary10Percent{self.minutes}Minutes"


class Linear(BaseModel):
    """A tenth of the calls more every so many minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["linear"]
    minutes: Literal[1, 2, 3, 10]

    @property
    def configuration(self) -> str:
        """What CodeDeploy calls it."""
        every = "1Minute" if self.minutes == 1 else f"{self.minutes}Minutes"
        return f"LambdaLinear10PercentEvery{every}"


Rollout = Annotated[Canary | Linear, Field(discriminator="kind")]


class Stage(BaseModel):
    """How one stage is deployed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: StageName
    zones: FileName = "zones.toml"
    """Its accounts, addresses and identity providers: nearly all of a zone is one stage's own."""
    teams: FileName = "teams.toml"
    flags: FileName = "flags.json"
    keeps_data: bool = True
    """Whether tables, buckets, keys and logs outlive their stacks, and tables resist deletion."""
    log_retention_days: LogDays = 90
    rollout: Rollout | None = None
    """How calls move to a new version; all at once when absent."""
    provisioned_concurrency: dict[Provisioned, Annotated[int, Field(ge=1, le=1000)]] = {}
    """Instances that are always warm. Lambda takes no snapshots of such a function."""

    def warm(self, entrypoint: str) -> int | None:
        """How many instances of a function are always warm, if any."""
        found = {str(name): count for name, count in self.provisioned_concurrency.items()}
        return found.get(entrypoint)

    @property
    def shortens(self) -> bool:
        """Whether something ends earlier than constructs say by themselves."""
        return not self.keeps_data or self.log_retention_days < LONGEST_LOGS_DAYS


KEEPING = Stage(name=DEFAULT)
"""A stage that says nothing: everything is kept, and a new version takes over at once."""


class Stages(BaseModel):
    """All stages, as ``infra/stages.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stages: dict[StageName, Stage] = Field(min_length=1)

    @classmethod
    def parse(cls, text: str) -> "Stages":
        """Read the TOML text; a stage's name is its table's name."""
        data = tomllib.loads(text)
        stages = {name: {**entry, "name": name} for name, entry in data.get("stages", {}).items()}
        return cls.model_validate({**data, "stages": stages})

    def named(self, name: str) -> Stage:
        """One of them.

        Raises:
            ValueError: there is none of this name.
        """
        if name not in self.stages:
            msg = f"there is no stage {name!r}; stages.toml has: {', '.join(self.stages)}"
            raise ValueError(msg)
        return self.stages[name]


Places = frozenset[tuple[str, str]]
"""Accounts and regions."""


def places(zones: Zones) -> Places:
    """Where zones are deployed to."""
    return frozenset((z.account, region) for z in zones.zones.values() for region in z.regions)


def read(file: Path = FILE) -> Stages:
    """The stages in a file.

    Raises:
        OSError, ValueError: there is none, or it says what no stage can be.
    """
    return Stages.parse(file.read_text(encoding="utf-8"))


def neighbours(file: Path, name: str) -> Mapping[str, Places]:
    """Where the other stages of a file are deployed to, by their names."""
    return {
        other.name: places(Zones.parse((file.parent / other.zones).read_text(encoding="utf-8")))
        for other in read(file).stages.values()
        if other.name != name
    }


def problems(zones: Zones, neighbours: Mapping[str, Places]) -> Iterator[str]:
    """Regions that two stages want: keys, metrics and parameters have one name in each."""
    for name, taken in neighbours.items():
        for account, region in sorted(places(zones) & taken):
            yield (
                f"the stage {name} is in {region} of the account {account} too: keys of teams,"
                " metrics and parameters have the same names in both, so give one of them another"
                " account or another region"
            )


def shared_accounts(zones: Zones, neighbours: Mapping[str, Places]) -> frozenset[str]:
    """The accounts in which another stage is, too: there, stacks carry the stage's name."""
    theirs = {account for taken in neighbours.values() for account, _ in taken}
    return frozenset(account for account, _ in places(zones) if account in theirs)
