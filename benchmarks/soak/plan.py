"""What a soak sends, decided by its seed: jobs, their faults, repetitions, malformed events.

A job is one review that must be judged exactly once. Its name is the review's id, the event's id
and the run's workflow, so every store can be asked about it.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, cycle
from operator import itemgetter
from typing import Any, Literal

Way = Literal["http", "event", "poisoned"]

AGENT, TYPE, ANSWER = "review_sentiment", "review.submitted", "review.sentiment"
SOURCE = "/benchmarks/soak"
SIZES = 7
"""Kinds of review by what a model's answer to them costs."""
REPEATED, FAILING, MALFORMED = 0.10, 0.05, 0.02
"""Shares of what is sent."""
POISONED = 0.04
"""Good events that are sent each beside a malformed one, as a share of the events."""


class Fault(StrEnum):
    """What the model does to the first call of a job."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    SLOW = "slow"


class Flaw(StrEnum):
    """Why a message can never be worked on."""

    NO_JSON = "no JSON"
    NO_EVENT = "no CloudEvent"
    UNKNOWN_TEAM = "unknown team"
    OFF_CONTRACT = "data off contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One review to be judged exactly once."""

    way: Way
    number: int
    team: str
    key: str
    """Every team uses each idempotency key, and none may meet another's outcome."""
    fault: Fault | None = None

    @property
    def name(self) -> str:
        return f"soak-{self.way}-{self.number:06}"

    @property
    def size(self) -> int:
        return self.number % SIZES

    @property
    def review(self) -> dict[str, str]:
        text = f"This tent held up well in the rain. From batch {self.name}, size-{self.size}."
        return {"review_id": self.name, "product_id": "tent-1", "text": text}

    def body(self, at: datetime) -> str:
        return json.dumps(_cloud_event(self.name, self.team, at) | {"data": self.review})


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A message that must end in the dead-letter queue."""

    number: int
    team: str
    flaw: Flaw

    @property
    def name(self) -> str:
        return f"soak-malformed-{self.number:06}"

    def body(self, at: datetime) -> str:
        event = _cloud_event(self.name, self.team, at)
        match self.flaw:
            case Flaw.NO_JSON:
                return f'{{"id": "{self.name}", "type": '
            case Flaw.NO_EVENT:
                return json.dumps({"id": self.name, "review": "It held up well."})
            case Flaw.UNKNOWN_TEAM:
                review = {"review_id": self.name, "product_id": "tent-1", "text": "It held up."}
                return json.dumps(event | {"team": "nobody", "data": review})
            case Flaw.OFF_CONTRACT:
                return json.dumps(event | {"data": {"review_id": self.name, "stars": 5}})


Message = Job | Malformed


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is sent, in its order."""

    sends: tuple[Job, ...]
    """Over HTTP; a job that comes twice is a client that sends again."""
    messages: tuple[Message, ...]
    poisoned: tuple[Message, ...]
    """Good and malformed events by turns."""

    @classmethod
    def of(cls, *, runs: int, events: int, seed: int, teams: Sequence[str]) -> "Plan":
        chance = random.Random(seed)  # noqa: S311  # a plan must be repeatable, not secret
        spoilt, beside = round(events * MALFORMED), round(events * POISONED)
        malformed = [_malformed(number, teams) for number in range(spoilt + beside)]
        poisoned = [_job("poisoned", number, teams) for number in range(beside)]
        return cls(
            sends=tuple(_ordered(_failing("http", runs, teams, chance), [], chance)),
            messages=tuple(
                _ordered(
                    _failing("event", events - spoilt, teams, chance), malformed[:spoilt], chance
                )
            ),
            poisoned=tuple(chain.from_iterable(zip(malformed[spoilt:], poisoned, strict=True))),
        )

    @property
    def jobs(self) -> dict[str, Job]:
        """Every job once, by name."""
        sent = (*self.sends, *self.messages, *self.poisoned)
        return {each.name: each for each in sent if isinstance(each, Job)}

    @property
    def malformed(self) -> dict[str, Malformed]:
        sent = (*self.messages, *self.poisoned)
        return {each.name: each for each in sent if isinstance(each, Malformed)}


def _job(way: Way, number: int, teams: Sequence[str], fault: Fault | None = None) -> Job:
    team = teams[number % len(teams)]
    return Job(way=way, number=number, team=team, key=f"soak-{number // len(teams)}", fault=fault)


def _failing(way: Way, count: int, teams: Sequence[str], chance: random.Random) -> list[Job]:
    """Jobs of which some meet a fault, one kind after the other."""
    failing = chance.sample(range(count), round(count * FAILING))
    faults = dict(zip(failing, cycle(Fault), strict=False))
    return [_job(way, number, teams, faults.get(number)) for number in range(count)]


def _malformed(number: int, teams: Sequence[str]) -> Malformed:
    flaw = [*Flaw][number % len(Flaw)]
    return Malformed(number=number, team=teams[number % len(teams)], flaw=flaw)


def _ordered(
    jobs: Sequence[Job], malformed: Sequence[Malformed], chance: random.Random
) -> Iterator[Any]:
    """Jobs in their order, some again at once or much later, and malformed messages anywhere."""
    places: list[tuple[float, Message]] = [*enumerate(jobs)]
    for number in chance.sample(range(len(jobs)), round(len(jobs) * REPEATED)):
        later = chance.uniform(number, len(jobs))
        places.append((chance.choice((number + 0.5, later)), jobs[number]))
    places += [(chance.uniform(0, len(jobs)), each) for each in malformed]
    return (message for _, message in sorted(places, key=itemgetter(0)))


def _cloud_event(name: str, team: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": TYPE,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "team": team,
        "workflow": name,
    }
