"""Payment cards, bank accounts with an IBAN, and wallets."""

import re
from collections.abc import Iterator
from functools import cache

from functions.domain.personal_data.context import said_before
from functions.domain.personal_data.entities import EntityType, Finding

# ISO 13616 lengths of the countries that issue IBANs.
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    33: "RU",
}
_IBAN_LENGTHS = {
    code: length for length, codes in _IBAN_COUNTRIES.items() for code in codes.split()
}
_CARD_WORDS = re.compile(
    r"(?i)\b(?:cards?|cc|visa|master ?card|amex|american express|maestro|discover|diners|jcb|"
    r"credit|debit|pan|payment|charge[ds]?)\b|card"
)
_OTHER_WORDS = re.compile(
    r"(?i)\b(?:orders?|invoices?|tracking|parcel|shipments?|ref(?:erence)?|id|ids|sku|serial|"
    r"tickets?|batch|jobs?|request|trace|span|txn|transactions?|case|build|isbn|ean|upc|gtin|sn|"
    r"imei|iccid|epoch|timestamp|ts|account)\b"
)
_IBAN_WORDS = re.compile(r"(?i)\biban\b")
_CARD_GROUPS = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (4, 4, 5), (6, 13), (8, 8)}
)
_CARD_ISSUER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}$|5[1-5]\d{14}$|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$|"
    r"3[47]\d{13}$|3(?:0[0-5]|[689]\d)\d{11,16}$|6(?:011|4[4-9]\d|5\d\d)\d{12,15}$|62\d{14,17}$|"
    r"35\d{14}$|(?:2131|1800)\d{11}$|(?:5[0678]|6[0-9])\d{10,17}$"
)


@cache
def _card() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.+-])(?<!\d )\d(?:[ -]?\d){11,18}(?![\w]|[.,-]\d)")


@cache
def _iban() -> re.Pattern[str]:
    return re.compile(r"(?<![\w])([A-Za-z]{2})[ -]?\d{2}(?=[ -]?\w)")


@cache
def _misspelt_iban() -> re.Pattern[str]:
    return re.compile(r"(?i)[A-Z]{2}[ -]?\d{2}(?:[ -]?(?=\w{0,3}\d)[A-Z0-9]{1,32}){1,9}(?!\w)")


@cache
def _wallet() -> re.Pattern[str]:
    return re.compile(
        r"(?<!\w)(?:bc1[ac-hj-np-z02-9]{25,62}|0x[0-9a-fA-F]{40}|"
        r"(?=[13LM]\w{0,34}\d)[13LM][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)"
    )


def cards(text: str) -> Iterator[Finding]:
    """Card numbers: issuer prefix and Luhn digit; one without Luhn only when called a card."""
    for match in _card().finditer(text):
        score = _card_score(text, match)
        if score:
            yield Finding(*match.span(), EntityType.CREDIT_CARD, score)


def ibans(text: str) -> Iterator[Finding]:
    """IBANs: country, length and remainder; one that fails only when called an IBAN."""
    for match in _iban().finditer(text):
        end = _iban_end(text, match.start())
        if end and _remainder_is_one(text[match.start() : end]):
            yield Finding(match.start(), end, EntityType.IBAN_CODE, 1.0)
        elif said_before(text, match.start(), _IBAN_WORDS) >= 0:
            likely = _misspelt_iban().match(text, match.start())
            if likely:
                yield Finding(*likely.span(), EntityType.IBAN_CODE, 0.6)


def wallets(text: str) -> Iterator[Finding]:
    """Bitcoin, Litecoin and Ethereum addresses."""
    for match in _wallet().finditer(text):
        if match[0].startswith(("bc1", "0x")) or _is_base58check(match[0]):
            yield Finding(*match.span(), EntityType.CRYPTO_WALLET, 0.9)


def _card_score(text: str, match: re.Match[str]) -> float:
    groups = tuple(map(len, re.split("[ -]", match[0])))
    digits = re.sub("[ -]", "", match[0])
    if (len(groups) > 1 and groups not in _CARD_GROUPS) or not _CARD_ISSUER.match(digits):
        return 0.0
    said_card = said_before(text, match.start(), _CARD_WORDS, 60)
    if said_card < said_before(text, match.start(), _OTHER_WORDS, 24):
        return 0.0
    from stdnum import luhn

    if luhn.is_valid(digits):
        return 1.0 if said_card >= 0 or len(groups) > 1 else 0.8
    return 0.6 if said_card >= 0 else 0.0


def _iban_end(text: str, start: int) -> int | None:
    wanted = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    place = start
    while wanted:
        if place >= len(text) or not text[place].isalnum():
            return None
        place, wanted = place + 1, wanted - 1
        # One blank or dash may stand between two characters of the number.
        if wanted and place < len(text) and text[place] in " -":
            place += 1
    return None if wanted is None or text[place : place + 1].isalnum() else place


def _remainder_is_one(iban: str) -> bool:
    compact = re.sub("[ -]", "", iban).upper()
    if not compact.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _is_base58check(address: str) -> bool:
    from hashlib import sha256

    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for char in address:
        number = number * 58 + alphabet.index(char)
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25, "big")
    return sha256(sha256(raw[:21]).digest()).digest()[:4] == raw[21:]
