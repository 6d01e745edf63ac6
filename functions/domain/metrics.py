"""What is measured, in one table, for those who write it and those who watch it.

CloudWatch keeps one series for each set of values that a metric's dimensions take, and charges for
each. So a dimension is something of which there are few and whose number is known: never a run, a
caller, an event's id or a workflow, which anybody may make up. ``docs/metrics.md`` is made of this
table, and ``docs/cost.md`` counts its series.

Every metric has the dimension ``service`` besides; it has one value and makes no further series.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from functions.domain.budget import Restricting
from functions.domain.errors import BY_SLUG
from functions.domain.personal_data.entities import EntityType

NAMESPACE = "Gatehouse"
SERVICE = "gatehouse"

Unit = Literal["Count", "Milliseconds", "Percent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """How much there is of what dimensions name, in one region."""

    teams: int
    agents: int
    models: int
    event_types: int
    """That one agent consumes."""


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """What tells the series of a metric apart."""

    name: str
    meaning: str
    bound: Callable[[Estate], int]
    """The most values that it takes in one region (of ``event``: for one agent)."""
    values: tuple[str, ...] = ()
    """All of them, where they do not depend on what is deployed."""


def _closed(name: str, meaning: str, values: tuple[str, ...]) -> Dimension:
    return Dimension(name, meaning, lambda _: len(values), values)


AGENT = Dimension("agent", "an agent, or `(unknown)` for a made-up name", lambda e: e.agents + 1)
TEAM = Dimension("team", "a team of `teams.toml`", lambda e: e.teams)
MODEL = Dimension("model", "a model of the zone", lambda e: e.models)
EVENT = Dimension(
    "event",
    "a type that the agent consumes, `run.requested`, or `other`",
    lambda e: 2 + e.event_types,
)
ERROR = _closed("error", "the slug of an [error](errors.md)", tuple(BY_SLUG))
REASON = _closed("reason", "the slug of an [error](errors.md)", tuple(BY_SLUG))
CACHE = _closed("cache", "how the cache was used", ("hit", "stale", "miss", "bypass"))
STATE = _closed("state", "of a circuit", ("CLOSED", "HALF_OPEN", "OPEN"))
RESULT = _closed(
    "result",
    "of one try of a message",
    ("succeeded", "retried", "postponed", "dead-lettered", "failed"),
)
ENTITY = _closed("entity_type", "a kind of personal data", tuple(EntityType))
RECONCILED = _closed(
    "result", "of comparing one model with the provider", ("agrees", "drifts", "unknown")
)
ACTION = _closed("action", "what a team's policy does about its budget", get_args(Restricting))
DETECTOR = _closed("detector", "a second detector", ("comprehend", "guardrail"))


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One name in CloudWatch, and the sets of dimensions under which it can be read."""

    name: str
    unit: Unit
    by: tuple[tuple[Dimension, ...], ...]
    meaning: str
    rare: bool = False
    """Its series are there only in hours in which something went wrong or changed."""

    def series(self, estate: Estate) -> int:
        """The most series that it can have in one region."""
        return sum(prod(dimension.bound(estate) for dimension in each) for each in self.by)

    def sets(self, given: AbstractSet[str]) -> tuple[tuple[str, ...], ...]:
        """Those of its sets of dimensions, as names, that consist of what is given."""
        named = (tuple(dimension.name for dimension in each) for each in self.by)
        return tuple(names for names in named if given >= set(names))


RUNS = Metric("Runs", "Count", ((AGENT,), (TEAM,)), "Runs that ended, however they did.")
SUCCEEDED = Metric(
    "Succeeded",
    "Count",
    ((AGENT,), (TEAM,)),
    "1 for a run that succeeded, else 0: the sum counts them, the average is the success rate.",
)
FAULTS = Metric(
    "Faults",
    "Count",
    ((AGENT,),),
    "1 for a run that failed through no fault of its caller (a status of 500 or more), else 0: "
    "one less the average is the availability.",
)
ERRORS = Metric(
    "Errors", "Count", ((AGENT, ERROR), (ERROR,)), "Runs that failed, by kind.", rare=True
)
ACCEPTED = Metric(
    "Accepted", "Count", ((AGENT,),), "Runs that were accepted to be done later; they end later."
)
LATENCY = Metric(
    "Latency",
    "Milliseconds",
    ((AGENT,),),
    "How long runs took; those that were refused (a status below 500) are left out.",
)
COST = Metric("CostMicroUsd", "Count", ((AGENT,), (TEAM,), (MODEL,)), "What models cost.")
MODEL_LATENCY = Metric(
    "ModelLatency",
    "Milliseconds",
    ((MODEL,),),
    "How long calls of a model took; the number of samples is the number of calls.",
)
INPUT_TOKENS = Metric("InputTokens", "Count", ((AGENT,), (MODEL,)), "Tokens that models read.")
OUTPUT_TOKENS = Metric("OutputTokens", "Count", ((AGENT,), (MODEL,)), "Tokens that models wrote.")
CACHE_READ_TOKENS = Metric(
    "CacheReadTokens", "Count", ((MODEL,),), "Tokens taken from the provider's own prompt cache."
)
CACHE_WRITE_TOKENS = Metric(
    "CacheWriteTokens", "Count", ((MODEL,),), "Tokens put into the provider's own prompt cache."
)
CACHE_USES = Metric(
    "CacheUses", "Count", ((AGENT, CACHE),), "Runs of agents that use answers again, by outcome."
)
BUDGET_SPENT = Metric(
    "BudgetSpentMicroUsd", "Count", ((TEAM,),), "What the team has spent this month, each minute."
)
BUDGET_RESERVED = Metric(
    "BudgetReservedMicroUsd",
    "Count",
    ((TEAM,),),
    "What is promised to the team's runs that are under way, each minute.",
)
BUDGET_USED = Metric(
    "BudgetUsed",
    "Percent",
    ((TEAM,),),
    "What is spent of the team's monthly limit, each minute; at least 100 once a run was refused "
    "for want of money.",
)
BUDGET_FORECAST = Metric(
    "BudgetForecast",
    "Percent",
    ((TEAM,),),
    "What will be spent of the limit by the end of the month if it goes on as until now, each "
    "minute from the month's second day.",
)
BUDGET_RESTRICTIONS = Metric(
    "BudgetRestrictions",
    "Count",
    ((ACTION,),),
    "How often a team's runs were restricted because its policy says so.",
    rare=True,
)
UNSETTLED = Metric(
    "UnsettledMicroUsd",
    "Count",
    ((AGENT,),),
    "What runs cost that could not be written into the books.",
    rare=True,
)
CIRCUIT_CHANGES = Metric(
    "CircuitChanges",
    "Count",
    ((MODEL, STATE),),
    "How often a model's circuit opened, closed or was probed.",
    rare=True,
)
REDACTIONS = Metric(
    "Redactions",
    "Count",
    ((AGENT,), (ENTITY,)),
    "Values that were masked, each once in a run.",
)
PERSONAL_DATA_UNITS = Metric(
    "PersonalDataUnits",
    "Count",
    ((DETECTOR,),),
    "What a second detector of personal data charges for.",
)
DELIVERIES = Metric("Deliveries", "Count", ((AGENT, RESULT),), "Tries of messages.")
EVENT_LAG = Metric(
    "EventLag",
    "Milliseconds",
    ((AGENT, EVENT),),
    "From when an event happened to when it was worked on.",
)
BATCH_SIZE = Metric(
    "BatchSize", "Count", ((AGENT,),), "How many messages a function took at a time."
)
DEAD_LETTERS = Metric(
    "DeadLetters", "Count", ((AGENT, REASON),), "Messages that were given up.", rare=True
)
WEBHOOKS = Metric("Webhooks", "Count", ((RESULT,),), "Tries to send a result to its caller.")
RECONCILIATIONS = Metric(
    "Reconciliations",
    "Count",
    ((RECONCILED,),),
    "Comparisons of the ledger with the provider's numbers, each night.",
)
LEDGER_DRIFT = Metric(
    "LedgerDriftMicroUsd",
    "Count",
    ((MODEL,),),
    "What the provider counted less what the ledger charged yesterday, each night; left out where "
    "it is not known.",
)
LEDGER_DRIFT_PERCENT = Metric(
    "LedgerDriftPercent", "Percent", ((MODEL,),), "The same, of what the provider counted."
)
AUDIT_DEFERRED = Metric(
    "AuditDeferred",
    "Count",
    ((),),
    "Audit lines that Firehose did not take and that are objects of their own in the trail.",
    rare=True,
)
AUDIT_LOST = Metric(
    "AuditLost",
    "Count",
    ((),),
    "Audit lines that no store took. They are in the log, as far as a log may have them.",
    rare=True,
)
KEYS_UNAVAILABLE = Metric(
    "IssuerKeysUnavailable",
    "Count",
    ((),),
    "Requests that were refused since the identity provider's keys could not be had.",
    rare=True,
)
LOG_FIELDS_DROPPED = Metric(
    "LogFieldsDropped",
    "Count",
    ((),),
    "Parts of log lines that no table declares, and that were therefore not written.",
    rare=True,
)
SPANS_DROPPED = Metric(
    "SpansDropped", "Count", ((),), "Spans that could not be exported in time.", rare=True
)

ALL = tuple(value for value in globals().values() if isinstance(value, Metric))
