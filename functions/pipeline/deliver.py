"""The result of a run, sent to where its caller wants it: signed, once for each time it is tried.

The URL is in the run's record alone. Whether it may be sent to is asked anew each time.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol

from functions.domain.callback import Callback
from functions.domain.errors import ReceiverFailed, ReceiverRefused
from functions.domain.record import RunRecord
from functions.domain.redelivery import LONGEST_WAIT_SECONDS
from functions.domain.run import TraceContext
from functions.domain.team import Team
from functions.domain.webhook import signed_headers

ABOUT_US = {"Content-Type": "application/json", "User-Agent": "agent-gatehouse-webhooks/1"}
SUCCESS, OUR_FAULT = 2, 4
"""The first digits of such statuses."""
MAY_PASS = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Said to be our fault, but another try may mend it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a webhook's receiver said, as far as anybody listens."""

    status: int
    retry_after: str | None = None


class Receiver(Protocol):
    """Whoever is at the other end of a callback."""

    def post(self, to: Callback, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send once.

        Raises:
            CallbackNotAllowed: the host's addresses are not all public; nothing was sent.
            ReceiverFailed: there was no reply in time.
        """
        ...


class WebhookKeys(Protocol):
    """What a team's webhooks are signed with."""

    def of(self, team: str) -> Sequence[bytes]:
        """The team's keys; may raise StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Brings results to their callers."""

    receiver: Receiver
    keys: WebhookKeys
    now: Callable[[], datetime]

    def deliver(self, record: RunRecord, team: Team, to: Callback, trace: TraceContext) -> int:
        """Send a run's record as its team may read it; the receiver's status.

        Raises:
            CallbackNotAllowed: the host's addresses are not all public; nothing was sent.
            ReceiverRefused: the receiver does not want it.
            ReceiverFailed: the receiver could not be reached, or could not take it now.
            StoreUnavailable: the team's keys could not be read.
        """
        body = json.dumps(record.shown()).encode()
        now = self.now()
        signed = signed_headers(webhook_id(record), now, body, self.keys.of(team.name))
        reply = self.receiver.post(to, ABOUT_US | signed | trace.headers, body)
        _check(reply, to.host, now)
        return reply.status


def webhook_id(record: RunRecord) -> str:
    """The same for each try, and however many events tell the same of a run."""
    return f"{record.id}-{record.status}"


def _check(reply: Reply, host: str, now: datetime) -> None:
    family = reply.status // 100
    if family == SUCCESS:
        return
    msg = f"{host} answered {reply.status}."
    if family == OUR_FAULT and reply.status not in MAY_PASS:
        raise ReceiverRefused(msg)
    raise ReceiverFailed(msg, retry_after_seconds=_seconds(reply.retry_after, now))


def _seconds(retry_after: str | None, now: datetime) -> int | None:
    """For how long a receiver wants to be left alone, as far as a queue can wait."""
    if retry_after is None:
        return None
    try:
        if retry_after.isdecimal():
            wait = float(retry_after)
        else:
            wait = (parsedate_to_datetime(retry_after) - now).total_seconds()
    except (ValueError, TypeError):  # a date that is none, or has no zone
        return None
    return round(min(max(wait, 0), LONGEST_WAIT_SECONDS))
