"""National identity numbers: which number identifies a person in which country, and is it one.

The algorithms are python-stdnum's. Many of these numbers hold the day of birth, which is then one
more thing that has to agree.
"""

from datetime import date
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from .contract import NationalId

# Where a country has several numbers, any of them will do: Spain's DNI is for citizens, its NIE for
# foreigners.
_NUMBERS = {
    "AR": "dni", "AT": "vnr", "BE": "nn bis", "BG": "egn pnf", "BR": "cpf", "CA": "sin",
    "CH": "ssn", "CL": "rut", "CN": "ric", "CZ": "rc", "DE": "idnr", "DK": "cpr", "DO": "cedula",
    "EC": "ci", "EE": "ik", "ES": "dni nie", "FI": "hetu", "FR": "nir nif", "GR": "amka",
    "HR": "oib", "ID": "nik", "IE": "pps", "IL": "idnr", "IN": "aadhaar", "IS": "kennitala",
    "IT": "codicefiscale", "KR": "rrn", "LT": "asmens", "LV": "pvn", "MX": "curp", "MY": "nric",
    "NL": "bsn", "NO": "fodselsnummer", "PE": "cui", "PK": "cnic", "PL": "pesel", "PT": "cc nif",
    "RO": "cnp", "SE": "personnummer", "SI": "emso", "SK": "rc", "TH": "pin", "TR": "tckimlik",
    "US": "ssn", "ZA": "idnr",
}  # fmt: skip


class Unknown(LookupError):
    """Nothing is known about this country's numbers."""


class Wrong(ValueError):
    """It is no number of this country."""


def birth_in(given: NationalId) -> date | None:
    """Check a number, and give the day of birth that it holds, if it holds one.

    Raises:
        Unknown: no rule is known for this country.
        Wrong: no rule of this country fits.
    """
    names = _NUMBERS.get(given.country, "").split()
    modules = [module for name in names if (module := get_cc_module(given.country, name))]
    if not modules:
        raise Unknown(given.country)
    for module in modules:
        if module.is_valid(given.number):
            return _birth(module, given.number)
    raise Wrong(given.country)


def _birth(module: Any, number: str) -> date | None:
    read = getattr(module, "get_birth_date", None)
    try:
        return read(number) if read else None
    except ValidationError:
        return None  # a valid number may hold no day, such as one given to a refugee
