"""The flags that a deploy starts with: read from ``infra/flags.json`` and checked.

They are checked three times by the same rules: here, by AppConfig before it deploys a version (the
schema beside this file), and by Powertools in the function that evaluates them.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from aws_lambda_powertools.utilities.feature_flags import SchemaValidator
from aws_lambda_powertools.utilities.feature_flags.exceptions import SchemaValidationError
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, best_match

from functions.domain import canonical
from functions.domain.flags import AGENT
from functions.domain.names import JsonObject

APPLICATION = "agent-gatehouse"
ENVIRONMENT = "live"
PROFILE = "flags"
AT_ONCE = "agent-gatehouse-at-once"
"""The names in AppConfig by which the command line finds what it changes."""
SCHEMA = Path(__file__).with_name("flags.schema.json")


def read(file: Path) -> JsonObject:
    """The flags in a file.

    Raises:
        ValueError: it holds no JSON object.
    """
    try:
        return canonical.read_object(file.read_bytes())
    except ValueError as error:
        msg = f"{file.name}: {error}"
        raise ValueError(msg) from None


def problems(flags: JsonObject, agents: Collection[str]) -> Iterator[str]:
    """What is wrong with flags, in sentences; nothing if they may be deployed."""
    yield from _misshapen(flags)
    for name in flags:
        if name.startswith(AGENT) and name.removeprefix(AGENT) not in agents:
            yield f"flags.json: {name}: there is no such agent; they are: {', '.join(agents)}"


def _misshapen(flags: JsonObject) -> Iterator[str]:
    schema = canonical.read_object(SCHEMA.read_bytes())
    wrong: ValidationError | None = best_match(Draft4Validator(schema).iter_errors(flags))
    if wrong is not None:
        where = " → ".join(str(part) for part in wrong.absolute_path)
        yield f"flags.json: {where + ': ' if where else ''}{wrong.message}"
    elif flags:
        try:
            SchemaValidator(flags).validate()
        except SchemaValidationError as error:
            yield f"flags.json: {error}"
