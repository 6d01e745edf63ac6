"""The released contracts in AWS Glue Schema Registry, where consumers and data tools look for them.

A schema of the registry cannot be changed, only followed by a version. So it begins with the first
release of a contract, and each later release of the same contract is the next version. A contract
that breaks with its past (``v2``) is a schema of its own.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal

from aws_cdk import aws_glue as glue
from constructs import Construct

from functions.domain.contracts import Released
from functions.domain.event import schema_uri
from functions.domain.names import JsonObject

NAME = "gatehouse-events"
COMPATIBILITY: Literal["BACKWARD"] = "BACKWARD"
"""What every contract promises at least; the gate is ``gatehouse events check``."""
DRAFT_07 = "http://json-schema.org/draft-07/schema#"


class SchemaRegistry(Construct):
    """One schema for each version of an event type, in all its revisions."""

    def __init__(self, scope: Construct, id_: str, *, releases: Sequence[Released]) -> None:
        super().__init__(scope, id_)
        self._registry = glue.CfnRegistry(
            self, "Registry", name=NAME, description="Contracts of the events of Agent Gatehouse"
        )
        for release in releases:
            self._register(release)

    def _register(self, release: Released) -> None:
        name = schema_name(release)
        first, *later = release.revisions
        schema = glue.CfnSchema(
            self,
            name,
            compatibility=COMPATIBILITY,
            data_format="JSON",
            description=schema_uri(release.type, release.version),
            name=name,
            registry=glue.CfnSchema.RegistryProperty(arn=self._registry.attr_arn),
            schema_definition=definition(first, release),
        )
        before: glue.CfnSchema | glue.CfnSchemaVersion = schema
        for number, revision in enumerate(later, start=2):
            version = glue.CfnSchemaVersion(
                self,
                f"{name}-revision-{number}",
                schema=glue.CfnSchemaVersion.SchemaProperty(schema_arn=schema.attr_arn),
                schema_definition=definition(revision, release),
            )
            # Each is compared with the one before it, so they must come in their order.
            version.add_dependency(before)
            before = version


def schema_name(release: Released) -> str:
    """The registry's names have no dots."""
    return f"{release.type.replace('.', '-')}-v{release.version}"


def definition(schema: JsonObject, release: Released) -> str:
    """A contract as the registry reads it, which is JSON Schema Draft-07.

    Contracts use only what both drafts have; definitions alone are kept elsewhere. The registry
    would try to resolve references against an ``$id``, so that is a comment there.
    """
    rules = {k: v for k, v in schema.items() if k not in {"$schema", "$id"}}
    head = {"$schema": DRAFT_07, "$comment": schema_uri(release.type, release.version)}
    return json.dumps(head | _draft_07(rules), ensure_ascii=False, separators=(",", ":"))


def _draft_07(part: Any) -> Any:
    match part:
        case {"$ref": str(reference)}:
            return {**part, "$ref": reference.replace("#/$defs/", "#/definitions/")}
        case dict():
            renamed = {"$defs": "definitions"}
            return {renamed.get(name, name): _draft_07(value) for name, value in part.items()}
        case list():
            return [_draft_07(value) for value in part]
    return part
