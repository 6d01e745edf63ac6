"""How an agent reaches a model: governed, metered, and with a reply that fits.

A model's reply is untrusted text. It is parsed against the schema that the agent asked for; what
does not fit goes back once with the reason, and if it still does not fit the run fails. A reply is
never half filled in.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from pydantic import BaseModel, ValidationError

from functions.domain.agent import MOST_BYTES_PER_TOKEN, AgentManifest, ReplyT
from functions.domain.bedrock_tags import request_metadata
from functions.domain.errors import InvalidModelReply
from functions.domain.names import JsonObject
from functions.domain.prompt import Prompt
from functions.domain.run import Run
from functions.pipeline.calls import Ask
from functions.pipeline.ports import Answer, Question

CUT_OFF = "max_tokens"


class Unfit(Exception):
    """A reply does not fit; ``str()`` is for the model, ``count`` for the caller."""

    def __init__(self, reason: str, count: int = 1) -> None:
        super().__init__(reason)
        self.count = count


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernedTools:
    """The tools of one run; implements :class:`functions.domain.agent.Tools`."""

    run: Run
    manifest: AgentManifest
    models: tuple[str, ...]
    call: Ask

    @property
    def today(self) -> date:
        return self.run.received_at.date()

    def ask(self, prompt: Prompt, reply: type[ReplyT]) -> ReplyT:
        question = self._question(prompt, reply)
        answer = self.call(question)
        try:
            return self._parse(answer, reply)
        except Unfit as unfit:
            self.run.meter.distrust(answer.text)
            repaired = self.call(replace(question, repair=(answer.text, str(unfit))))
        try:
            return self._parse(repaired, reply)
        except Unfit as unfit:
            self.run.meter.distrust(repaired.text)
            msg = (
                f"The model's reply to {self.run.agent} did not fit its contract, and neither did "
                f"its repair ({unfit.count} fields wrong). Try again, or shorten the input."
            )
            raise InvalidModelReply(msg) from None

    def _question(self, prompt: Prompt, reply: type[ReplyT]) -> Question:
        return Question(
            model=self.models[0],
            prompt=prompt,
            schema_name=reply.__name__,
            schema=_schema(reply),
            max_output_tokens=self.manifest.max_output_tokens,
            temperature=self.manifest.temperature,
            deadline=self.run.deadline,
            tags=request_metadata(self.run),
        )

    def _parse(self, answer: Answer, reply: type[ReplyT]) -> ReplyT:
        if answer.stop_reason == CUT_OFF:
            msg = "the reply was cut off at its token limit; answer in fewer words"
            raise Unfit(msg)
        if len(answer.text) > self.manifest.max_output_tokens * MOST_BYTES_PER_TOKEN:
            msg = "the reply is too long; answer in fewer words"
            raise Unfit(msg)
        try:
            return reply.model_validate_json(answer.text)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            reasons = [{"field": entry["loc"], "problem": entry["msg"]} for entry in found[:10]]
            raise Unfit(json.dumps(reasons), len(found)) from None


@cache
def _schema(reply: type[BaseModel]) -> JsonObject:
    return reply.model_json_schema()
