"""How bad each alarm is, by its section of ``docs/runbook.md``, and what silence means for it.

A page wakes somebody, so it is for what callers notice now, or what cannot be made good later.
Everything else is a ticket. What holds a page back must be a page itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain.alerts import Severity
from infra.watching.alarms import Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What all alarms of one section have in common."""

    severity: Severity
    ends: bool = False
    """Whether it is told, too, that it is over; of what stays until a person acts, it is not."""
    silence: Silence = "notBreaching"
    """What no data means."""
    because: str
    """Why silence means that."""


def _page(because: str, **more: object) -> Section:
    return Section(severity="page", because=because, ends=True, **more)  # type: ignore[arg-type]  # as the fields say


def _ticket(because: str, **more: object) -> Section:
    return Section(severity="ticket", because=because, **more)  # type: ignore[arg-type]  # as the fields say


NO_RUN = "no run, no failure"
NO_MESSAGE = "an empty queue says nothing"
NO_EVENT = "it is counted only when it happens"
NOT_CALLED = "a function that is not called does not fail"

SECTIONS: Mapping[str, Section] = {
    "error-budget-fast": _page(NO_RUN),
    "error-budget-slow": _ticket(NO_RUN, ends=True),
    "events-late": _ticket(NO_MESSAGE, ends=True),
    "models-down": _page(NO_EVENT),
    "store-down": _page(NO_EVENT),
    "gateway-faults": _page("no request, no fault"),
    "identity-provider-down": _page(NO_EVENT),
    "circuit-open": _ticket(NO_EVENT, ends=True),
    "oldest-message": _ticket(NO_MESSAGE),
    "failure-rate": _ticket(NO_MESSAGE),
    "lag": _ticket(NO_MESSAGE),
    "dead-letters": _ticket(NO_MESSAGE),
    "event-loop": _ticket(NO_EVENT),
    "unsettled": _ticket(NO_EVENT),
    "webhook-dead-letters": _ticket(NO_MESSAGE),
    "webhook-oldest-message": _ticket(NO_MESSAGE, ends=True),
    "team-budget": _ticket("a team that spends nothing this month has no budget yet", ends=True),
    "team-budget-forecast": _ticket("nothing is forecast on a month's first day", ends=True),
    "budget-guard-dead-letters": _ticket(NO_MESSAGE),
    "budget-guard-oldest-message": _ticket(NO_MESSAGE, ends=True),
    "exporter-failing": _ticket(NOT_CALLED),
    "function-errors": _ticket(NOT_CALLED, ends=True),
    "function-throttled": _ticket(NOT_CALLED, ends=True),
    "function-slow": _ticket(NOT_CALLED, ends=True),
    "sweeper-stopped": _ticket(
        "it is called every minute, so silence is the fault", silence="breaching", ends=True
    ),
    "audit-lost": _page(NO_EVENT),
    "audit-deferred": _ticket(NO_EVENT, ends=True),
    "audit-late": _ticket("Firehose says nothing while it has nothing to deliver", ends=True),
    "ledger-drift": _ticket("a night without a comparison has an alarm of its own"),
    "ledger-not-reconciled": _ticket(
        "a night without a comparison is one of which nothing is known", silence="breaching"
    ),
}
