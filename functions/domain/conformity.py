"""Whether data follows a contract, in words that repeat nothing of the data.

The validator is the reference one (``jsonschema``). Two things it leaves to its host are settled
here, so that they are the same on every machine: which formats there are, and that ``$`` in a
pattern is the end of the text, as in ECMA 262, and not the line break before it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from functions.domain.closed import IN_PLACE, closed
from functions.domain.errors import Violation
from functions.domain.names import JsonObject

MOST = 20
"""More violations than this help nobody."""


class Checker:
    """Says what is wrong with data; building one costs an import, using it does not."""

    def __init__(self, schema: JsonObject) -> None:
        self._known = _field_names(schema)
        self._validator = validator(closed(schema))

    def violations(self, data: JsonObject, *, root: str) -> tuple[Violation, ...]:
        """One entry for each thing that is wrong, as a JSON Pointer (RFC 6901) and a reason."""
        errors = _told(self._validator.iter_errors(data))
        found = (
            Violation(pointer=self._pointer(root, path), detail=detail)
            for error in errors
            for path, detail in _explained(error)
        )
        unique = {(one["pointer"], one["detail"]): one for one in found}
        return tuple(unique.values())[:MOST]

    def _pointer(self, root: str, path: Iterable[str | int]) -> str:
        """Names that only the sender made up are part of what was sent, and become ``*``."""
        steps = (str(s) if isinstance(s, int) or s in self._known else "*" for s in path)
        return "/".join((root, *(s.replace("~", "~0").replace("/", "~1") for s in steps)))


def validator(schema: JsonObject) -> Any:
    """A validator of JSON Schema 2020-12 with our formats."""
    # A sixth of a second on a small function: paid by the first event to be checked, not by runs.
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.validators import extend

    formats = FormatChecker(formats=())
    for name, check in FORMATS.items():
        formats.checks(name, raises=ValueError)(check)
    dialect = extend(Draft202012Validator, {"pattern": _pattern})
    return dialect(schema, format_checker=formats)


def _text(rule: str, parse: Callable[[str], object] = str) -> Callable[[object], bool]:
    pattern = re.compile(rule, re.ASCII)

    def fits(value: object) -> bool:
        return not isinstance(value, str) or (pattern.fullmatch(value) and parse(value)) is not None

    return fits


FORMATS: Mapping[str, Callable[[object], bool]] = {
    "date": _text(r"\d{4}-\d\d-\d\d", date.fromisoformat),
    "date-time": _text(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", datetime.fromisoformat
    ),
    "email": _text(r"[^@\s]{1,64}@[^@\s]{1,255}"),
    "uri": _text(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"),
    "uuid": _text(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
"""What ``format`` may say in a contract. Each is checked, on every machine in the same way."""

WORDS: Mapping[str, str] = {
    "additionalProperties": "the contract has no such field",
    "anyOf": "must fit one of the alternatives",
    "const": "must be {}",
    "enum": "must be one of {}",
    "exclusiveMaximum": "must be less than {}",
    "exclusiveMinimum": "must be more than {}",
    "format": "must be a {}",
    "maxItems": "must have at most {} items",
    "maxLength": "must have at most {} characters",
    "maxProperties": "must have at most {} fields",
    "maximum": "must be at most {}",
    "minItems": "must have at least {} items",
    "minLength": "must have at least {} characters",
    "minProperties": "must have at least {} fields",
    "minimum": "must be at least {}",
    "multipleOf": "must be a multiple of {}",
    "oneOf": "must fit exactly one of the alternatives",
    "pattern": "must match {}",
    "required": "is required",
    "type": "must be of type {}",
    "unevaluatedProperties": "the contract has no such field",
    "uniqueItems": "must not hold the same item twice",
}


def _told(errors: Iterable[Any]) -> list[Any]:
    """Sorted by place, without what only follows from another error.

    The fields of an alternative are known only once it fits; if none does, that is the error.
    """
    found = sorted(errors, key=_place)
    undecided = [tuple(e.absolute_path) for e in found if e.validator in IN_PLACE]
    return [
        error
        for error in found
        if error.validator != "unevaluatedProperties" or tuple(error.absolute_path) not in undecided
    ]


def _place(error: Any) -> list[tuple[int, str]]:
    """Items of a list by number, fields by name."""
    return [(s, "") if isinstance(s, int) else (0, s) for s in error.absolute_path]


def _explained(error: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where and why; an absent field is named by the path at which it would stand."""
    path, rule = tuple(error.absolute_path), error.validator_value
    words = WORDS.get(error.validator, f"does not fit the contract ({error.validator})")
    match error.validator:
        case "required":
            yield from (((*path, name), words) for name in rule if name not in error.instance)
        case "additionalProperties" | "unevaluatedProperties":
            yield (*path, "*"), words
        case _:
            yield path, words.format(_rule(rule))


def _rule(rule: object) -> str:
    """A keyword's value as it stands in the contract."""
    match rule:
        case str():
            return rule
        case list():
            return ", ".join(one if isinstance(one, str) else json.dumps(one) for one in rule)
    return json.dumps(rule)


def _pattern(_: Any, pattern: str, instance: object, __: JsonObject) -> Iterator[Exception]:
    from jsonschema import ValidationError

    # ECMA 262 knows no line break before the end, and its \d has ten digits.
    ends = re.sub(r"(?<!\\)((?:\\\\)*)\$$", r"\1\\Z", pattern)
    if isinstance(instance, str) and not re.search(ends, instance, re.ASCII):
        yield ValidationError("does not match")


def _field_names(schema: object) -> frozenset[str]:
    """Every property name that the contract itself uses."""
    match schema:
        case dict():
            own = frozenset(schema.get("properties", {}))
            return own.union(*(_field_names(part) for part in schema.values()))
        case list():
            return frozenset().union(*(_field_names(part) for part in schema))
    return frozenset()
