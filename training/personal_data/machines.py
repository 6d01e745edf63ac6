"""What machines write: ids, stamps, versions, names in code, lines of tables.

Nothing in here is personal data; the model must learn to pass it by.
"""

import random
import uuid

from training.personal_data.grammar import filled
from training.personal_data.numbers import digits
from training.personal_data.wordlists import common, words


def stamp(rng: random.Random) -> str:
    """A timestamp of a machine."""
    day = f"{rng.randint(2015, 2027)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    time = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    return rng.choice(
        (
            f"{day}T{time}Z",
            f"{day} {time}",
            f"{day} {time},{digits(rng, 3)}",
            f"{day}T{time}.{digits(rng, 6)}+00:00",
            digits(rng, 10),
        )
    )


def guid(rng: random.Random) -> str:
    """A GUID."""
    value = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return rng.choice((value, value, value, value, value.upper()))


def reference(rng: random.Random) -> str:
    """An order, invoice, ticket or part number."""
    return filled(rng, rng.choice(words("references")))


def hexadecimal(rng: random.Random) -> str:
    """A hash, commit or trace id."""
    return filled(rng, "f" * rng.choice((7, 8, 12, 16, 32, 40, 64)))


def version(rng: random.Random) -> str:
    """A version number."""
    parts = [str(rng.randint(0, 30)) for _ in range(rng.choice((2, 3, 3, 4)))]
    return (
        rng.choice(("", "v"))
        + ".".join(parts)
        + rng.choice(("", "", "-rc1", "-beta.2", "+build.7", "a1"))
    )


def amount(rng: random.Random) -> str:
    """An amount of money."""
    value = rng.choice(
        (
            f"{rng.randint(1, 999)}",
            f"{rng.randint(1, 99)},{digits(rng, 3)}.{digits(rng, 2)}",
            f"{rng.randint(1, 999)}.{digits(rng, 2)}",
        )
    )
    return rng.choice(
        (
            f"${value}",
            f"€{value}",
            f"£{value}",
            f"{value} EUR",
            f"{value} USD",
            f"CHF {value}",
            f"{value} euros",
            f"{value} dollars",
        )
    )


def number(rng: random.Random) -> str:
    """Some count or measure."""
    return rng.choice(
        (
            str(rng.randint(0, 12)),
            str(rng.randint(0, 999)),
            str(rng.randint(0, 99_999)),
            f"{rng.randint(1, 99)}.{digits(rng, 1)}",
            f"{rng.randint(1, 99)}%",
            f"{rng.randint(1, 999)}ms",
            f"{rng.randint(1, 64)} GB",
            f"{rng.randint(1, 9)}x",
        )
    )


def identifier(rng: random.Random) -> str:
    """A name in code: ``orderLine``, ``ORDER_LINE``, ``order-line.count``."""
    parts = [rng.choice(_CODE_WORDS) for _ in range(rng.choice((2, 2, 3)))]
    camel = parts[0] + "".join(map(str.title, parts[1:]))
    return rng.choice(
        (
            camel,
            camel[0].upper() + camel[1:],
            "_".join(parts),
            "_".join(parts).upper(),
            "-".join(parts),
            ".".join(parts),
            f"{parts[0]}.{camel}",
            f"{parts[0]}::{parts[1].title()}",
            f"{camel}()",
            f"/{parts[0]}/{parts[1]}.py",
            f"--{parts[0]}-{parts[1]}",
        )
    )


def record(rng: random.Random) -> str:
    """A line of a table as machines write it."""
    cells = (
        number,
        amount,
        reference,
        stamp,
        identifier,
        version,
        hexadecimal,
        guid,
        _cell,
        _cell,
        _cell,
        _cell,
    )
    sign = rng.choice((",", ",", ";", "|", "\t", ", ", "  ", " | "))
    return sign.join(rng.choice(cells)(rng) for _ in range(rng.randint(3, 8)))


def _cell(rng: random.Random) -> str:
    word = rng.choice(common(32_000))
    return rng.choice(
        (word, word.title(), f"{word.title()} {rng.choice(common(8_000))}", word.upper())
    )


_CODE_WORDS = (*words("jargon"), *common(3_000))


def integer(rng: random.Random) -> str:
    """A long count or key, with or without signs between its groups."""
    plain = digits(rng, rng.randint(5, 13)).lstrip("0") or "0"
    grouped = f"{int(plain):,}".replace(",", rng.choice((",", ".", " ", "'")))
    return rng.choice((plain, plain, plain, grouped))
