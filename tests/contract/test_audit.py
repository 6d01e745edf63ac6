"""The audit line's contract is a file, because what reads the trail is not ours."""

import json

from functions.domain.audit import AuditLine
from infra.blueprint import ROOT

SCHEMA = ROOT / "docs" / "audit.schema.json"


def test_the_schema_that_readers_are_given_is_that_of_the_lines():
    written = json.loads(SCHEMA.read_text(encoding="utf-8"))
    dialect = written.pop("$schema")
    assert dialect == "https://json-schema.org/draft/2020-12/schema"
    assert written == AuditLine.model_json_schema()


def test_a_line_may_have_no_field_that_the_schema_does_not_know():
    written = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = [written, *written["$defs"].values()]
    closed = [part for part in parts if part.get("type") == "object"]
    assert len(closed) == 3
    assert all(part["additionalProperties"] is False for part in closed)
