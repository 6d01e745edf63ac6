"""What can be found, and the form in which a finding is reported."""

from enum import StrEnum
from typing import NamedTuple


class EntityType(StrEnum):
    """A kind of personal data; the value is its name in policies, placeholders and reports."""

    # Found by the sequence model.
    PERSON = "PERSON"
    TITLE = "TITLE"
    LOCATION = "LOCATION"
    ADDRESS = "ADDRESS"
    ORGANIZATION = "ORGANIZATION"
    NRP = "NRP"
    # Found by their form, and a checksum where there is one.
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    PHONE_NUMBER = "PHONE_NUMBER"
    URL = "URL"
    DOMAIN_NAME = "DOMAIN_NAME"
    IP_ADDRESS = "IP_ADDRESS"
    MAC_ADDRESS = "MAC_ADDRESS"
    CREDIT_CARD = "CREDIT_CARD"
    IBAN_CODE = "IBAN_CODE"
    CRYPTO_WALLET = "CRYPTO_WALLET"
    US_SSN = "US_SSN"
    NATIONAL_ID = "NATIONAL_ID"
    TAX_ID = "TAX_ID"
    PASSPORT = "PASSPORT"
    SECRET = "SECRET"  # noqa: S105 - the name of a kind, not a password
    # Found by the words in front of them.
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    AGE = "AGE"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    HEALTH_ID = "HEALTH_ID"
    PERSONAL_ID = "PERSONAL_ID"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    VEHICLE_ID = "VEHICLE_ID"
    DEVICE_ID = "DEVICE_ID"
    USERNAME = "USERNAME"
    COORDINATES = "COORDINATES"


class Finding(NamedTuple):
    """Characters ``start`` to ``end`` of a text are personal data, with a confidence of 0 to 1."""

    start: int
    end: int
    entity_type: EntityType
    score: float
