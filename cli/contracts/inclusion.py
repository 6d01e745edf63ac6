"""The proof that whatever may be written under one contract may be read under another.

It compares structure and tries no examples: an empty list of gaps is a proof. What it does not
understand it calls a gap, so it may refuse a harmless change, and never lets a harmful one pass.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

from cli.contracts.disjoint import disjoint
from cli.contracts.shape import (
    UNDERSTOOD,
    Alternative,
    Shape,
    alternatives,
    branches,
    is_union,
    same,
    types,
)
from functions.domain.closed import closed, names_fields
from functions.domain.conformity import validator
from functions.domain.names import JsonObject

UNPROVABLE = "not-provable"
Gaps = Iterator["Gap"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why something that may be written need not be readable."""

    at: str
    """Where in the data, as a JSON Pointer; ``*`` is any item or any other field."""
    keyword: str
    why: str


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Whether data of a ``writer`` fits what a ``reader`` has; both are names for the messages."""

    writer: str
    reader: str
    reader_is_closed: bool
    """Whether the reader, too, refuses fields that it does not name."""

    def gaps(self, written: Shape, read: Shape, at: str = "") -> list[Gap]:
        """Every place where something may be written that cannot be read; none is a proof."""
        if read is True or same(written, read):
            return []
        if read is False:
            return [] if written is False else [self._gap(at, "properties", "has no such field")]
        unknown = sorted(read.keys() - UNDERSTOOD)
        if unknown or _is_mixed(read):
            return [self._unprovable(at, unknown or sorted(read))]
        found = [*chain.from_iterable(self._one(one, read, at) for one in alternatives(written))]
        odd = sorted(written.keys() - UNDERSTOOD) if isinstance(written, dict) else []
        return [self._unprovable(at, odd)] if found and odd else found

    def _one(self, written: Alternative, read: JsonObject, at: str) -> Gaps:
        """Gaps of data of one type, or of listed values."""
        if "enum" in written.node:
            return self._values(written.node, read, at)
        if is_union(read):
            return self._union(written, read, at)
        if "enum" in read:
            listed = ", ".join(json.dumps(value) for value in read["enum"])
            return iter([self._gap(at, "enum", f"takes only {listed}", "have any value")])
        if not _takes(read, written.type):
            wants, given = f"takes {' or '.join(types(read))}", f"be of type {written.type}"
            return iter([self._gap(at, "type", wants, given)])
        return self._by_type(written, read, at)

    def _by_type(self, written: Alternative, read: JsonObject, at: str) -> Gaps:
        match written.type:
            case "integer" | "number":
                yield from self._numbers(written.node, read, at)
            case "string":
                yield from self._lengths("minLength", "maxLength", written.node, read, at)
                yield from self._equal(("pattern", "format"), written.node, read, at)
            case "array":
                yield from self._lengths("minItems", "maxItems", written.node, read, at)
                yield from self._items(written.node, read, at)
            case "object":
                yield from self._lengths("minProperties", "maxProperties", written.node, read, at)
                yield from self._fields(written, read, at)

    def _values(self, written: JsonObject, read: JsonObject, at: str) -> Gaps:
        own, readable = validator(written), validator(self._read_form(read))
        for value in written["enum"]:
            if own.is_valid(value) and not readable.is_valid(value):
                keyword = next(iter(readable.iter_errors(value))).validator or "enum"
                yield self._gap(at, keyword, "does not take it", f"be {json.dumps(value)}")

    def _union(self, written: Alternative, read: JsonObject, at: str) -> Gaps:
        """Something of the union must take it; of a ``oneOf``, provably nothing else may."""
        every = [self._named(branch, read) for branch in branches(read)]
        tried = [[*self._branch(written, branch, at)] for branch in every]
        fits = [index for index, gaps in enumerate(tried) if not gaps]
        alike = [i for i, branch in enumerate(every) if not disjoint(written.node, branch)]
        if fits and ("anyOf" in read or alike == fits[:1]):
            return
        if fits:
            yield self._unprovable(at, ["oneOf"])
        elif len(alike) == 1:
            yield from tried[alike[0]]
        else:
            (keyword,) = read
            given = f"be {written.type} and fit none of them"
            yield self._gap(at, keyword, f"takes only {len(every)} alternatives", given)

    def _branch(self, written: Alternative, branch: Shape, at: str) -> Gaps:
        if isinstance(branch, bool):
            return iter(()) if branch else iter([self._gap(at, "properties", "takes nothing")])
        if branch.keys() - UNDERSTOOD or is_union(branch):
            return iter([self._unprovable(at, sorted(branch))])
        return self._one(written, branch, at)

    def _named(self, branch: Shape, union: JsonObject) -> Shape:
        """If one alternative names the fields of an object, all of them are closed."""
        if not (self.reader_is_closed and names_fields(union, {})) or branch is False:
            return branch
        return {"properties": {}, **({} if branch is True else branch)}

    def _lengths(
        self, least: str, most: str, written: JsonObject, read: JsonObject, at: str
    ) -> Gaps:
        if written.get(least, 0) < read.get(least, 0):
            yield self._differ(least, written, read, at)
        if written.get(most, math.inf) > read.get(most, math.inf):
            yield self._differ(most, written, read, at)

    def _numbers(self, written: JsonObject, read: JsonObject, at: str) -> Gaps:
        for sign, inclusive, exclusive in (
            (1, "minimum", "exclusiveMinimum"),
            (-1, "maximum", "exclusiveMaximum"),
        ):
            ours, theirs = (_bound(side, sign, inclusive, exclusive) for side in (written, read))
            if ours < theirs:
                keyword = exclusive if exclusive in read else inclusive
                yield self._differ(keyword, written, read, at)
        step = read.get("multipleOf")
        if step is not None and not _is_multiple(_step(written), step):
            yield self._differ("multipleOf", written, read, at)

    def _equal(
        self, keywords: tuple[str, ...], written: JsonObject, read: JsonObject, at: str
    ) -> Gaps:
        """Rules of which only an equal one is known to hold as well."""
        for keyword in keywords:
            if keyword in read and written.get(keyword) != read[keyword]:
                yield self._differ(keyword, written, read, at)

    def _items(self, written: JsonObject, read: JsonObject, at: str) -> Gaps:
        if read.get("uniqueItems") and not written.get("uniqueItems"):
            yield self._differ("uniqueItems", written, read, at)
        ours, theirs = written.get("prefixItems", []), read.get("prefixItems", [])
        fixed, most = max(len(ours), len(theirs)), written.get("maxItems", math.inf)
        for index in range(fixed):
            if index < most:
                given, wanted = (
                    prefix[index] if index < len(prefix) else side.get("items", True)
                    for prefix, side in ((ours, written), (theirs, read))
                )
                yield from self.gaps(given, wanted, f"{at}/{index}")
        if most > fixed:
            yield from self.gaps(written.get("items", True), read.get("items", True), f"{at}/*")

    def _fields(self, alternative: Alternative, read: JsonObject, at: str) -> Gaps:
        written = alternative.node
        ours, theirs = written.get("properties", {}), read.get("properties", {})
        other = written.get("additionalProperties", not alternative.names_all)
        reader_names_all = self.reader_is_closed and "properties" in read
        unknown = read.get("additionalProperties", not reader_names_all)
        for name in sorted(set(read.get("required", ())) - set(written.get("required", ()))):
            yield self._gap(f"{at}/{_step_of(name)}", "required", "requires it", "be without it")
        for name in sorted(ours.keys() | theirs.keys()):
            given, wanted = ours.get(name, other), theirs.get(name, unknown)
            yield from self._field(given, wanted, f"{at}/{_step_of(name)}", is_new=name not in ours)
        if other is not False and unknown is False:
            wants = "takes no field that it does not name"
            yield self._gap(f"{at}/*", "additionalProperties", wants, "have fields of any name")
        elif other is not False:
            yield from self.gaps(other, unknown, f"{at}/*")

    def _field(self, given: Shape, wanted: Shape, at: str, *, is_new: bool) -> Gaps:
        found = [] if given is False else self.gaps(given, wanted, at)
        if found and is_new:
            wants = "says what it must be"
            given_ = "already have a field of this name, since fields of any name may be written"
            found = [self._gap(at, "additionalProperties", wants, given_)]
        yield from found

    def _read_form(self, read: JsonObject) -> JsonObject:
        return closed(read) if self.reader_is_closed else read

    def _differ(self, keyword: str, written: JsonObject, read: JsonObject, at: str) -> Gap:
        wants = f"has {keyword} {json.dumps(read.get(keyword))}"
        given = json.dumps(written[keyword]) if keyword in written else "none"
        return self._gap(at, keyword, wants, f"follow {keyword} {given}")

    def _gap(self, at: str, keyword: str, wants: str, given: str = "have it") -> Gap:
        return Gap(at, keyword, f"{self.writer} may {given}; {self.reader} {wants}")

    def _unprovable(self, at: str, keywords: list[str]) -> Gap:
        named = ", ".join(keywords)
        why = f"it cannot be proved that {self.reader} takes all that {self.writer} may be: {named}"
        return Gap(at, UNPROVABLE, why)


def _is_mixed(node: JsonObject) -> bool:
    return is_union(node) and len(node) > 1


def _takes(read: JsonObject, type_: str) -> bool:
    return type_ in types(read) or (type_ == "integer" and "number" in types(read))


def _bound(node: JsonObject, sign: int, inclusive: str, exclusive: str) -> tuple[Any, bool]:
    """A bound that can be compared: a larger one leaves less."""
    found = [(-math.inf, False)]
    if inclusive in node:
        found.append((sign * node[inclusive], False))
    if exclusive in node:
        found.append((sign * node[exclusive], True))
    return max(found)


def _step(node: JsonObject) -> Any:
    return node.get("multipleOf", 1 if node["type"] == ["integer"] else None)


def _is_multiple(step: Any, of: Any) -> bool:
    return step is not None and (Fraction(str(step)) / Fraction(str(of))).denominator == 1


def _step_of(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
