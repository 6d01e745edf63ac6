"""One dead letter for a person to read, without the personal data in it unless it is asked for."""

import json
from collections.abc import Callable
from typing import Any

from cli.dead_letters.letter import CRASHED, Letter
from functions.domain.event import Event

ENVELOPE = frozenset(Event.model_fields) - {"data"}
"""Fields that hold names and times of systems; whatever else was written may speak of people."""
CANNOT_SCAN = "hidden, because the scan for personal data failed; --reveal shows it"
Redact = Callable[[Any], Any]


def facts(agent: str, letter: Letter) -> dict[str, str | None]:
    """What is known about the letter besides its body."""
    return {
        "message": letter.message_id,
        "agent": agent,
        "reason": letter.reason,
        "detail": letter.said("detail") or _explained(letter),
        "attempts": letter.said("attempts") or f"received {letter.receives} times, looks included",
        "team": letter.team,
        "type": letter.type,
        "run": letter.said("run_id"),
        "trace": letter.trace_id,
        "dead since": letter.dead_since.isoformat(timespec="seconds"),
        "came from": letter.said("source_queue") or (letter.moved_from or "").rpartition(":")[2],
    }


def envelope(letter: Letter) -> dict[str, Any]:
    """The fields that CloudEvents and the gatehouse define; none when the body is no event."""
    if letter.event is None:
        return {}
    return {name: value for name, value in letter.written.items() if name in ENVELOPE}


def content(letter: Letter, *, reveal: bool, redact: Redact | None = None) -> Any:
    """The rest: the event's data and whatever else is in it, or a body that is no event."""
    found = _rest(letter)
    return found if reveal else _masked(found, redact or _redact)


def as_text(value: Any) -> str:
    """For a person: JSON in lines, text as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _rest(letter: Letter) -> Any:
    if letter.event is None:
        return letter.written or letter.body
    rest = {name: value for name, value in letter.written.items() if name not in ENVELOPE}
    return rest["data"] if rest.keys() == {"data"} else rest


def _masked(value: Any, redact: Redact) -> Any:
    try:
        return redact(value)
    except Exception:  # noqa: BLE001  # whatever broke, what was not scanned is not shown
        return CANNOT_SCAN


def _redact(value: Any) -> Any:
    from functions.domain.personal_data.mask import redact

    return redact(value)


def _explained(letter: Letter) -> str:
    if letter.reason == CRASHED:
        return "Each time, the function died or ran out of time before it could say why."
    return "SNS could not deliver the message to the agent's queue."
