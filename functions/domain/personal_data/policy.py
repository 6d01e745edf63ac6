"""What an agent may see: each kind of personal data is allowed, masked or refused.

[personal_data]
default = "mask"
actions = { LOCATION = "allow", SECRET = "refuse" }
restored = ["PERSON"]
"""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, field_validator

from functions.domain.personal_data.entities import EntityType, Finding


class Action(StrEnum):
    """What happens to a finding."""

    ALLOW = "allow"
    MASK = "mask"
    REFUSE = "refuse"


class PersonalDataRefused(Exception):
    """A text holds personal data of a kind that the policy refuses; the data is not in here."""

    def __init__(self, entity_types: Iterable[EntityType]) -> None:
        self.entity_types = tuple(sorted(set(entity_types)))
        super().__init__(
            f"the text holds {', '.join(self.entity_types)}, which this agent refuses to process; "
            "remove it and send the text again"
        )


class Policy(BaseModel):
    """The action for each entity type, and which masked values the caller gets back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Action = Action.MASK
    actions: dict[EntityType, Action] = {EntityType.TITLE: Action.ALLOW}
    """By entity type, where it differs from the default. "Dr" and "Mrs" identify nobody."""
    restored: frozenset[EntityType] = frozenset()
    """Placeholders of these types become the original values again in what the caller receives.

    A policy file may say ``"all"``.
    """

    @field_validator("restored", mode="before")
    @classmethod
    def _all_in_a_word(cls, value: object) -> object:
        return frozenset(EntityType) if value == "all" else value

    def action_for(self, entity_type: EntityType) -> Action:
        return self.actions.get(entity_type, self.default)

    def masked(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings to mask; raises ``PersonalDataRefused`` if one must not pass at all."""
        by_action: dict[Action, list[Finding]] = {action: [] for action in Action}
        for finding in findings:
            by_action[self.action_for(finding.entity_type)].append(finding)
        if refused := by_action[Action.REFUSE]:
            raise PersonalDataRefused(finding.entity_type for finding in refused)
        return by_action[Action.MASK]


MASK_EVERYTHING = Policy(actions={})
"""For what is written to logs, traces and records."""
