"""Review sentiment: the model chooses words, code makes the number and checks the topics.

A model that is asked for a number between bounds invents one. So it chooses a label and an
intensity, and one table turns them into the score.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from functions.agents import prompt, sample
from functions.domain.agent import Tools
from functions.domain.prompt import Prompt, fence

from .contract import MOST_TOPICS, Label, Review, ReviewSentiment

NAME = Path(__file__).parent.name
# The last examples weigh most with a small model, so the labels alternate.
EXAMPLES = (
    "20_broken_quickly",
    "21_comfortable_shoes",
    "22_broken_zip",
    "23_warm_jacket",
    "24_red_cup",
    "25_good_price",
)
MOST_WORDS_OF_A_TOPIC = 2
LONGEST_TOPIC = 24
STRONG = 0.9
MILD = 0.5
_SIGNS: dict[Label, int] = {"negative": -1, "neutral": 0, "positive": 1, "mixed": 0}


def _cut(said: object) -> object:
    """A topic may outgrow its bound when personal data is put back into it."""
    return said[:LONGEST_TOPIC] if isinstance(said, str) else said


ChosenTopic = Annotated[str, Field(max_length=LONGEST_TOPIC), BeforeValidator(_cut)]


class Judgement(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    label: Label
    intensity: Literal["mild", "strong"]
    topics: Annotated[tuple[ChosenTopic, ...], Field(max_length=MOST_TOPICS)]


def answer(request: Review, tools: Tools) -> ReviewSentiment:
    """Judge one review."""
    judged = tools.ask(
        Prompt(system=prompt(NAME), question=_question(request), examples=_examples()), Judgement
    )
    return ReviewSentiment(
        review_id=request.review_id,
        product_id=request.product_id,
        label=judged.label,
        score=_SIGNS[judged.label] * (STRONG if judged.intensity == "strong" else MILD),
        topics=_spoken_of(judged.topics, request.text),
    )


def judgement_of(reply: ReviewSentiment) -> Judgement:
    """What a model must have chosen for code to come to this reply."""
    intensity: Literal["mild", "strong"] = "strong" if abs(reply.score) == STRONG else "mild"
    return Judgement(label=reply.label, intensity=intensity, topics=reply.topics)


def _question(review: Review) -> str:
    return fence("review", review.text)


@cache
def _examples() -> tuple[tuple[str, str], ...]:
    samples = [sample(NAME, name) for name in EXAMPLES]
    return tuple(
        (
            _question(Review.model_validate(each["request"])),
            json.dumps(
                judgement_of(ReviewSentiment.model_validate(each["reply"])).model_dump(),
                ensure_ascii=False,
            ),
        )
        for each in samples
    )


def _spoken_of(topics: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Those topics that are short and really are words of the review, each once."""
    spoken = f" {' '.join(_words(text))} "
    kept = [" ".join(words) for topic in topics if (words := _words(topic))]
    return tuple(
        topic
        for topic in dict.fromkeys(kept)
        if f" {topic} " in spoken and len(topic) > 1 and len(topic.split()) <= MOST_WORDS_OF_A_TOPIC
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
