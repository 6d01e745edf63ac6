"""The zones of a stage, for commands that act on what was deployed to it."""

from typing import Annotated

import typer

from cli.calls import CannotCall
from functions.domain.zone import Zone, Zones
from infra.blueprint import Refused, Sources

Stage = Annotated[str, typer.Option(help="Of infra/stages.toml: whose zones are meant.")]


def zones(stage: str) -> Zones:
    """The zones that a stage is deployed to.

    Raises:
        CannotCall: there is no such stage, or its zones cannot be read.
    """
    try:
        return Zones.parse(Sources.of(stage).zones.read_text(encoding="utf-8"))
    except (OSError, ValueError, Refused) as error:
        raise CannotCall(str(error)) from error


def zone_named(name: str, stage: str) -> Zone:
    """One of them.

    Raises:
        CannotCall: the stage has no such zone.
    """
    known = zones(stage).zones
    if name not in known:
        msg = f"the stage {stage} has no zone {name!r}; it has: {', '.join(known)}"
        raise CannotCall(msg)
    return known[name]


def owner(region: str, stage: str) -> Zone:
    """The zone of the stage that owns a region.

    Raises:
        CannotCall: none does.
    """
    try:
        return zones(stage).of_region(region)
    except ValueError as error:
        msg = f"{error}; another stage may: --stage"
        raise CannotCall(msg) from error
