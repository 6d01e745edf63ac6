"""Personal data as Amazon Comprehend finds it, besides our own detector."""

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import scan_error
from functions.domain.personal_data.documents import find_in_documents
from functions.domain.personal_data.entities import EntityType, Finding

MOST_BYTES = 100_000
UNIT_CHARACTERS, LEAST_UNITS = 100, 3
"""What Comprehend charges for: a call is three units at least."""

NOT_PERSONAL = frozenset({"DATE_TIME"})
"""A date is personal to us when it is said to be a birth."""

KINDS = {
    "ADDRESS": EntityType.ADDRESS,
    "AGE": EntityType.AGE,
    "AWS_ACCESS_KEY": EntityType.SECRET,
    "AWS_SECRET_KEY": EntityType.SECRET,
    "BANK_ACCOUNT_NUMBER": EntityType.BANK_ACCOUNT,
    "BANK_ROUTING": EntityType.BANK_ACCOUNT,
    "CA_HEALTH_NUMBER": EntityType.HEALTH_ID,
    "CA_SOCIAL_INSURANCE_NUMBER": EntityType.NATIONAL_ID,
    "CREDIT_DEBIT_CVV": EntityType.CREDIT_CARD,
    "CREDIT_DEBIT_EXPIRY": EntityType.CREDIT_CARD,
    "CREDIT_DEBIT_NUMBER": EntityType.CREDIT_CARD,
    "DRIVER_ID": EntityType.DRIVING_LICENCE,
    "EMAIL": EntityType.EMAIL_ADDRESS,
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": EntityType.IBAN_CODE,
    "IN_AADHAAR": EntityType.NATIONAL_ID,
    "IN_NREGA": EntityType.PERSONAL_ID,
    "IN_PERMANENT_ACCOUNT_NUMBER": EntityType.TAX_ID,
    "IN_VOTER_NUMBER": EntityType.PERSONAL_ID,
    "IP_ADDRESS": EntityType.IP_ADDRESS,
    "LICENSE_PLATE": EntityType.VEHICLE_ID,
    "MAC_ADDRESS": EntityType.MAC_ADDRESS,
    "NAME": EntityType.PERSON,
    "PASSPORT_NUMBER": EntityType.PASSPORT,
    "PASSWORD": EntityType.SECRET,
    "PHONE": EntityType.PHONE_NUMBER,
    "PIN": EntityType.SECRET,
    "SSN": EntityType.US_SSN,
    "SWIFT_CODE": EntityType.BANK_ACCOUNT,
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": EntityType.HEALTH_ID,
    "UK_NATIONAL_INSURANCE_NUMBER": EntityType.NATIONAL_ID,
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": EntityType.TAX_ID,
    "URL": EntityType.URL,
    "USERNAME": EntityType.USERNAME,
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": EntityType.TAX_ID,
    "VEHICLE_IDENTIFICATION_NUMBER": EntityType.VEHICLE_ID,
}
NEW_KIND = EntityType.PERSONAL_ID
"""What AWS may come to find one day is personal too."""


class ComprehendDetector:
    """Implements :class:`functions.pipeline.ports.Detector`."""

    def __init__(
        self,
        client: Any,
        language: str,
        least_score: float,
        count: Callable[[str, int], None],
    ) -> None:
        self._client = client
        self._language = language
        self._least_score = least_score
        self._count = count

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        return find_in_documents(texts, self._ask, MOST_BYTES)

    def _ask(self, document: str) -> list[Finding]:
        try:
            reply = self._client.detect_pii_entities(Text=document, LanguageCode=self._language)
        except (ClientError, BotoCoreError) as error:
            raise scan_error(error, "Amazon Comprehend") from None
        self._count("comprehend", max(LEAST_UNITS, -(-len(document) // UNIT_CHARACTERS)))
        # Offsets count code points, as Python does.
        return [
            Finding(
                entity["BeginOffset"],
                entity["EndOffset"],
                KINDS.get(entity["Type"], NEW_KIND),
                entity["Score"],
            )
            for entity in reply["Entities"]
            if entity["Type"] not in NOT_PERSONAL and entity["Score"] >= self._least_score
        ]
