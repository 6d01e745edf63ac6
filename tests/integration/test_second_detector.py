"""Comprehend and Guardrails as second detectors: against their real clients and service models."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from functions.adapters import comprehend, guardrails
from functions.adapters.comprehend import ComprehendDetector
from functions.adapters.guardrails import GuardrailDetector
from functions.bootstrap.runs import second_detector
from functions.domain.errors import ScanFailed
from functions.domain.personal_data import EntityType, Finding
from functions.domain.zone import ComprehendDetection, GuardrailDetection

REGION = "eu-central-1"
SECRET = "Zebedee-4711"
Counted = list[tuple[str, int]]


class Stubbed:
    """A detector whose client answers what the test says, and checks what it is asked."""

    def __init__(self, service: str, make: Callable[[Any, Counted], Any]) -> None:
        client = boto3.client(
            service,  # type: ignore[call-overload]  # either of two names
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.counted: Counted = []
        self.stub = Stubber(client)
        self.stub.activate()
        self.detector = make(client, self.counted)


@pytest.fixture
def by_comprehend() -> Stubbed:
    return Stubbed(
        "comprehend",
        lambda client, counted: ComprehendDetector(
            client, "es", 0.5, lambda *units: counted.append(units)
        ),
    )


@pytest.fixture
def by_guardrail() -> Stubbed:
    return Stubbed(
        "bedrock-runtime",
        lambda client, counted: GuardrailDetector(
            client, "abc1", "7", lambda *units: counted.append(units)
        ),
    )


def entity(start: int, end: int, kind: str = "NAME", score: float = 0.9) -> dict[str, Any]:
    return {"BeginOffset": start, "EndOffset": end, "Type": kind, "Score": score}


def assessed(*entities: dict[str, Any], regexes: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """The reply of ApplyGuardrail that recognised these."""
    units = ("topic", "content", "word", "contextualGrounding")
    return {
        "usage": {f"{name}PolicyUnits": 0 for name in units}
        | {"sensitiveInformationPolicyUnits": 2, "sensitiveInformationPolicyFreeUnits": 0},
        "action": "GUARDRAIL_INTERVENED",
        "outputs": [],
        "assessments": [
            {"sensitiveInformationPolicy": {"piiEntities": entities, "regexes": regexes}}
        ],
    }


def pii(match: str, kind: str = "NAME", **more: Any) -> dict[str, Any]:
    return {"match": match, "type": kind, "action": "ANONYMIZED", **more}


def test_comprehend_finds_by_code_points_in_each_text(by_comprehend: Stubbed) -> None:
    asked = {"Text": "😀 Ada\nto Bob", "LanguageCode": "es"}
    found = {"Entities": [entity(2, 5), entity(9, 12, "EMAIL", 0.7)]}
    by_comprehend.stub.add_response("detect_pii_entities", found, asked)

    assert by_comprehend.detector.find(["😀 Ada", "to Bob"]) == [
        [Finding(2, 5, EntityType.PERSON, 0.9)],
        [Finding(3, 6, EntityType.EMAIL_ADDRESS, 0.7)],
    ]


def test_what_comprehend_doubts_and_mere_dates_are_left_out(by_comprehend: Stubbed) -> None:
    found = {"Entities": [entity(0, 3, score=0.49), entity(4, 8, "DATE_TIME")]}
    by_comprehend.stub.add_response("detect_pii_entities", found)

    assert by_comprehend.detector.find(["Ada 2024"]) == [[]]


def test_a_kind_that_aws_adds_one_day_is_hidden_too(by_comprehend: Stubbed) -> None:
    found = {"Entities": [entity(0, 3, "SHOE_SIZE")]}
    by_comprehend.stub.add_response("detect_pii_entities", found)

    ((finding,),) = by_comprehend.detector.find(["Ada"])
    assert finding.entity_type is EntityType.PERSONAL_ID


def test_a_text_that_is_too_long_for_comprehend_is_asked_about_in_parts(
    by_comprehend: Stubbed,
) -> None:
    line = "é" * 49 + "\n"
    most = comprehend.MOST_BYTES // len(line.encode())
    asked = {"Text": line * most, "LanguageCode": "es"}
    by_comprehend.stub.add_response("detect_pii_entities", {"Entities": []}, asked)
    asked = {"Text": f"{line}Ada", "LanguageCode": "es"}
    by_comprehend.stub.add_response("detect_pii_entities", {"Entities": [entity(50, 53)]}, asked)

    text = line * (most + 1) + "Ada"

    ((finding,),) = by_comprehend.detector.find([text])
    assert text[finding.start : finding.end] == "Ada"


@pytest.mark.parametrize(("length", "units"), [(1, 3), (300, 3), (301, 4)])
def test_comprehend_s_units_are_counted_as_they_are_charged(
    by_comprehend: Stubbed, length: int, units: int
) -> None:
    by_comprehend.stub.add_response("detect_pii_entities", {"Entities": []})

    by_comprehend.detector.find(["a" * length])

    assert by_comprehend.counted == [("comprehend", units)]


def test_a_guardrail_s_matches_are_found_wherever_they_stand(by_guardrail: Stubbed) -> None:
    asked = {
        "guardrailIdentifier": "abc1",
        "guardrailVersion": "7",
        "source": "INPUT",
        "content": [{"text": {"text": "Al met Alan\nand Al"}}],
        "outputScope": "FULL",
    }
    by_guardrail.stub.add_response("apply_guardrail", assessed(pii("Al")), asked)

    assert by_guardrail.detector.find(["Al met Alan", "and Al"]) == [
        [Finding(0, 2, EntityType.PERSON, 1.0)],
        [Finding(4, 6, EntityType.PERSON, 1.0)],
    ]
    assert by_guardrail.counted == [("guardrail", 2)]


def test_a_match_within_a_word_is_found_where_no_whole_word_is_one(by_guardrail: Stubbed) -> None:
    by_guardrail.stub.add_response("apply_guardrail", assessed(pii("123", "PIN")))

    assert by_guardrail.detector.find(["x123y"]) == [[Finding(1, 4, EntityType.SECRET, 1.0)]]


def test_a_guardrail_s_own_patterns_count_and_what_it_did_not_detect_does_not(
    by_guardrail: Stubbed,
) -> None:
    pattern = {"name": "case", "match": "C-1", "regex": "C-[0-9]", "action": "NONE"}
    reply = assessed(pii("Oslo", "ADDRESS", detected=False), regexes=(pattern,))
    by_guardrail.stub.add_response("apply_guardrail", reply)

    assert by_guardrail.detector.find(["C-1 in Oslo"]) == [
        [Finding(0, 3, EntityType.PERSONAL_ID, 1.0)]
    ]


@pytest.mark.parametrize("match", ["Eve", ""])
def test_a_match_that_is_not_in_the_text_fails_the_scan(by_guardrail: Stubbed, match: str) -> None:
    by_guardrail.stub.add_response("apply_guardrail", assessed(pii(match)))

    with pytest.raises(ScanFailed, match="not in the text"):
        by_guardrail.detector.find(["Ada"])


@pytest.mark.parametrize(
    ("stubbed", "operation", "code"),
    [
        ("by_comprehend", "detect_pii_entities", "ThrottlingException"),
        ("by_comprehend", "detect_pii_entities", "InternalServerException"),
        ("by_comprehend", "detect_pii_entities", "UnsupportedLanguageException"),
        ("by_comprehend", "detect_pii_entities", "AccessDeniedException"),
        ("by_guardrail", "apply_guardrail", "ThrottlingException"),
        ("by_guardrail", "apply_guardrail", "ResourceNotFoundException"),
    ],
)
def test_a_service_that_does_not_answer_fails_the_scan_and_tells_nothing_of_the_text(
    stubbed: str, operation: str, code: str, request: pytest.FixtureRequest
) -> None:
    broken: Stubbed = request.getfixturevalue(stubbed)
    broken.stub.add_client_error(operation, code, f"cannot read {SECRET}")

    with pytest.raises(ScanFailed, match=code) as caught:
        broken.detector.find([SECRET])
    assert SECRET not in caught.value.detail
    assert caught.value.retryable
    assert caught.value.retry_after_seconds
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert broken.counted == []


def test_a_service_that_cannot_be_reached_fails_the_scan() -> None:
    class Unreachable:
        def detect_pii_entities(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://comprehend")

    with pytest.raises(ScanFailed, match="EndpointConnectionError"):
        ComprehendDetector(Unreachable(), "en", 0.5, lambda *_: None).find(["Ada"])


def test_every_kind_that_the_services_know_is_one_of_ours() -> None:
    def kinds(service: str, shape: str) -> set[str]:
        model = boto3.session.Session()._session.get_service_model(service)  # noqa: SLF001  # the only way to a service model
        named: Any = model.shape_for(shape)
        return set(named.enum)

    of_comprehend = kinds("comprehend", "PiiEntityType") - {"ALL"}  # only ever asked for
    assert of_comprehend == set(comprehend.KINDS) | comprehend.NOT_PERSONAL
    assert kinds("bedrock-runtime", "GuardrailPiiEntityType") == set(guardrails.KINDS)


def test_a_zone_that_names_no_service_has_no_second_detector() -> None:
    assert second_detector(None, REGION, lambda *_: None) is None


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (ComprehendDetection(service="comprehend"), ComprehendDetector),
        (
            GuardrailDetection(service="guardrail", guardrails={REGION: "abc1:7"}),
            GuardrailDetector,
        ),
    ],
)
def test_a_service_is_asked_in_the_stack_s_own_region(
    aws: None, monkeypatch: pytest.MonkeyPatch, named: Any, expected: type
) -> None:
    built: list[tuple[str, str]] = []
    build = boto3.client

    def client(service: Any, *, region_name: str, config: Any) -> Any:
        built.append((service, region_name))
        return build(service, region_name=region_name, config=config)

    monkeypatch.setattr(boto3, "client", client)

    assert isinstance(second_detector(named, REGION, lambda *_: None), expected)
    assert [region for _, region in built] == [REGION]
