"""Values that are personal because of the label before them: "passport no. X1234567".

Nine digits can be anything; nine digits after "social security number" cannot. A label is looked
for only where a text holds one of its stems, and a value only behind a label.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from functions.domain.personal_data.context import lower_case
from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.lexicon import classes_of


class Label(NamedTuple):
    """Words that announce a value, how that value is written, and how many digits it must have.

    ``stems`` are parts of the words, in lower case or as they must be written; a text without any
    of them is passed over.
    """

    entity_type: EntityType
    stems: str
    words: str
    value: str
    fewest_digits: int = 5  # a year is no number of anybody


_CODE = (
    r"(?=[A-Za-z./ -]{0,8}\d)[A-Za-z0-9]{1,20}"
    r"(?:[-./ ](?=[A-Za-z]{0,2}\d)[A-Za-z0-9]{1,20}){0,5}"
)
_ONE_WORD = r"(?=[A-Za-z]{0,8}-?\d)[A-Za-z0-9]{1,24}(?:-[A-Za-z0-9]{1,12}){0,4}"
_PLATE = (
    r"(?=[A-Za-z -]{0,8}\d)[A-Za-z0-9]{1,8}"
    r"(?:[ -](?=[A-Z0-9 -]{0,6}\d|(?-i:[A-Z]{2,3})\b)[A-Za-z0-9]{1,5}){0,3}"
)
_DEGREES = r"[-+]?\d{1,3}\.\d{2,12}°? ?[NSEWnsew]?"
_HANDLE = r"@?[A-Za-z][\w.-]{2,40}"

LABELS = (
    Label(
        EntityType.US_SSN,
        "social ssn soc._ soc_",
        r"social security|ssn|soc\.? sec",
        r"\d(?:[ .-]?\d){7,11}",
        8,
    ),
    Label(
        EntityType.PASSPORT,
        "passport reisepass passeport pasaporte passaporto",
        r"passports?|reisepass\w*|passeport|pasaporte|passaporto",
        _ONE_WORD,
    ),
    Label(
        EntityType.DRIVING_LICENCE,
        "driv dl_ hrerschein permis_ patente rijbewijs operator",
        r"driv(?:er|ing|ers)(?:'?s'?)?[ _-]?(?:licen[cs]e|permit|lic)|"
        r"dln?(?= ?(?:no|num|#|:))|f[üu]hrerschein\w*|permis de conduire|"
        r"patente di guida|rijbewijs\w*|operator'?s licen[cs]e",
        _CODE,
        4,
    ),
    Label(
        EntityType.HEALTH_ID,
        "nhs medic mrn patient health insurance beneficiary member",
        r"nhs|medical record|mrn|patient(?:'s)? (?:id|number|no|record)|medicare|"
        r"medicaid|health (?:insurance|plan|card|id|care)|insurance (?:member|policy|id)|"
        r"beneficiary|member(?:ship)? (?:id|number|no)",
        _CODE,
    ),
    Label(
        EntityType.TAX_ID,
        "tax steuer itin utr",
        r"tax(?:payer)?(?:'?s)?[ _-](?:id|identification|identifier|reference|file|number|no)|"
        r"steuer-?(?:id|nummer|identifikationsnummer|nr)|itin(?!\w)|utr(?!\w)",
        _CODE,
    ),
    Label(EntityType.TAX_ID, "TIN NIF TFN", r"(?:TIN|NIF|TFN)(?!\w)", _CODE, 7),
    Label(
        EntityType.NATIONAL_ID,
        "national identi aadha personn pesel codice tunnus burger ausweis social personal "
        "citizen resident id_c id-c id_n",
        r"national[ _-](?:id|identity|identification|insurance)|id[ _-]?cards?|"
        r"identity (?:card|document|number)|identification (?:number|no|card|code)|"
        r"aadhaa?r|personnummer|pesel|codice fiscale|henkil[öo]tunnus|"
        r"burgerservicenummer|personalausweis\w*|social insurance|"
        r"personal (?:id|identity|identification|code|number)|"
        r"citizen(?:ship)? (?:id|number|card|certificate)|"
        r"resident(?:'?s)? (?:id|permit|registration|card)|id (?:number|no\b)",
        _CODE,
    ),
    Label(
        EntityType.NATIONAL_ID,
        "SIN NRIC FIN NIE DNI CPR RUT NIR BSN CPF CURP HETU AHV PPS SVNR CNP JMBG OIB",
        r"(?:SIN|NRIC|FIN|NIE|DNI|CPR|RUT|NIR|BSN|CPF|CURP|HETU|AHV|PPSN?|SVNR|CNP|JMBG|OIB)(?!\w)",
        _CODE,
        7,
    ),
    Label(
        EntityType.PERSONAL_ID,
        "employee staff student personnel payroll voter military badge alien",
        r"(?:employee|staff|student|personnel|payroll|voter|military)[ _-](?:id|number|no|nr)|"
        r"badge (?:id|number|no)|alien (?:number|registration)",
        _ONE_WORD,
        3,
    ),
    Label(
        EntityType.BANK_ACCOUNT,
        "account acct a/c sort_ routing aba konto",
        r"(?:bank|checking|savings|current|giro) (?:account|acct)|"
        r"(?:account|acct|a/c)[ _-](?:number|num|no|nr|#)|sort code|"
        r"routing(?: transit)?(?: number| no)?|aba(?!\w)|kontonummer",
        _CODE,
        6,
    ),
    Label(
        EntityType.BANK_ACCOUNT,
        "bic swift",
        r"(?:bic|swift)(?!\w)",
        r"(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b",
        0,
    ),
    Label(
        EntityType.VEHICLE_ID,
        "plate vehicle vin vrm vrn kennzeichen",
        r"(?:licen[cs]e|number|registration|vehicle|car) plates?|plate (?:number|no)|"
        r"vehicle reg(?:istration)?|vehicle id(?:entification|entifier)?|"
        r"(?:vrm|vrn)(?!\w)|kennzeichen",
        _PLATE,
        1,
    ),
    Label(EntityType.VEHICLE_ID, "vin_ vin:", r"vin(?!\w)", r"[A-HJ-NPR-Z0-9]{16,17}"),
    Label(
        EntityType.SECRET,
        "pin cvv cvc",
        r"(?:pin|cvv|cvc)2?(?: code| number| no\.?)?(?:\s?[:=]|\s+is\b)",
        r"\d{3,8}",
        3,
    ),
    Label(
        EntityType.DEVICE_ID,
        "imei device",
        r"imei(?!\w)|device identifier",
        r"\d{2}-?\d{6}-?\d{6}-?\d|" + _ONE_WORD,
        6,
    ),
    Label(
        EntityType.USERNAME,
        "user login screen",
        r"user[ _-]?names?|login name|screen name|user handle",
        _HANDLE,
        0,
    ),
    Label(
        EntityType.CRYPTO_WALLET,
        "bitcoin btc litecoin ltc ethereum eth crypto wallet",
        r"(?:bitcoin|btc|litecoin|ltc|ethereum|eth|crypto|wallet)(?: wallet)? "
        r"(?:address|wallet|id)",
        r"[13LMbl][a-zA-HJ-NP-Z0-9]{25,62}|0x[0-9a-fA-F]{38,42}",
    ),
    Label(
        EntityType.COORDINATES,
        "gps coordinate location latitude lat_ lat:",
        r"gps|coordinates?|geo ?location|latitude|lat(?!\w)",
        rf"[\[(]?{_DEGREES},? ?{_DEGREES}[\])]?",
    ),
)

# Between a label and its value stand signs and words that carry no meaning of their own.
_FILLER = (
    r"[\s:#=.,'\"(*|>-]{0,6}(?:(?:numbers?|num|no|nr|id|ids|code|card|plate|account|address|name|"
    r"key|is|was|are|the|my|his|her|their|your|our|it|it's|as|of|for|with|under|and|to|be|new|old|"
    r"ending|listed|issued|vin|dl|mrn|ssn|beneficiary|plan|policy|member|identification|position|"
    r"registration|security|insurance|record)\b[\s:#=.,'\"(*|>-]{1,6}){0,6}"
)
# "User name missing" names nobody: a common word is no handle.
_COMMON = frozenset("12345kjo")


@cache
def _words(place: int) -> re.Pattern[str]:
    # Without flags and lookbehind: `re` then skips to the next possible first letter.
    return re.compile(LABELS[place].words)


@cache
def _value(place: int) -> re.Pattern[str]:
    return re.compile(rf"(?i){_FILLER}(?<![\w.])(?P<value>{LABELS[place].value})(?!\w)")


@cache
def _bracketed() -> re.Pattern[str]:
    return re.compile(r"[\[(]-?\d{1,2}\.\d{3,12}, ?-?\d{1,3}\.\d{3,12}[\])]")


def coordinates(text: str) -> Iterator[Finding]:
    """A latitude and a longitude in brackets; others need a label."""
    for match in _bracketed().finditer(text):
        yield Finding(*match.span(), EntityType.COORDINATES, 0.8)


def labelled_values(text: str) -> Iterator[Finding]:
    """Identifiers, account numbers, user names and the like that stand behind their label."""
    lower = lower_case(text)
    stems_in = f"{text}\n{lower}".replace(" ", "_")
    for place, label in enumerate(LABELS):
        if any(stem in stems_in for stem in label.stems.split()):
            yield from _values_of(place, text, lower if label.words.islower() else text)


def _values_of(place: int, text: str, searched: str) -> Iterator[Finding]:
    label = LABELS[place]
    for words in _words(place).finditer(searched):
        value = _value(place).match(text, words.end())
        if value and _starts_a_word(text, words.start()) and _is_plausible(label, value["value"]):
            yield Finding(*value.span("value"), label.entity_type, 0.85)


def _starts_a_word(text: str, start: int) -> bool:
    return not text[start - 1 : start].isalpha()


def _is_plausible(label: Label, value: str) -> bool:
    if label.entity_type is EntityType.USERNAME:
        return not _COMMON & set(classes_of(value))
    return sum(map(str.isdigit, value)) >= label.fewest_digits
