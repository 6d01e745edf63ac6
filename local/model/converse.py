"""The request of Converse as types, parsed once at the edge, in the names of Bedrock's own shapes.

A body that does not fit is refused with every field that is wrong, and never with its content.
"""

import json
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, from_json

from local.model.errors import InvalidRequest
from local.model.messages import Message, NonEmpty, SystemBlock, ToolName, Union, Untyped, Wire

_METADATA = r"^[a-zA-Z0-9\s:_@$#=/+,\-.]*$"
MetadataKey = Annotated[str, Field(min_length=1, max_length=256, pattern=_METADATA)]
MetadataValue = Annotated[str, Field(max_length=256, pattern=_METADATA)]


class InferenceConfig(Wire):
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    stop_sequences: list[NonEmpty] = Field(default_factory=list, max_length=2500)


class ToolInputSchema(Wire):
    json_: Annotated[Untyped, Field(alias="json")]


class ToolSpec(Wire):
    name: ToolName
    description: NonEmpty | None = None
    input_schema: ToolInputSchema


class Tool(Union):
    tool_spec: ToolSpec | None = None
    system_tool: Untyped | None = None
    cache_point: Untyped | None = None


class NamedTool(Wire):
    name: ToolName


class ToolChoice(Union):
    auto: Untyped | None = None
    any: Untyped | None = None
    tool: NamedTool | None = None


class ToolConfig(Wire):
    tools: Annotated[list[Tool], Field(min_length=1)]
    tool_choice: ToolChoice | None = None

    @property
    def specs(self) -> list[ToolSpec]:
        """The tools that the caller runs itself; those that only Bedrock has are left out."""
        return [tool.tool_spec for tool in self.tools if tool.tool_spec]


class JsonSchema(Wire):
    schema_: Annotated[str, Field(alias="schema")]
    name: str | None = None
    description: str | None = None

    @field_validator("schema_")
    @classmethod
    def _is_an_object(cls, text: str) -> str:
        if not isinstance(from_json(text), dict):
            raise ValueError("the schema must be a JSON object, as a string")  # noqa: TRY004 - pydantic turns ValueError alone into a violation
        return text

    @property
    def document(self) -> Untyped:
        """The schema itself, out of its string."""
        schema: Untyped = json.loads(self.schema_)
        return schema


class Structure(Wire):
    json_schema: JsonSchema


class TextFormat(Wire):
    type: Literal["json_schema"]
    structure: Structure


class OutputConfig(Wire):
    text_format: TextFormat | None = None


class ConverseRequest(Wire):
    """The body of Converse and of ConverseStream, which differ in nothing that matters here."""

    messages: list[Message] = Field(default_factory=list)
    system: list[SystemBlock] = Field(default_factory=list)
    inference_config: InferenceConfig = InferenceConfig()
    tool_config: ToolConfig | None = None
    output_config: OutputConfig | None = None
    request_metadata: dict[MetadataKey, MetadataValue] = Field(default_factory=dict, max_length=16)
    guardrail_config: Untyped | None = None
    prompt_variables: Untyped | None = None

    @property
    def text_schema(self) -> JsonSchema | None:
        """What the text of the reply must obey, if the caller asked for structured output."""
        wanted = self.output_config and self.output_config.text_format
        return wanted.structure.json_schema if wanted else None


class CountTokensInput(Union):
    converse: ConverseRequest | None = None
    invoke_model: Untyped | None = None


class CountTokensRequest(Wire):
    input: CountTokensInput


Body = TypeVar("Body", bound=Wire)


def parse(shape: type[Body], raw: bytes) -> tuple[Body, Untyped]:
    """Give the body as ``shape`` and as it came; NaN, bad UTF-8 and bad JSON are refused."""
    try:
        document = from_json(raw or b"{}", allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest("Malformed input request: the body is not valid JSON.") from error
    if not isinstance(document, dict):
        raise InvalidRequest("Malformed input request: the body must be a JSON object.")
    try:
        return shape.model_validate(document), document
    except ValidationError as error:
        raise InvalidRequest(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    noun = "error" if len(details) == 1 else "errors"
    faults = "; ".join(_fault(detail) for detail in details)
    return f"{len(details)} validation {noun} detected: {faults}"


def _fault(detail: ErrorDetails) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    return f"Value at '{field}' failed to satisfy constraint: {detail['msg']}"
