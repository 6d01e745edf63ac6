"""Contracts of events: which types and versions there are, and what is wrong with an event's data.

    events/<type>/v<N>.schema.json   JSON Schema 2020-12 of the data; ``dataschema`` is its ``$id``
    events/released.json             every contract as it was released, revision by revision

A writer is held to the contract by the letter, a reader ignores what it does not know; see
:mod:`functions.domain.closed`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from functions.domain.conformity import Checker
from functions.domain.errors import InvalidInput, Violation
from functions.domain.event import schema_uri
from functions.domain.names import JsonObject

RELEASED = "released.json"
_FILE = re.compile(r"v([1-9]\d*)\.schema\.json")
_URI = re.compile(r"urn:gatehouse:event:([a-z._]+):v([1-9]\d*)")


@dataclass(frozen=True)
class Contract:
    """One version of what an event of a type may say."""

    type: str
    version: int
    schema: JsonObject

    @property
    def uri(self) -> str:
        return schema_uri(self.type, self.version)

    @property
    def name(self) -> str:
        return f"{self.type}/v{self.version}"

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.schema)

    def violations(self, data: JsonObject) -> tuple[Violation, ...]:
        """What keeps this data from being published; the pointers begin at the envelope."""
        return self._checker.violations(data, root="/data")


@dataclass(frozen=True)
class Contracts:
    """All contracts, by type and version."""

    by_type: Mapping[str, Mapping[int, Contract]]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``events/``.

        Raises:
            ValueError: a contract cannot be read, or names another type or version than its file.
        """
        found: dict[str, dict[int, Contract]] = {}
        for file in sorted(folder.glob("*/v*.schema.json")):
            contract = _read(file)
            found.setdefault(contract.type, {})[contract.version] = contract
        return cls({type_: dict(sorted(versions.items())) for type_, versions in found.items()})

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self.by_type)

    @property
    def every(self) -> tuple[Contract, ...]:
        return tuple(
            contract for versions in self.by_type.values() for contract in versions.values()
        )

    def versions(self, type_: str) -> tuple[int, ...]:
        return tuple(self._of_type(type_))

    def latest(self, type_: str) -> Contract:
        versions = self._of_type(type_)
        return versions[max(versions)]

    def find(self, type_: str, version: int) -> Contract:
        """One contract.

        Raises:
            InvalidInput: there is no such type or version; the message lists what there is.
        """
        versions = self._of_type(type_)
        if version not in versions:
            there_are = ", ".join(f"v{number}" for number in versions)
            msg = f"{type_} has no such version; there are: {there_are}."
            raise InvalidInput(msg, violations=(Violation(pointer="/dataschema", detail=msg),))
        return versions[version]

    def named(self, type_: str, dataschema: str | None) -> Contract:
        """The contract that an event says it follows; the latest if it does not say.

        Raises:
            InvalidInput: there is no such type or version, or the contract is of another type.
        """
        if dataschema is None:
            return self.latest(type_)
        match = _URI.fullmatch(dataschema)
        if match is None or match[1] != type_:
            there_are = ", ".join(schema_uri(type_, version) for version in self.versions(type_))
            msg = f"The dataschema names no contract of {type_}; there are: {there_are}."
            raise InvalidInput(msg, violations=(Violation(pointer="/dataschema", detail=msg),))
        return self.find(type_, int(match[2]))

    def check(self, type_: str, version: int, data: JsonObject) -> tuple[Violation, ...]:
        """What is wrong with data that is to be published under a contract."""
        return self.find(type_, version).violations(data)

    def _of_type(self, type_: str) -> Mapping[int, Contract]:
        if type_ not in self.by_type:
            # What the sender made up is not said again.
            msg = f"There is no event of this type; there are: {', '.join(self.types)}."
            raise InvalidInput(msg, violations=(Violation(pointer="/type", detail=msg),))
        return self.by_type[type_]


@dataclass(frozen=True, slots=True)
class Released:
    """A contract in all the revisions in which it was released, the oldest first."""

    type: str
    version: int
    revisions: tuple[JsonObject, ...]

    @property
    def name(self) -> str:
        return f"{self.type}/v{self.version}"


def released(folder: Path) -> tuple[Released, ...]:
    """What ``events/released.json`` holds; nothing before the first release."""
    file = folder / RELEASED
    if not file.is_file():
        return ()
    types = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Released(type_, int(version.removeprefix("v")), tuple(revisions))
        for type_, versions in types.items()
        for version, revisions in versions.items()
    )


def _read(file: Path) -> Contract:
    where = f"{file.parent.name}/{file.name}"
    number = _FILE.fullmatch(file.name)
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"events/{where} is no JSON: {error}"
        raise ValueError(msg) from None
    if number is None or not isinstance(schema, dict):
        msg = f"events/{where} must be v<N>.schema.json and hold a JSON object"
        raise ValueError(msg)
    contract = Contract(file.parent.name, int(number[1]), schema)
    if schema.get("$id") != contract.uri:
        msg = f"events/{where} must have the $id {contract.uri}"
        raise ValueError(msg)
    return contract
