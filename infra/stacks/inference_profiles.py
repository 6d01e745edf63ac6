"""The inference profiles of a zone's business units, where the zone wants them."""

from collections.abc import Iterable

from constructs import Construct

from functions.domain.bedrock_tags import digest
from functions.domain.team import Team
from infra.constructs.inference_profiles import InferenceProfiles, business_units
from infra.place import Place
from infra.stacks.regional import RegionalStack


class InferenceProfilesStack(RegionalStack):
    """One set of profiles for each business unit; nothing of other stacks depends on it."""

    def __init__(self, scope: Construct, *, place: Place, teams: Iterable[Team]) -> None:
        super().__init__(
            scope,
            "inference-profiles",
            place=place,
            description="Agent Gatehouse: inference profiles of business units",
        )
        for unit, cost_centre in business_units(teams).items():
            InferenceProfiles(
                self, f"Unit{digest(unit)}", place=place, unit=unit, cost_centre=cost_centre
            )
