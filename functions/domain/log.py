"""What a log may say: every line that the functions write, and every field that it may have.

The logger drops whatever is not declared here, so that a field that somebody adds in passing can
carry no personal data. ``docs/logs.md`` is made of this table.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Share = Annotated[float, Field(ge=0, le=1)]


class Logs(BaseModel):
    """How much the functions of a zone log, as ``infra/zones.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    level: LogLevel = "INFO"
    """Above INFO there is no line for each run any more, and nothing to follow one by."""
    debug_share: Share = 0.0
    """Of the calls of a function, those that log at DEBUG whatever the level."""


ALWAYS = {
    "level": "how bad it is",
    "message": "which line it is",
    "timestamp": "when it was written, in UTC",
    "service": "always `gatehouse`",
    "request_id": "Lambda's id of the call of the function",
    "event_id": "of the event that is worked on; a hash unless it is a UUID or as random",
    "sampling_rate": "the share of calls that log at `DEBUG`, when there is one",
}
"""Fields that any line may have."""

FIELDS = {
    "action": "`suspend` or `downgrade`",
    "agent": "whose run it is",
    "answered_by": "the model that did the work, as the provider says",
    "attempts": "how often the message was tried, with this time",
    "cache": "`hit`, `stale`, `miss`, `bypass` or `off`",
    "calls": "of models: model and tokens of each",
    "causes": "the kinds of the errors that led to it",
    "channel": "`http`, `async` or `event`",
    "cost_micro_usd": "what models cost",
    "day": "of the ledger, in UTC",
    "dropped": "how many fields were not written because nothing declares them",
    "error": "its kind, never its message",
    "finding": "what was compared, what each side says and how far they are apart",
    "frames": "where in the code it happened",
    "given_back_micro_usd": "promises of dead runs that went back",
    "host": "of the receiver",
    "latency_ms": "how long it took",
    "line": "an audit line, less its subject and its event's id",
    "location": "where in the code the line is written",
    "model": "that was asked",
    "parameter": "that names the inference profiles of a business unit",
    "percent": "of the limit, at which it was done",
    "period": "the month, in UTC",
    "reason": "AWS's name for why it could not be read",
    "parts": "how many files",
    "restrictions": "how many stand because of it",
    "result": "of this try; of a comparison `agrees`, `drifts` or `unknown`",
    "run": "its id",
    "scope": "`team`, `agent/NAME` or `workflow/NAME`",
    "stages": "milliseconds by stage",
    "state": "of the circuit",
    "status": "`succeeded`, `accepted` or an error's slug; of a webhook, what the receiver said",
    "team": "who pays",
    "teller": "`ledger`, `alarm` (CloudWatch) or `bill` (AWS Budgets)",
    "thresholds_told": "how many budgets reached one",
    "tokens": "by kind",
    "trace_id": "of the W3C trace",
    "workflow": "the tag for chargeback",
}
"""What a line's own fields mean."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of line."""

    level: str
    meaning: str
    fields: frozenset[str]


def _line(level: str, meaning: str, fields: str) -> Line:
    return Line(level, meaning, frozenset(fields.split()))


_MODEL_CALL = "model answered_by tokens cost_micro_usd latency_ms"

LINES = {
    "run": _line(
        "INFO",
        "A run ended; one for each.",
        f"run agent team channel workflow status trace_id cache stages {_MODEL_CALL}",
    ),
    "model call": _line("DEBUG", "A run asked a model.", f"run trace_id {_MODEL_CALL}"),
    "webhook": _line(
        "INFO",
        "A result was sent to its caller, or was not.",
        "run team host status attempts result trace_id",
    ),
    "budget restricted": _line(
        "WARNING",
        "A team's policy restricts its runs until the month is over.",
        "team period scope action percent teller",
    ),
    "budget told": _line(
        "INFO", "The guard was told of a budget.", "status attempts result restrictions"
    ),
    "swept": _line("INFO", "Budgets were looked through.", "given_back_micro_usd thresholds_told"),
    "reconciled": _line(
        "INFO", "The ledger was compared with the provider's numbers.", "result finding"
    ),
    "inference profile not found": _line(
        "WARNING", "Models are called by their own ids.", "parameter reason"
    ),
    "day closed": _line("INFO", "A day of the ledger was exported.", "day parts cost_micro_usd"),
    "circuit changed": _line(
        "WARNING", "A model's circuit opened, closed or is probed.", "model state"
    ),
    "circuit state cannot be read": _line("WARNING", "Its own memory is used.", "error"),
    "circuit state cannot be written": _line("WARNING", "Its own memory is used.", "error"),
    "spans dropped": _line("WARNING", "They could not be exported; told once.", "reason"),
    "the cache cannot be read": _line("WARNING", "Models are asked instead.", "error"),
    "the flags cannot be read": _line("WARNING", "The last ones that were read hold.", "error"),
    "run not settled": _line(
        "ERROR",
        "A run used a model, and the books could not be told.",
        "run agent team workflow calls cost_micro_usd",
    ),
    "audit line lost": _line("ERROR", "No store took an audit line.", "line"),
    "unexpected error": _line(
        "ERROR", "Something broke that is no error of ours.", "error frames causes"
    ),
}
"""By message."""

UNDECLARED = "(undeclared)"
"""In place of a message that is not one of these."""
UNDECLARED_FIELDS = frozenset({"location"})
DROPPED = "dropped"

_RANDOM = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,64}", flags=re.IGNORECASE
)


def event_id(named: str) -> str:
    """An event's id for the log: producers choose it, and may have made it of somebody's name."""
    if _RANDOM.fullmatch(named) and not named.isdecimal():
        return named
    return f"sha256:{hashlib.sha256(named.encode()).hexdigest()[:32]}"
