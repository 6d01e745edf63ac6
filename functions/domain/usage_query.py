"""What somebody asks about usage: which days, whose, and added up by what.

Everything is checked before anything is read, and every mistake is told by its parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from functions.domain.errors import AccessDenied, InvalidInput, Violation
from functions.domain.ledger import Period
from functions.domain.roles import READ_ALL_USAGE
from functions.domain.team import Caller
from functions.domain.usage import DIMENSIONS

PARAMETERS = ("from", "to", "group_by", "team")
MOST_DAYS = 400
"""A year, and the month after it in which it is closed."""
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Days in UTC, the team or all of them, and the dimensions in the order they were named."""

    period: Period
    team: str | None
    group_by: tuple[str, ...]

    @classmethod
    def read(cls, given: Parameters, caller: Caller, now: datetime) -> "UsageQuery":
        """What a caller asks, and may.

        Raises:
            InvalidInput: a parameter cannot be understood; every one that is wrong is named.
            AccessDenied: it asks for another team's usage.
        """
        wrong = list(_unknown(given))
        first = _day(given, "from", now.date().replace(day=1), wrong)
        end = _day(given, "to", now.date() + timedelta(days=1), wrong)
        group_by = _dimensions(given, wrong)
        if not wrong:
            wrong += _bounds(first, end)
        if wrong:
            raise InvalidInput(
                f"The query cannot be answered: {wrong[0]['detail']}", violations=wrong
            )
        team = _team(given, caller)
        return cls(period=Period(first, end), team=team, group_by=group_by)


def too_much(why: str) -> InvalidInput:
    """A query that is right, and too large for one answer."""
    detail = f"{why} Ask for fewer days, or for one team."
    return InvalidInput(detail, violations=[Violation(pointer="/from", detail=detail)])


def _unknown(given: Parameters) -> list[Violation]:
    """A misspelt parameter would answer another question than the one that was asked."""
    known = ", ".join(PARAMETERS)
    return [
        Violation(pointer="/*", detail=f"There is a parameter that is none of: {known}.")
        for name in given
        if name not in PARAMETERS
    ][:1]


def _day(given: Parameters, name: str, default: date, wrong: list[Violation]) -> date:
    texts = given.get(name, ())
    if not texts:
        return default
    try:
        if len(texts) == 1 and len(texts[0]) == len("2026-11-01"):
            return date.fromisoformat(texts[0])
    except ValueError:
        pass
    detail = f"{name} must be one day in UTC, such as 2026-11-01."
    wrong.append(Violation(pointer=f"/{name}", detail=detail))
    return default


def _dimensions(given: Parameters, wrong: list[Violation]) -> tuple[str, ...]:
    """Named between commas, or one after the other; naming one twice asks for nothing more."""
    named = [name.strip() for text in given.get("group_by", ()) for name in text.split(",")]
    if any(name not in DIMENSIONS for name in named):
        detail = f"group_by takes any of: {', '.join(DIMENSIONS)}; several between commas."
        wrong.append(Violation(pointer="/group_by", detail=detail))
    return tuple(dict.fromkeys(named))


def _bounds(first: date, end: date) -> list[Violation]:
    if end <= first:
        detail = "to is the day after the last, so it must be later than from."
        return [Violation(pointer="/to", detail=detail)]
    if (end - first).days > MOST_DAYS:
        detail = f"from and to may be {MOST_DAYS} days apart, and no more."
        return [Violation(pointer="/to", detail=detail)]
    return []


def _team(given: Parameters, caller: Caller) -> str | None:
    """Whose usage: the caller's own, or with the role one team's or everybody's.

    Another team's is refused whether or not there is such a team.
    """
    named = given.get("team", ())
    if READ_ALL_USAGE in caller.roles:
        return named[0] if named else None
    if any(name != caller.team for name in named):
        msg = f"You may read the usage of your own team; any other needs the role {READ_ALL_USAGE}."
        raise AccessDenied(msg)
    return caller.team
