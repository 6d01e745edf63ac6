"""What the slots of a template stand for: ``{person}`` a name, ``{reference}`` an order number."""

import random
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from training.personal_data import machines, numbers
from training.personal_data.grammar import address, expand
from training.personal_data.wordlists import common, invented, parts_of_speech, words

Make = Callable[[random.Random], str]


class Filler(NamedTuple):
    """How a slot is filled, and what the value is labelled; "" is no personal data."""

    make: Make
    entity_type: str = ""


def _one_of(*entries: str) -> Make:
    return lambda rng: rng.choice(entries)


def _grammar(symbol: str) -> Make:
    return partial(expand, symbol)


def _capitalised(rng: random.Random) -> str:
    plain = parts_of_speech(rng.choice(("nouns", "verbs", "adjectives")))
    return rng.choice(rng.choice((plain, plain, plain, common(32_000), common(32_000)))).title()


def _title_phrase(rng: random.Random) -> str:
    first, *others = (_capitalised(rng) for _ in range(rng.choice((2, 2, 3, 4))))
    link = rng.choice(("", "", "of ", "and ", "the ", "for ", "in ", "a "))
    return f"{first} {link}{' '.join(others)}"


def _job(rng: random.Random) -> str:
    job = rng.choice(words("jobs"))
    return rng.choice((job, job, job.capitalize(), job.title()))


def _brand(rng: random.Random) -> str:
    """A product or tool: known, or a word, a compound, an invention."""
    stem, other = rng.choice(common(32_000)), rng.choice(words("jargon"))
    known = rng.choice(words("products"))
    compounds = (
        stem.title() + other.title(),
        other.title() + stem,
        f"{other.title()} {stem.title()}",
        f"{stem}-{other}",
        f"{stem[0].upper()}{other.title()}",
    )
    plain = (known, known, stem.title(), other.upper(), invented(rng, "common_words").title())
    return rng.choice((*plain, *compounds))


def _dotted(rng: random.Random) -> str:
    packages = ".".join(rng.choice(parts_of_speech("nouns")) for _ in range(3))
    return f"{packages}.{_capitalised(rng)}"


def _abbreviation(rng: random.Random) -> str:
    return "".join(rng.choices("ABCDEFGHIKLMNOPQRSTUVWXZ", k=rng.choice((2, 3, 3, 4, 4, 5))))


FILLERS: dict[str, Filler] = {
    "person": Filler(_grammar("person"), "PERSON"),
    "mention": Filler(_grammar("mention"), "PERSON"),
    "given": Filler(_grammar("given"), "PERSON"),
    "surname": Filler(_grammar("surname"), "PERSON"),
    "honorific": Filler(_grammar("honorific"), "TITLE"),
    "organisation": Filler(_grammar("organisation"), "ORGANIZATION"),
    "city": Filler(_grammar("city"), "LOCATION"),
    "country": Filler(_grammar("country"), "LOCATION"),
    "region": Filler(_grammar("region"), "LOCATION"),
    "place": Filler(_grammar("place"), "LOCATION"),
    "address": Filler(address, "ADDRESS"),
    "street": Filler(_grammar("street"), "ADDRESS"),
    "street_line": Filler(_grammar("street_line"), "ADDRESS"),
    "postcode": Filler(_grammar("postcode"), "ADDRESS"),
    "nrp": Filler(_one_of(*words("demonyms")), "NRP"),
    "phone": Filler(numbers.phone, "PHONE_NUMBER"),
    # The recognisers find these, so the model never labels them.
    "email": Filler(numbers.email),
    "url": Filler(numbers.url),
    "card": Filler(numbers.card),
    "ssn": Filler(numbers.ssn),
    "iban": Filler(numbers.iban),
    "ip": Filler(numbers.ip),
    # No personal data from here on.
    "date": Filler(numbers.date),
    "weekday": Filler(numbers.weekday),
    "month": Filler(numbers.month),
    "clock": Filler(numbers.clock),
    "amount": Filler(machines.amount),
    "number": Filler(machines.number),
    "integer": Filler(machines.integer),
    "stamp": Filler(machines.stamp),
    "guid": Filler(machines.guid),
    "reference": Filler(machines.reference),
    "hexadecimal": Filler(machines.hexadecimal),
    "version": Filler(machines.version),
    "identifier": Filler(machines.identifier),
    "record": Filler(machines.record),
    "dotted": Filler(_dotted),
    "brand": Filler(_brand),
    "abbreviation": Filler(_abbreviation),
    "letter": Filler(_one_of(*"abcdefgijklmnpqrstuvwxyzABCDEFGLMNPRSTX")),
    "job": Filler(_job),
    "product": Filler(_one_of(*words("products"))),
    "tech": Filler(_one_of(*words("jargon"))),
    "jargon": Filler(lambda rng: invented(rng, "common_words")),
    "noun": Filler(_one_of(*parts_of_speech("nouns"))),
    "verb": Filler(_one_of(*parts_of_speech("verbs"))),
    "adj": Filler(_one_of(*parts_of_speech("adjectives"))),
    "word": Filler(_one_of(*common(32_000))),
    "Word": Filler(_capitalised),
    "title_phrase": Filler(_title_phrase),
}
