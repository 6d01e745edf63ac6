"""Values with a form that belong to people, and dates and times, which do not."""

import random
import string

from training.personal_data.grammar import filled
from training.personal_data.wordlists import common, words

_MONTHS = words("calendar_words")[7:19]
_DAYS = words("calendar_words")[:7]


def digits(rng: random.Random, count: int) -> str:
    """``count`` random digits."""
    return "".join(rng.choices(string.digits, k=count))


def email(rng: random.Random) -> str:
    """An e-mail address."""
    name = rng.choice(words("surnames")).lower().replace("'", "")
    local = rng.choice((f"{rng.choice('abcdefgh')}.{name}", f"{name}{rng.randint(1, 99)}", name))
    return f"{local}@{rng.choice(words('mail_domains'))}"


def phone(rng: random.Random) -> str:
    """A telephone number."""
    return filled(rng, rng.choice(words("phones")))


def url(rng: random.Random) -> str:
    """A web address."""
    name = "".join(rng.choices(common(6_000), k=2))
    return rng.choice(
        (
            f"https://www.{name}.com/",
            f"http://{name}.org",
            f"https://{name}.de/",
            f"www.{name}.co.uk",
        )
    )


def card(rng: random.Random) -> str:
    """A payment card number with its Luhn digit."""
    payload = f"{rng.choice((4, 51, 53, 55))}{digits(rng, 14)}"[:15]
    total = sum(sum(divmod(int(sign) * (2 - place % 2), 10)) for place, sign in enumerate(payload))
    number = f"{payload}{-total % 10}"
    return rng.choice((number, " ".join(number[at : at + 4] for at in range(0, 16, 4))))


def ssn(rng: random.Random) -> str:
    """A US social security number."""
    return f"{rng.randint(100, 665)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"


def iban(rng: random.Random) -> str:
    """A British IBAN with its check digits."""
    account = filled(rng, "AAAA99999999999999")
    number = int("".join(str(int(sign, 36)) for sign in f"{account}GB00"))
    return f"GB{98 - number % 97:02d}{account}"


def date(rng: random.Random) -> str:
    """A date without its time."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1950, 2027)
    return rng.choice(
        (
            f"{year}-{month:02d}-{day:02d}",
            f"{day}/{month}/{year}",
            f"{month}/{day}/{year}",
            f"{day:02d}.{month:02d}.{year}",
            f"{day} {_MONTHS[month - 1]} {year}",
            f"{_MONTHS[month - 1]} {day}, {year}",
            f"{_MONTHS[month - 1]} {day}",
            f"{_MONTHS[month - 1][:3]} {day}",
            f"{_MONTHS[month - 1]} {year}",
            f"{rng.choice(_DAYS)}, {_MONTHS[month - 1]} {day}",
        )
    )


def weekday(rng: random.Random) -> str:
    """A day of the week."""
    return rng.choice(_DAYS)


def month(rng: random.Random) -> str:
    """A month."""
    return rng.choice(_MONTHS)


def clock(rng: random.Random) -> str:
    """A time of the day."""
    hour, minute = rng.randint(0, 23), rng.randint(0, 59)
    return rng.choice(
        (
            f"{hour:02d}:{minute:02d}",
            f"{hour % 12 + 1}:{minute:02d} pm",
            f"{hour % 12 + 1} am",
            f"{hour:02d}:{minute:02d}:{digits(rng, 2)}",
        )
    )


def ip(rng: random.Random) -> str:
    """An IPv4 address."""
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))
