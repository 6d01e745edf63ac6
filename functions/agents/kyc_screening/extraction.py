"""What the model is asked for: words of the texts, copied and not interpreted.

Every meaning (which day, which country, which verdict) is made of these words by code. So a reply
that invents, or obeys an instruction in a document, can only name words that do not stand there.
"""

import json
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from functions.agents import prompt, sample
from functions.domain.prompt import Prompt, fence

from . import mrz
from .contract import Screening, ScreeningRequest

NAME = Path(__file__).parent.name
EXAMPLES = ("20_norwegian_passport_without_mrz", "21_belgian_identity_card")


class Extraction(BaseModel):
    """Verbatim words; an empty string where a text has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stated_name: str = Field(max_length=60)
    address: str = Field(max_length=90)
    surname: str = Field(max_length=50)
    given_names: str = Field(max_length=50)
    nationality: str = Field(max_length=40)
    date_of_birth: str = Field(max_length=30)
    document_number: str = Field(max_length=24)
    expires_on: str = Field(max_length=30)


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
    return f"{fence('applicant', _calm(request.applicant))}\n{fence('document', _calm(people))}"


def _calm(text: str) -> str:
    """CAPITALS as Capitals: they cost a model twice the tokens, and small ones garble them.

    Nothing is lost, since a quote is found whatever its case.
    """
    return re.sub(r"\b[^\W\d_]{4,}\b", _capitalised, text)


def _capitalised(word: re.Match[str]) -> str:
    return word.group().capitalize() if word.group().isupper() else word.group()
