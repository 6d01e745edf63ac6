"""Two neighbouring versions share their tables: each reads what the other wrote."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from functions.domain.names import MicroUsd, RunId
from functions.domain.pricing import Usage
from functions.domain.record import Order, RunRecord
from functions.domain.run import Outcome

LATER = {"added_by_a_later_version": {"deep": [1]}}
OUTCOME = Outcome(
    id=RunId(f"run_{1:032x}"),
    agent="ticket_summary",
    version="1.0.0",
    output={"summary": "A late present."},
    model="eu.test.model-v1:0",
    answered_by="eu.test.model-v1:0",
    usage=Usage(input_tokens=1),
    cost_micro_usd=MicroUsd(1),
    cache="off",
    age_seconds=None,
    trace_id=None,
    span_id=None,
)
RECORD = RunRecord(
    id=OUTCOME.id,
    team="helpdesk",
    agent="ticket_summary",
    status="succeeded",
    accepted_at=datetime(2026, 11, 2, tzinfo=UTC),
    changed_at=datetime(2026, 11, 2, tzinfo=UTC),
    digest="d",
    order=Order(
        input={},
        subject="s",
        roles=frozenset({"r"}),
        workflow="w",
        cache_read=True,
        cache_write=True,
    ),
    outcome=OUTCOME,
)


def test_an_outcome_of_a_later_version_is_read() -> None:
    text = json.dumps({**OUTCOME.model_dump(mode="json"), **LATER})
    assert Outcome.model_validate_json(text) == OUTCOME


def test_a_record_of_a_later_version_is_read_with_its_order() -> None:
    written = RECORD.model_dump(mode="json")
    later = {**written, **LATER, "order": {**written["order"], **LATER}}
    assert RunRecord.model_validate(later) == RECORD


def test_a_kind_of_tokens_without_a_price_is_not_taken_for_nothing() -> None:
    with pytest.raises(ValidationError):
        Usage.model_validate({"input_tokens": 1, "tokens_of_a_later_kind": 5})
