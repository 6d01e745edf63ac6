"""Personal data as a guardrail of Amazon Bedrock finds it, besides our own detector.

Only its sensitive information filter is of interest here, and only what that filter recognises:
what becomes of it is the agent's policy to say, not the guardrail's.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import scan_error
from functions.domain.errors import ScanFailed
from functions.domain.personal_data.documents import find_in_documents
from functions.domain.personal_data.entities import EntityType, Finding

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

MOST_BYTES = 25_000
"""A call takes 25 text units of a thousand characters, and no character is less than a byte."""

KINDS = {
    "ADDRESS": EntityType.ADDRESS,
    "AGE": EntityType.AGE,
    "AWS_ACCESS_KEY": EntityType.SECRET,
    "AWS_SECRET_KEY": EntityType.SECRET,
    "CA_HEALTH_NUMBER": EntityType.HEALTH_ID,
    "CA_SOCIAL_INSURANCE_NUMBER": EntityType.NATIONAL_ID,
    "CREDIT_DEBIT_CARD_CVV": EntityType.CREDIT_CARD,
    "CREDIT_DEBIT_CARD_EXPIRY": EntityType.CREDIT_CARD,
    "CREDIT_DEBIT_CARD_NUMBER": EntityType.CREDIT_CARD,
    "DRIVER_ID": EntityType.DRIVING_LICENCE,
    "EMAIL": EntityType.EMAIL_ADDRESS,
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": EntityType.IBAN_CODE,
    "IP_ADDRESS": EntityType.IP_ADDRESS,
    "LICENSE_PLATE": EntityType.VEHICLE_ID,
    "MAC_ADDRESS": EntityType.MAC_ADDRESS,
    "NAME": EntityType.PERSON,
    "PASSWORD": EntityType.SECRET,
    "PHONE": EntityType.PHONE_NUMBER,
    "PIN": EntityType.SECRET,
    "SWIFT_CODE": EntityType.BANK_ACCOUNT,
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": EntityType.HEALTH_ID,
    "UK_NATIONAL_INSURANCE_NUMBER": EntityType.NATIONAL_ID,
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": EntityType.TAX_ID,
    "URL": EntityType.URL,
    "USERNAME": EntityType.USERNAME,
    "US_BANK_ACCOUNT_NUMBER": EntityType.BANK_ACCOUNT,
    "US_BANK_ROUTING_NUMBER": EntityType.BANK_ACCOUNT,
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": EntityType.TAX_ID,
    "US_PASSPORT_NUMBER": EntityType.PASSPORT,
    "US_SOCIAL_SECURITY_NUMBER": EntityType.US_SSN,
    "VEHICLE_IDENTIFICATION_NUMBER": EntityType.VEHICLE_ID,
}
OTHER_KIND = EntityType.PERSONAL_ID
"""What a pattern of the guardrail's owner finds, or a filter that AWS adds one day."""


class GuardrailDetector:
    """Implements :class:`functions.pipeline.ports.Detector`."""

    def __init__(
        self,
        client: "BedrockRuntimeClient",
        guardrail: str,
        version: str,
        count: Callable[[str, int], None],
    ) -> None:
        self._client = client
        self._guardrail = guardrail
        self._version = version
        self._count = count

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        return find_in_documents(texts, self._ask, MOST_BYTES)

    def _ask(self, document: str) -> list[Finding]:
        try:
            reply = self._client.apply_guardrail(
                guardrailIdentifier=self._guardrail,
                guardrailVersion=self._version,
                source="INPUT",
                content=[{"text": {"text": document}}],
                # What is recognised but neither blocked nor anonymised is told in full only.
                outputScope="FULL",
            )
        except (ClientError, BotoCoreError) as error:
            raise scan_error(error, "The guardrail") from None
        self._count("guardrail", reply["usage"]["sensitiveInformationPolicyUnits"])
        return [
            Finding(start, end, kind, 1.0)
            for kind, match in _recognised(reply["assessments"])
            for start, end in _places(match, document)
        ]


def _recognised(assessments: Sequence[Any]) -> Iterator[tuple[EntityType, str]]:
    """Kinds and the words that were recognised as such; a guardrail does not tell where."""
    for assessment in assessments:
        policy = assessment.get("sensitiveInformationPolicy", {})
        for found in [*policy.get("piiEntities", ()), *policy.get("regexes", ())]:
            if found.get("detected", True):
                yield KINDS.get(found.get("type"), OTHER_KIND), found.get("match", "")


def _places(match: str, document: str) -> Iterator[tuple[int, int]]:
    """Wherever the match stands as whole words, or else wherever it stands at all.

    Raises:
        ScanFailed: it stands nowhere, so what the guardrail found cannot be hidden.
    """
    anywhere = re.escape(match)
    for pattern in (rf"(?<!\w){anywhere}(?!\w)", anywhere):
        if match and (spans := [found.span() for found in re.finditer(pattern, document)]):
            yield from spans
            return
    msg = "The guardrail found personal data that is not in the text, so nothing was done."
    raise ScanFailed(msg)
