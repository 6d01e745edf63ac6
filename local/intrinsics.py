"""The intrinsic functions of CloudFormation, as plain functions over a stack's names.

What cannot be resolved is an error that names the path to it; nothing is guessed.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.template import TemplateError

NO_VALUE = object()
"""``AWS::NoValue``: the property is as if it were not written."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class Names(Protocol):
    """What a stack's expressions may refer to."""

    def ref(self, name: str, path: str) -> Any: ...
    def attribute(self, logical_id: str, name: str, path: str) -> Any: ...
    def condition(self, name: str, path: str) -> Any: ...
    def mapped(self, table: str, first: str, second: str, path: str) -> Any: ...
    def exported(self, name: str, path: str) -> Any: ...


def resolve(names: Names, value: Any, path: str) -> Any:
    """Replace every intrinsic in a value.

    Raises:
        TemplateError: something in it cannot be resolved; the message names where it stands.
    """
    if isinstance(value, list):
        items = [resolve(names, item, f"{path}[{i}]") for i, item in enumerate(value)]
        return [item for item in items if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or name.startswith("Fn::"):
            return _call(names, name, argument, path)
    fields = {key: resolve(names, item, f"{path}.{key}") for key, item in value.items()}
    return {key: item for key, item in fields.items() if item is not NO_VALUE}


def holds(names: Names, expression: Any, path: str) -> bool:
    """Whether a condition holds."""
    ((name, argument),) = expression.items()
    if name == "Condition":
        return holds(names, names.condition(argument, path), f"Conditions.{argument}")
    if name not in TESTS:
        msg = f"{path}: {name} is no condition that the local runner knows"
        raise TemplateError(msg)
    return TESTS[name](names, argument, path)


def _call(names: Names, name: str, argument: Any, path: str) -> Any:
    if name not in FUNCTIONS:
        msg = f"{path}: the local runner does not know {name}; add it to local/intrinsics.py"
        raise TemplateError(msg)
    return FUNCTIONS[name](names, argument, path)


def _get_att(names: Names, argument: Any, path: str) -> Any:
    logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return names.attribute(logical_id, attribute, path)


def _sub(names: Names, argument: Any, path: str) -> str:
    text, given = (argument, {}) if isinstance(argument, str) else argument
    values = resolve(names, given, path)

    def fill(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in values:
            return str(values[name])
        return str(_get_att(names, name, path) if "." in name else names.ref(name, path))

    return _PLACEHOLDER.sub(fill, text)


def _join(names: Names, argument: Any, path: str) -> str:
    separator, parts = argument
    return str(separator).join(str(part) for part in resolve(names, parts, path))


def _select(names: Names, argument: Any, path: str) -> Any:
    index, items = resolve(names, argument, path)
    return items[int(index)]


def _split(names: Names, argument: Any, path: str) -> list[str]:
    separator, text = resolve(names, argument, path)
    return str(text).split(separator)


def _if(names: Names, argument: Any, path: str) -> Any:
    name, yes, no = argument
    chosen = yes if holds(names, {"Condition": name}, path) else no
    return resolve(names, chosen, path)


def _find_in_map(names: Names, argument: Any, path: str) -> Any:
    table, first, second = resolve(names, argument, path)
    return names.mapped(table, first, second, path)


def _base64(names: Names, argument: Any, path: str) -> str:
    return base64.b64encode(str(resolve(names, argument, path)).encode()).decode()


def _equals(names: Names, argument: Any, path: str) -> bool:
    left, right = resolve(names, argument, path)
    return str(left) == str(right)


FUNCTIONS: Mapping[str, Callable[[Names, Any, str], Any]] = {
    "Ref": lambda names, name, path: names.ref(name, path),
    "Fn::Base64": _base64,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": lambda names, a, path: names.exported(resolve(names, a, path), path),
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}

TESTS: Mapping[str, Callable[[Names, Any, str], bool]] = {
    "Fn::And": lambda names, tests, path: all(holds(names, test, path) for test in tests),
    "Fn::Equals": _equals,
    "Fn::Not": lambda names, tests, path: not holds(names, tests[0], path),
    "Fn::Or": lambda names, tests, path: any(holds(names, test, path) for test in tests),
}
