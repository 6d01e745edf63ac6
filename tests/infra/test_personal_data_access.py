"""A second detector costs a right, and a zone that names none has none."""

from collections.abc import Iterator
from typing import Any

from tests.infra.templates import Template, each


def test_nobody_may_ask_a_service_for_personal_data_unless_a_zone_names_one(
    every: list[Template],
) -> None:
    for template in every:
        assert "comprehend:" not in template.text, template.name
        assert "ApplyGuardrail" not in template.text, template.name


def test_comprehend_may_be_asked_that_one_thing_where_runs_are_executed(
    switched_on: list[Template],
) -> None:
    assert granted(switched_on, "eu-central-1") == {
        ("agent-echo", "comprehend:DetectPiiEntities", "*"),
        ("edge", "comprehend:DetectPiiEntities", "*"),
    }


def test_a_guardrail_is_applied_by_its_own_arn_and_never_by_a_profile(
    switched_on: list[Template],
) -> None:
    arn = "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc1"
    assert granted(switched_on, "us-east-1") == {
        ("agent-echo", "bedrock:ApplyGuardrail", arn),
        ("edge", "bedrock:ApplyGuardrail", arn),
    }


def granted(found: list[Template], region: str) -> set[tuple[str, str, str]]:
    """Who in a region may ask which service about what."""
    return {
        (template.name.removeprefix(f"gatehouse-{region}-"), action, str(resource))
        for template, _, policy in each(found, "AWS::IAM::Policy")
        if template.region == region
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
        if action.startswith("comprehend:") or "Guardrail" in action
        for resource in as_list(statement["Resource"])
    }


def as_list(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]
