"""A script for a model that is no model: an ordered list of rules from what is asked to a reply.

The first rule that matches answers. Scripts are TOML or JSON:

    [[rules]]                                   # throttled once, then answered
    when = { schema = "ReviewSentiment" }
    times = 1
    error = "ThrottlingException"

    [[rules]]                                   # values come from the prompt
    when = { model = "eu.*", regex = 'review ([a-z0-9-]+)' }
    reply = { label = "positive", review_id = "{{1}}" }
    usage = { input_tokens = 120, output_tokens = 30 }
    latency_ms = 40

    [default]                                   # the smallest reply that the schema allows
    reply = "from_schema"
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import from_json

from local.model.errors import STATUS

FROM_SCHEMA = "from_schema"
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
StopReason = Literal[
    "end_turn",
    "tool_use",
    "max_tokens",
    "stop_sequence",
    "guardrail_intervened",
    "content_filtered",
    "malformed_model_output",
    "malformed_tool_use",
    "model_context_window_exceeded",
]


class ScriptError(Exception):
    """The script cannot be played; the message names the rule and the field."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class When(_Part):
    """What a call must look like. Every condition that is given must hold; none means any call."""

    model: str | None = None  # a shell pattern: "eu.*"
    contains: str | None = None
    regex: str | None = None  # its last match counts: examples in a prompt come before the task
    scope: Literal["prompt", "system", "last_message"] = "prompt"  # what these two look at
    schema_name: Annotated[str | None, Field(alias="schema")] = None
    call: Annotated[int, Field(ge=1)] | None = None  # the n-th call of the script

    @field_validator("regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class Tokens(_Part):
    """What the reply says it used."""

    input_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]


class Rule(_Part):
    """What to answer, and when. A reply with an error is a stream that breaks after the reply."""

    name: str | None = None
    when: When = When()
    times: Annotated[int, Field(ge=1)] | None = None
    reply: Any = None
    tool: str | None = None
    stop_reason: StopReason | None = None
    usage: Tokens | None = None
    latency_ms: Annotated[int, Field(ge=0)] = 0
    error: str | None = None
    message: str = "The script says so."

    @field_validator("error")
    @classmethod
    def _is_known(cls, code: str | None) -> str | None:
        if code is not None and code not in STATUS:
            raise ValueError(f"not an error of Bedrock; known are {', '.join(STATUS)}")
        return code

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if self.reply is None and self.error is None:
            raise ValueError("a rule needs a reply or an error")
        pattern = re.compile(self.when.regex or "")
        groups = {*map(str, range(pattern.groups + 1)), *pattern.groupindex}
        if unknown := sorted(set(placeholders(self.reply)) - groups):
            raise ValueError(f"the regex has no group {', '.join(unknown)}")
        return self


class Script(_Part):
    """The rules in order, and what answers when none of them does."""

    rules: list[Rule] = []
    default: Rule | None = None
    record_prompts: bool = False

    @property
    def labelled(self) -> dict[str, Rule]:
        """The rules by name or, without one, by number; the default comes last."""
        rules = {rule.name or str(number): rule for number, rule in enumerate(self.rules, 1)}
        return {**rules, "default": self.default} if self.default else rules

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len(self.labelled) != len(self.rules) + (self.default is not None):
            raise ValueError("two rules have the same name; numbers and 'default' are names too")
        return self


def parse_script(text: str) -> Script:
    """Read a script; a JSON document begins with a brace, which no TOML document does."""
    try:
        document = from_json(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return Script.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        lines = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ScriptError("; ".join(lines)) from error
    except ValueError as error:
        raise ScriptError(str(error)) from error


def placeholders(reply: Any) -> Iterator[str]:
    """Give the groups that a reply takes from the prompt."""
    if isinstance(reply, str):
        yield from _PLACEHOLDER.findall(reply)
    elif isinstance(reply, list | dict):
        for part in reply.values() if isinstance(reply, dict) else reply:
            yield from placeholders(part)


def filled(reply: Any, match: re.Match[str] | None) -> Any:
    """Give the reply with its placeholders filled from the match."""
    if isinstance(reply, str) and match is not None:
        return _PLACEHOLDER.sub(lambda found: _group(match, found[1]), reply)
    if isinstance(reply, list):
        return [filled(part, match) for part in reply]
    if isinstance(reply, dict):
        return {key: filled(part, match) for key, part in reply.items()}
    return reply


def _group(match: re.Match[str], name: str) -> str:
    return match[int(name) if name.isdigit() else name] or ""
