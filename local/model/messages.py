"""What a conversation is made of: messages and their content blocks, as Bedrock's shapes name them.

Members that a text model can use are typed in full. The others (images, documents, audio) are
kept as they came: a text model refuses them with the name of the field (``conversation``), and
real Bedrock receives them untouched.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

ToolName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
ToolUseId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_.:-]+$")]
NonEmpty = Annotated[str, Field(min_length=1)]
Untyped = dict[str, Any]


class Wire(BaseModel):
    """camelCase on the wire; unknown members are ignored, as AWS ignores them."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


class Union(Wire):
    """Exactly one member is set, as in every union of an AWS service model."""

    @model_validator(mode="after")
    def _one_member(self) -> Self:
        if len(self.members) != 1:
            known = ", ".join(str(field.alias) for field in type(self).model_fields.values())
            raise ValueError(f"exactly one of {known} must be set")
        return self

    @property
    def members(self) -> list[str]:
        """The wire names of what is set."""
        return [
            str(field.alias)
            for name, field in type(self).model_fields.items()
            if getattr(self, name) is not None
        ]


class ToolUse(Wire):
    tool_use_id: ToolUseId
    name: ToolName
    input: Any


class ToolResultContent(Union):
    text: str | None = None
    json_: Annotated[Any, Field(alias="json")] = None
    image: Untyped | None = None
    document: Untyped | None = None
    video: Untyped | None = None
    search_result: Untyped | None = None


class ToolResult(Wire):
    tool_use_id: ToolUseId
    content: list[ToolResultContent]
    status: Literal["success", "error"] = "success"


class ContentBlock(Union):
    text: str | None = None
    tool_use: ToolUse | None = None
    tool_result: ToolResult | None = None
    cache_point: Untyped | None = None
    image: Untyped | None = None
    document: Untyped | None = None
    video: Untyped | None = None
    audio: Untyped | None = None
    guard_content: Untyped | None = None
    reasoning_content: Untyped | None = None
    citations_content: Untyped | None = None
    search_result: Untyped | None = None
    tool_addition: Untyped | None = None
    tool_removal: Untyped | None = None


class SystemBlock(Union):
    text: NonEmpty | None = None
    guard_content: Untyped | None = None
    cache_point: Untyped | None = None


class Message(Wire):
    role: Literal["user", "assistant", "system"]
    content: list[ContentBlock]
