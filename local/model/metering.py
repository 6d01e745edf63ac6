"""Counts what was answered, as Amazon Bedrock does for CloudWatch: tokens and calls by model.

Nothing is published from here: whoever wants to takes what was counted since the last time, so an
answer waits for nobody.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

CALLS = "Invocations"
TOKENS = {
    "inputTokens": "InputTokenCount",
    "outputTokens": "OutputTokenCount",
    "cacheReadInputTokens": "CacheReadInputTokenCount",
    "cacheWriteInputTokens": "CacheWriteInputTokenCount",
}
"""Bedrock's metrics by what a response calls their numbers."""


class Meter:
    """Sums by model and metric; used from one event loop, so nothing is locked."""

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, str]] = Counter()

    def count(self, model_id: str, usage: Mapping[str, Any]) -> None:
        """Add an answer. Bedrock's name for a model that was called by ARN is the ARN's end."""
        model = model_id.rpartition("/")[2]
        self._sums[model, CALLS] += 1
        for name, metric in TOKENS.items():
            if name in usage:
                self._sums[model, metric] += int(usage[name])

    def take(self) -> list[dict[str, Any]]:
        """What was counted since the last time."""
        sums, self._sums = self._sums, Counter()
        return [{"model": m, "metric": name, "sum": n} for (m, name), n in sorted(sums.items())]
