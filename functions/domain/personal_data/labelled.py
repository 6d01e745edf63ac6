"""Values that are personal because of the label before them: "passport no. X1234567".

Nine digits can be anything; nine digits after "social security number" cannot. A label is looked
for only where a text holds one of its stems, and a value only behind a label.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.lexicon import classes_of


class Label(NamedTuple):
    """Words that announce a value, how that value is written, and how many digits it must have.

    ``stems`` are parts of the words, in lower case or as they must be written; a text without any of
    them is passed over.
    """

    entity_type: EntityType
    stems: str
    words: str
    value: str
    fewest_digits: int = 4


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
        r"social security|(?<!\w)ssn|soc\.? sec",
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
        "driv dl_ DL hrerschein permis_ patente rijbewijs operator",
        r"driv(?:er|ing|ers)(?:'?s'?)?[ _-]?(?:licen[cs]e|permit|lic)|"
        r"(?<!\w)DLN?(?= ?(?:no|num|#|:))|f[üu]hrerschein\w*|permis de conduire|"
        r"patente di guida|rijbewijs\w*|operator'?s licen[cs]e",
        _CODE,
    ),
    Label(
        EntityType.HEALTH_ID,
        "nhs medic mrn patient health insurance beneficiary member",
        r"(?<!\w)nhs|medical record|(?<!\w)mrn|patient(?:'s)? (?:id|number|no|record)|medicare|"
        r"medicaid|health (?:insurance|plan|card|id|care)|insurance (?:member|policy|id)|"
        r"beneficiary|member(?:ship)? (?:id|number|no)",
        _CODE,
    ),
    Label(
        EntityType.TAX_ID,
        "tax steuer itin utr TIN NIF TFN",
        r"tax(?:payer)?(?:'?s)?[ _-](?:id|identification|identifier|reference|file|number|no)|"
        r"steuer-?(?:id|nummer|identifikationsnummer|nr)|(?<!\w)(?:itin|utr)(?!\w)|"
        r"(?-i:\b(?:TIN|NIF|TFN)\b)",
        _CODE,
    ),
    Label(
        EntityType.NATIONAL_ID,
        "national identi nino aadha personn pesel codice tunnus burger ausweis social personal "
        "citizen resident id_ ID_ id-c SIN NRIC FIN NIE DNI CPR RUT NIR BSN CPF CURP HETU AHV PPS "
        "SVNR CNP JMBG OIB",
        r"national[ _-](?:id|identity|identification|insurance)|id[ _-]?cards?|"
        r"identity (?:card|document|number)|identification (?:number|no|card|code)|"
        r"(?<!\w)nino(?!\w)|aadhaa?r|personnummer|pesel|codice fiscale|henkil[öo]tunnus|"
        r"burgerservicenummer|personalausweis\w*|social insurance|"
        r"personal (?:id|identity|identification|code|number)|"
        r"citizen(?:ship)? (?:id|number|card|certificate)|"
        r"resident(?:'?s)? (?:id|permit|registration|card)|(?<!\w)id (?:number|no\b)|"
        r"(?-i:\b(?:SIN|NRIC|FIN|NIE|DNI|CPR|RUT|NIR|BSN|CPF|CURP|HETU|AHV|PPSN?|SVNR|CNP|"
        r"JMBG|OIB)\b)",
        _CODE,
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
        r"routing(?: transit)?(?: number| no)?|(?<!\w)aba(?!\w)|kontonummer",
        _CODE,
        6,
    ),
    Label(
        EntityType.BANK_ACCOUNT,
        "bic swift",
        r"(?<!\w)(?:bic|swift)(?!\w)",
        r"(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b",
        0,
    ),
    Label(
        EntityType.VEHICLE_ID,
        "plate vehicle vin vrm vrn kennzeichen",
        r"(?:licen[cs]e|number|registration|vehicle|car) plates?|plate (?:number|no)|"
        r"vehicle reg(?:istration)?|vehicle id(?:entification|entifier)?|"
        r"(?<!\w)(?:vrm|vrn)(?!\w)|kennzeichen",
        _PLATE,
        1,
    ),
    Label(EntityType.VEHICLE_ID, "vin_ VIN vin:", r"(?<!\w)vin(?!\w)", r"[A-HJ-NPR-Z0-9]{16,17}"),
    Label(
        EntityType.DEVICE_ID,
        "imei device",
        r"(?<!\w)imei(?!\w)|device identifier",
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
        r"(?<!\w)gps|coordinates?|geo ?location|latitude|(?<!\w)lat(?!\w)",
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
def _pattern(place: int) -> re.Pattern[str]:
    label = LABELS[place]
    return re.compile(
        rf"(?i)(?<![a-z])(?:{label.words}){_FILLER}(?<![\w.])(?P<value>{label.value})(?!\w)"
    )


def labelled_values(text: str) -> Iterator[Finding]:
    """Identifiers, account numbers, user names and the like that stand behind their label."""
    both_cases = f"{text}\n{text.lower()}".replace(" ", "_")
    for place, label in enumerate(LABELS):
        if any(stem in both_cases for stem in label.stems.split()):
            for match in _pattern(place).finditer(text):
                if _is_plausible(label, match["value"]):
                    yield Finding(*match.span("value"), label.entity_type, 0.85)


def _is_plausible(label: Label, value: str) -> bool:
    if label.entity_type is EntityType.USERNAME:
        return not _COMMON & set(classes_of(value))
    return sum(map(str.isdigit, value)) >= label.fewest_digits
