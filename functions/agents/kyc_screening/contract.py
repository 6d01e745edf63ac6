"""What a KYC screening takes and gives; the descriptions are its documentation in OpenAPI.

The reply cannot say ``clear`` unless every value was found and no check failed: the contract
refuses a half-filled answer, whatever the code or the model did.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FieldName = Literal[
    "stated_name",
    "surname",
    "given_names",
    "full_name",
    "date_of_birth",
    "nationality",
    "document_type",
    "document_number",
    "expires_on",
    "address",
]
Source = Literal["applicant", "document", "mrz"]
DocumentType = Literal["passport", "identity_card", "residence_permit", "driving_licence", "visa"]
CheckName = Literal[
    "mrz_present",
    "mrz_check_digits",
    "mrz_agrees",
    "document_in_date",
    "of_age",
    "names_agree",
    "iban",
    "national_id",
]
Result = Literal["passed", "failed", "not_applicable"]
Verdict = Literal["clear", "review", "reject"]
Line = Annotated[str, Field(min_length=1, max_length=400)]
Words = Annotated[str, Field(min_length=1, max_length=1000)]
"""A quote with its white space as it stands in the text."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NationalId(_Closed):
    """A national identity number and the country that issued it."""

    country: Annotated[
        str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code of the issuer.")
    ]
    number: Annotated[
        str, Field(min_length=4, max_length=32, description="As written; separators are allowed.")
    ]


class ScreeningRequest(_Closed):
    """An applicant in their own words, and the text of one identity document."""

    applicant: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        Field(
            min_length=1,
            max_length=1500,
            description="What applicants say about themselves: at least their name and address.",
        ),
    ]
    document: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        Field(
            min_length=1,
            max_length=3000,
            description="OCR text of a passport, identity card, residence permit or driving "
            "licence, line by line, with its machine-readable zone if it has one.",
        ),
    ]
    iban: Annotated[
        str | None,
        Field(min_length=5, max_length=42, description="An account to check; spaces are allowed."),
    ] = None
    national_id: Annotated[
        NationalId | None, Field(description="A national identity number to check.")
    ] = None


class Quote(_Closed):
    """Words that stand exactly so in one of the given texts."""

    source: Annotated[Source, Field(description="Where the words stand.")]
    text: Words


class Found(_Closed):
    """A value and the quotes that prove it."""

    value: Annotated[str, Field(min_length=1, max_length=200, description="In normal form.")]
    evidence: Annotated[
        tuple[Quote, ...], Field(min_length=1, max_length=3, description="What it was read from.")
    ]


class Identity(_Closed):
    """What the texts say about the applicant; null where nothing could be proved."""

    stated_name: Annotated[Found | None, Field(description="The applicant's own words.")] = None
    full_name: Annotated[Found | None, Field(description="As on the document.")] = None
    date_of_birth: Annotated[Found | None, Field(description="ISO 8601.")] = None
    nationality: Annotated[Found | None, Field(description="ISO 3166-1 alpha-3.")] = None
    document_type: Annotated[Found | None, Field(description="The kind of document.")] = None
    document_number: Annotated[Found | None, Field(description="Letters and digits only.")] = None
    expires_on: Annotated[Found | None, Field(description="ISO 8601.")] = None
    address: Annotated[Found | None, Field(description="Of residence, on one line.")] = None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name, found in self if found is None)


class Dropped(_Closed):
    """A quote of the model that was not accepted."""

    field: Annotated[FieldName, Field(description="What it was meant to prove.")]
    quote: Words
    reason: Line


class Check(_Closed):
    """One check that code made."""

    name: Annotated[CheckName, Field(description="Which check.")]
    result: Annotated[
        Result, Field(description="not_applicable: there was nothing that could be checked.")
    ]
    detail: Line


class Screening(_Closed):
    """A verdict, the reasons for it, and everything that it rests on."""

    verdict: Annotated[
        Verdict,
        Field(
            description="reject: a hard check failed (MRZ check digits, expiry, age). review: "
            "something is missing, unsure or does not match. clear: neither."
        ),
    ]
    reasons: Annotated[
        tuple[Line, ...],
        Field(min_length=1, max_length=20, description="For the verdict, the hardest first."),
    ]
    identity: Annotated[Identity, Field(description="What was proved, with its quotes.")]
    dropped: Annotated[
        tuple[Dropped, ...],
        Field(max_length=10, description="Quotes of the model that were not accepted."),
    ] = ()
    checks: Annotated[
        tuple[Check, ...],
        Field(min_length=1, max_length=8, description="All of them, passed or not."),
    ]

    @model_validator(mode="after")
    def _is_clear_only_when_it_is(self) -> Self:
        failed = [check.name for check in self.checks if check.result == "failed"]
        if self.verdict == "clear" and (failed or self.identity.missing):
            msg = f"clear, although {[*failed, *self.identity.missing]} failed or is missing"
            raise ValueError(msg)
        return self
