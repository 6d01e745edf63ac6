"""JSON read strictly and written in one way, so that equal requests are equal texts.

The standard library accepts what JSON forbids (``NaN``, a key twice, half a character); each of
these would mean one thing here and another in the next system, so each is refused.
"""

import json
from typing import Any, NoReturn

from functions.domain.names import JsonObject


def read_object(text: str | bytes) -> JsonObject:
    """Read a JSON object.

    Raises:
        ValueError: the text is no strict JSON object; the message says where, not what.
    """
    value = read(text)
    if not isinstance(value, dict):
        msg = "it is JSON, but no object"
        raise ValueError(msg)  # noqa: TRY004  # to the sender it is a wrong value
    return value


def read(text: str | bytes) -> Any:
    """Read any JSON.

    Raises:
        ValueError: the text is no strict JSON; the message says where, not what.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None
    except UnicodeDecodeError as error:
        msg = f"it is not UTF-8 (byte {error.start})"
        raise ValueError(msg) from None
    except UnicodeEncodeError:
        msg = "it has half of a surrogate pair in a string"
        raise ValueError(msg) from None
    except json.JSONDecodeError as error:
        msg = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise ValueError(msg) from None
    return value


def write(value: object) -> str:
    """Keys sorted, no white space, whole numbers without a fraction: ``1.0`` is ``1``."""
    return json.dumps(
        _whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _whole(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case list() | tuple():
            return [_whole(item) for item in value]
    return value


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "an object has the same key twice"
        raise ValueError(msg)
    return found
