"""What review sentiment takes and gives: the data of review.submitted and of review.sentiment.

Label and score are one judgement told twice, so the reply refuses a pair that contradicts itself.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.domain.agent import NOT_PERSONAL

Label = Literal["negative", "neutral", "positive", "mixed"]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", min_length=1, max_length=64),
    NOT_PERSONAL,
]
Topic = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2, max_length=32)
]
MOST_TOPICS = 5

_SCORES: dict[Label, tuple[float, float]] = {
    "negative": (-1.0, -0.1),
    "neutral": (0.0, 0.0),
    "positive": (0.1, 1.0),
    "mixed": (-0.5, 0.5),
}


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(_Closed):
    """A review of a product, as its author wrote it."""

    review_id: Annotated[Id, Field(description="The shop's id of the review.")]
    product_id: Annotated[Id, Field(description="The shop's id of the product.")]
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        Field(min_length=1, max_length=4000, description="The review, in any language."),
    ]


class ReviewSentiment(_Closed):
    """What a review says of its product."""

    review_id: Annotated[Id, Field(description="The id of the review.")]
    product_id: Annotated[Id, Field(description="The id of the product.")]
    label: Annotated[Label, Field(description="mixed: both praise and complaint.")]
    score: Annotated[
        float,
        Field(ge=-1, le=1, description="From -1 to 1; its sign is that of the label."),
    ]
    topics: Annotated[
        tuple[Topic, ...],
        Field(max_length=MOST_TOPICS, description="Words of the review, in small letters."),
    ]

    @model_validator(mode="after")
    def _score_tells_what_the_label_tells(self) -> Self:
        lowest, highest = _SCORES[self.label]
        if not lowest <= self.score <= highest:
            msg = f"score: {self.score} is no score of a review that is {self.label}"
            raise ValueError(msg)
        return self
