"""Ids and names as types, so that a team can never be passed where an agent is meant."""

from typing import Annotated, Any, NewType

from pydantic import StringConstraints

JsonObject = dict[str, Any]
"""A JSON object as the standard library reads it."""

RunId = NewType("RunId", str)
MicroUsd = NewType("MicroUsd", int)
"""Money is whole millionths of a US dollar; floats never touch it."""

AgentName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)
]
"""The agent's folder, its route and its queue: snake case."""
TeamName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)
]
ZoneName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}$")]
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9:._-]*$", max_length=64)]
ModelId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9.:_/-]*$", max_length=256)]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+)+$", max_length=64)]
Workflow = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=64)
]
"""A free tag for chargeback, such as ``onboarding`` or ``black-friday/2026``."""

UNASSIGNED: Workflow = "unassigned"
"""The workflow of a run that names none."""
