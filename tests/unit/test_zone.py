"""What a zone may say of a second detector."""

import pytest
from pydantic import ValidationError

from functions.domain.zone import ComprehendDetection, GuardrailDetection, Zone, Zones
from infra.blueprint import ROOT

ZONES = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")


def zone(second_detector: str) -> Zone:
    """The zone ``eu``, with a line of TOML more."""
    return Zones.parse(ZONES.replace("[zones.eu]", f"[zones.eu]\n{second_detector}", 1)).zones["eu"]


def test_no_zone_has_a_second_detector_unless_it_names_one() -> None:
    assert [z.second_detector for z in Zones.parse(ZONES).zones.values()] == [None, None]


def test_comprehend_reads_english_unless_it_is_told_otherwise() -> None:
    assert zone('second_detector = { service = "comprehend" }').second_detector == (
        ComprehendDetection(service="comprehend", language="en", least_score=0.5)
    )


def test_a_language_that_comprehend_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError, match="'en' or 'es'"):
        zone('second_detector = { service = "comprehend", language = "de" }')


def test_each_region_of_a_zone_has_its_own_guardrail() -> None:
    both = '{ eu-central-1 = "abc1:1", eu-west-1 = "def2:12" }'

    found = zone(f'second_detector = {{ service = "guardrail", guardrails = {both} }}')

    assert isinstance(found.second_detector, GuardrailDetection)
    assert found.second_detector.guardrails["eu-west-1"] == "def2:12"


@pytest.mark.parametrize(
    "guardrails",
    [
        '{ eu-central-1 = "abc1:1" }',
        '{ eu-central-1 = "abc1:1", eu-west-1 = "def2:1", us-east-1 = "fff3:1" }',
    ],
)
def test_a_region_without_a_guardrail_and_a_guardrail_elsewhere_are_refused(
    guardrails: str,
) -> None:
    with pytest.raises(
        ValidationError, match=r"each region of the zone \(eu-central-1, eu-west-1\)"
    ):
        zone(f'second_detector = {{ service = "guardrail", guardrails = {guardrails} }}')


@pytest.mark.parametrize(
    "guardrail", ["abc1", "abc1:DRAFT", "arn:aws:bedrock:us-east-1:1:guardrail/a"]
)
def test_a_guardrail_is_an_id_of_the_region_with_a_version_that_stays(guardrail: str) -> None:
    ids = f'{{ eu-central-1 = "{guardrail}", eu-west-1 = "def2:1" }}'

    with pytest.raises(ValidationError, match="should match pattern"):
        zone(f'second_detector = {{ service = "guardrail", guardrails = {ids} }}')
