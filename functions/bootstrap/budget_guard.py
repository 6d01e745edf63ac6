"""What the guard of budgets is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol

from functions import config
from functions.adapters.counters import PowertoolsCounters
from functions.adapters.restrictions import DynamoRestrictions
from functions.bootstrap.clients import dynamodb, mailbox, publisher
from functions.bootstrap.surroundings import UNPREDICTABLE, logger, now
from functions.domain.metrics import SERVICE
from functions.domain.restriction import Restriction
from functions.domain.team import Teams
from functions.pipeline.ports import Mailbox, Publisher, Restrictions
from functions.settings import BudgetGuardSettings


class Counters(Protocol):
    """Where it is written down that a team was restricted."""

    def count_restriction(self, restriction: Restriction) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What the guard of budgets needs."""

    settings: BudgetGuardSettings
    teams: Teams
    restrictions: Restrictions
    publisher: Publisher
    counters: Counters
    mailbox: Mailbox
    now: Callable[[], datetime]
    jitter: Callable[[], float]


@cache
def guard_parts() -> Guard:
    settings = BudgetGuardSettings.from_env()
    return Guard(
        settings=settings,
        teams=config.teams(),
        restrictions=DynamoRestrictions(settings.budgets_table, dynamodb()),
        publisher=publisher(settings.topic_arn),
        counters=PowertoolsCounters(SERVICE, logger()),
        mailbox=mailbox(settings),
        now=now,
        jitter=UNPREDICTABLE.random,
    )
