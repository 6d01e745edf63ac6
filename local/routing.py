"""Finds the method that a path means: the most specific resource wins, static parts first.

/v1/agents/search      before    /v1/agents/{agent}    before    /v1/{proxy+}
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from local.rest_api import Method


@dataclass(frozen=True, slots=True)
class Match:
    """A method, and the values of the parameters in its path."""

    method: Method
    path_parameters: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    methods: dict[str, Method] = field(default_factory=dict)
    static: "dict[str, _Node]" = field(default_factory=dict)
    parameter: "tuple[str, _Node] | None" = None
    greedy: "tuple[str, _Node] | None" = None


class Router:
    """The resources of an API as a tree."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._root = _Node()
        for method in methods:
            node = self._root
            for part in _parts(method.path):
                node = _grow(node, part)
            node.methods[method.http_method] = method

    def match(self, http_method: str, path: str) -> Match | None:
        """The method for a path without its stage; None if there is no such route.

        A trailing slash means nothing, as on API Gateway.
        """
        for node, parameters in _candidates(self._root, [*_parts(path)]):
            method = node.methods.get(http_method) or node.methods.get("ANY")
            if method is not None:
                return Match(method, parameters)
            if node.methods:
                # The most specific resource is the one that is meant, with this method or not.
                return None
        return None


def _parts(path: str) -> Iterator[str]:
    return (part for part in path.strip("/").split("/") if part)


def _grow(node: _Node, part: str) -> _Node:
    if not part.startswith("{"):
        return node.static.setdefault(part, _Node())
    name = part.strip("{}")
    if name.endswith("+"):
        node.greedy = node.greedy or (name.removesuffix("+"), _Node())
        return node.greedy[1]
    node.parameter = node.parameter or (name, _Node())
    return node.parameter[1]


def _candidates(node: _Node, parts: list[str]) -> Iterator[tuple[_Node, dict[str, str]]]:
    """Every node that a path can mean, the most specific first."""
    if not parts:
        yield node, {}
        return
    first, rest = parts[0], parts[1:]
    if first in node.static:
        yield from _candidates(node.static[first], rest)
    if node.parameter:
        name, child = node.parameter
        for found, parameters in _candidates(child, rest):
            yield found, {name: unquote(first), **parameters}
    if node.greedy:
        name, child = node.greedy
        yield child, {name: unquote("/".join(parts))}
