"""The scripted model of a running stack, and the bill that a provider would write for it."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx

from functions.domain.pricing import Usage, price_list

USAGE = {"input_tokens": 900, "output_tokens": 70}
ANSWER: dict[str, Any] = {"reply": "from_schema", "usage": USAGE}
ZONE = "eu"
FIRST, SECOND = "*haiku*", "*sonnet*"
"""The models of every agent, in their order."""


def failing(error: str, model: str = "*", **more: Any) -> dict[str, Any]:
    """A rule by which a model fails."""
    return {"when": {"model": model}, "error": error, **more}


class Provider:
    """Plays scripts; what each script's calls cost is added up before the next one begins."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url
        self._rules: dict[str, dict[str, Any]] = {}
        self._billed: Counter[str] = Counter()
        self._prompts: list[str] = []
        self.play()

    def play(self, *rules: dict[str, Any]) -> None:
        """Start over with these rules, after which every call is answered."""
        self._close()
        script = {"rules": rules, "default": ANSWER, "record_prompts": True}
        url = f"{self._url}/_scripted/script"
        self._client.put(url, content=json.dumps(script)).raise_for_status()
        self._rules = {str(number): rule for number, rule in enumerate(rules, 1)}
        self._rules["default"] = ANSWER

    def calls(self) -> list[dict[str, Any]]:
        """What was asked since the script began, whether it was answered or not."""
        record = self._client.get(f"{self._url}/_scripted/calls").json()
        found: list[dict[str, Any]] = record["calls"]
        return found

    def told(self) -> list[str]:
        """Everything that any model was ever told: prompts and tags."""
        return [*self._prompts, *map(json.dumps, self.calls())]

    def bill(self, team: str) -> int:
        """What all answered calls of a team cost so far, in micro-USD."""
        return self._billed[team] + self._running()[team]

    def _close(self) -> None:
        if self._rules:
            self._prompts += map(json.dumps, self.calls())
            self._billed += self._running()

    def _running(self) -> Counter[str]:
        now = datetime.now(UTC)
        bill: Counter[str] = Counter()
        for call in self.calls():
            rule = self._rules[call["rule"]]
            if "error" not in rule:
                price = price_list(ZONE).of(call["model_id"], now)
                bill[call["request_metadata"]["team"]] += price.cost(Usage(**rule["usage"]))
        return bill
