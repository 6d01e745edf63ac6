"""Playing a script: which rule answers a call, and a record of what was asked.

The record serves assertions from other processes; it holds prompts only if the script says so.
"""

import re
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any

from local.model.backends.scripted.script import Rule, Script, When
from local.model.errors import InvalidRequest
from local.model.generation import Call
from local.model.transcript import blocks_text, prompt_text, system_text

Match = re.Match[str]


class Playback:
    """One playing of a script; a new script starts a new one, with an empty record."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._used = Counter(dict.fromkeys(script.labelled, 0))
        self._calls: list[dict[str, Any]] = []

    def next_rule(self, call: Call) -> tuple[Rule, Match | None]:
        """Give the rule that answers this call, with what its regex found, and record the call."""
        number = len(self._calls) + 1
        for name, rule in self._script.labelled.items():
            if rule.times is not None and self._used[name] >= rule.times:
                continue
            matches, match = _matches(rule.when, call, number)
            if matches:
                self._used[name] += 1
                self._calls.append(self._entry(call, name))
                return rule, match
        self._calls.append(self._entry(call, None))
        raise InvalidRequest(
            f"No rule of the script answers call {number} (model {call.model_id}, "
            f"schema {_schema_name(call) or 'none'}): add a rule for it, or a [default]."
        )

    def record(self) -> dict[str, Any]:
        """Give how often each rule answered, and the calls in order."""
        return {"rules": dict(self._used), "calls": self._calls}

    def _entry(self, call: Call, rule: str | None) -> dict[str, Any]:
        entry = {
            "rule": rule,
            "operation": call.operation,
            "model_id": call.model_id,
            "schema": _schema_name(call),
            "request_metadata": call.request.request_metadata,
        }
        prompt = {"prompt": prompt_text(call.request)} if self._script.record_prompts else {}
        return {**entry, **prompt}


def _matches(when: When, call: Call, number: int) -> tuple[bool, Match | None]:
    fits = (
        (when.model is None or fnmatchcase(call.model_id, when.model))
        and when.call in (None, number)
        and when.schema_name in (None, _schema_name(call))
    )
    if not fits or (when.regex is None and when.contains is None):
        return fits, None
    text = _text(when, call)
    match = _last_match(when.regex, text)
    found = when.regex is None or match is not None
    return found and (when.contains or "") in text, match


def _schema_name(call: Call) -> str | None:
    schema = call.request.text_schema
    return schema.name if schema else None


def _text(when: When, call: Call) -> str:
    if when.scope == "system":
        return system_text(call.request)
    if when.scope == "last_message":
        return blocks_text(call.request.messages[-1].content)
    return prompt_text(call.request)


def _last_match(regex: str | None, text: str) -> Match | None:
    last = None
    for match in re.finditer(regex, text) if regex else ():
        last = match
    return last
