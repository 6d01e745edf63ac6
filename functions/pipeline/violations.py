"""What is wrong with an input, as JSON Pointers and reasons, and never what was sent.

Names that only the sender made up (an unknown field, a key of a map) are part of what was sent:
they are replaced by ``*``.
"""

from typing import Any

from pydantic import BaseModel, ValidationError

from functions.domain.errors import Violation

MOST = 20
"""More than this helps nobody."""


def violations(
    error: ValidationError, model: type[BaseModel], *, root: str
) -> tuple[Violation, ...]:
    """One entry for each thing that is wrong, in the order of the input."""
    known = _field_names(model.model_json_schema())
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return tuple(
        Violation(pointer=_pointer(root, entry["loc"], known), detail=entry["msg"])
        for entry in found[:MOST]
    )


def _pointer(root: str, location: tuple[int | str, ...], known: set[str]) -> str:
    steps = (str(step) if isinstance(step, int) or step in known else "*" for step in location)
    return "/".join((root, *steps))


def _field_names(schema: Any) -> set[str]:
    """Every property name that the contract itself uses."""
    match schema:
        case dict():
            own = set(schema.get("properties", {}))
            return own.union(*(_field_names(part) for part in schema.values()))
        case list():
            return set().union(*(_field_names(part) for part in schema))
    return set()
