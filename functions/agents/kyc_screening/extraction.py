"""What the model is asked for: words of the texts, copied and not interpreted.

Every meaning (which day, which country, which verdict) is made of these words by code. So a reply
that invents, or obeys an instruction in a document, can only name words that do not stand there.
"""

import json
import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from functions.agents import prompt, sample
from functions.domain.prompt import Prompt, fence

from . import mrz
from .contract import Screening, ScreeningRequest

NAME = Path(__file__).parent.name
# A data page has 600 characters. What stands after these is missing, and a person looks.
MOST_OF_APPLICANT = 800
MOST_OF_DOCUMENT = 1600
EXAMPLES = ("20_norwegian_passport_without_mrz", "21_belgian_identity_card")


def _missing_beyond(characters: int) -> BeforeValidator:
    """What is longer than its field is no such quote, and as good as missing.

    The model is held to the bound, but where personal data was hidden from it, its words grow when
    the data is put back. That is no reason to ask it again.
    """
    return BeforeValidator(
        lambda said: "" if isinstance(said, str) and len(said) > characters else said
    )


ShortQuote = Annotated[str, Field(max_length=30), _missing_beyond(30)]
NameQuote = Annotated[str, Field(max_length=60), _missing_beyond(60)]
AddressQuote = Annotated[str, Field(max_length=90), _missing_beyond(90)]


class Extraction(BaseModel):
    """Verbatim words; an empty string where a text has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stated_name: NameQuote
    address: AddressQuote
    surname: NameQuote
    given_names: NameQuote
    nationality: ShortQuote
    date_of_birth: ShortQuote
    document_number: ShortQuote
    expires_on: ShortQuote


def ask_for(request: ScreeningRequest) -> Prompt:
    """The prompt for one applicant, with the examples that this agent ships."""
    examples = (sample(NAME, name) for name in EXAMPLES)
    return Prompt(
        system=prompt(NAME),
        question=_question(request),
        examples=tuple(
            (
                _question(ScreeningRequest.model_validate(example["request"])),
                _calm(_json(said_for(Screening.model_validate(example["reply"])))),
            )
            for example in examples
        ),
    )


def said_for(reply: Screening) -> Extraction:
    """The words that a model must have copied for code to come to this reply."""
    said = dict.fromkeys(Extraction.model_fields, "")
    said |= {dropped.field: dropped.quote for dropped in reply.dropped}
    for name, found in reply.identity:
        words = [quote.text for quote in found.evidence if quote.source != "mrz"] if found else []
        fields = ("surname", "given_names") if name == "full_name" else (name,)
        said |= {field: text for field, text in zip(fields, words, strict=False) if field in said}
    return Extraction.model_validate(said)


def _json(said: Extraction) -> str:
    return json.dumps(said.model_dump(), ensure_ascii=False)


def _question(request: ScreeningRequest) -> str:
    # The machine-readable zone is read by code; to a model it is a hundred tokens of noise.
    people, _ = mrz.split(request.document)
    applicant, document = request.applicant[:MOST_OF_APPLICANT], people[:MOST_OF_DOCUMENT]
    return f"{fence('applicant', _calm(applicant))}\n{fence('document', _calm(document))}"


def _calm(text: str) -> str:
    """CAPITALS as Capitals: they cost a model twice the tokens, and small ones garble them.

    Nothing is lost, since a quote is found whatever its case.
    """
    return re.sub(r"\b[^\W\d_]{4,}\b", _capitalised, text)


def _capitalised(word: re.Match[str]) -> str:
    return word.group().capitalize() if word.group().isupper() else word.group()
