"""What the calls give, and how it is read from a reply."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from gatehouse_sdk._errors import (
    RETRIED,
    Circumstances,
    GatehouseError,
    MalformedReply,
    Violation,
    error_of,
)
from gatehouse_sdk._headers import Limits, rate_limits, retry_after_seconds
from gatehouse_sdk._wire import JsonObject, Reply

T = TypeVar("T")
TYPE = "urn:gatehouse:problem:"
Status = Literal["queued", "running", "succeeded", "failed"]
PENDING = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        output: the agent's reply, as its contract says (``client.agent(name)["output_schema"]``).
        cost_micro_usd: what the run cost, in millionths of a US dollar.
        replayed: whether this is the outcome of an earlier, equal request with the same key.
        limits: what is left of the team's limits, by their name.
    """

    id: str
    agent: str
    output: JsonObject
    version: str | None = None
    model: str | None = None
    answered_by: str | None = None
    usage: JsonObject = field(default_factory=dict)
    cost_micro_usd: int = 0
    cache: str | None = None
    age_seconds: int | None = None
    trace_id: str | None = None
    replayed: bool = False
    limits: Limits = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is done later: where it stands, and its outcome or its error when it is over."""

    id: str
    agent: str
    status: Status
    accepted_at: str | None = None
    changed_at: str | None = None
    outcome: Outcome | None = None
    error: GatehouseError | None = None
    retry_after: int | None = None

    @property
    def pending(self) -> bool:
        return self.status in PENDING


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One item's result: an outcome or an error."""

    status: int
    outcome: Outcome | None = None
    error: GatehouseError | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """One event's result: status 202, or an error. What had no readable id has none here."""

    id: str | None
    status: int
    error: GatehouseError | None = None


@dataclass(frozen=True, slots=True)
class KnownFlags:
    """Flags as the server evaluated them for one context."""

    etag: str | None
    flags: dict[str, JsonObject]


def read_outcome(reply: Reply) -> Outcome:
    """The outcome of a run that was waited for."""
    return _read(reply, lambda body: _outcome(body, reply))


def read_run(reply: Reply) -> Run:
    """A run that is done later."""
    return _read(reply, lambda body: _run(body, reply))


def read_batch(reply: Reply, size: int) -> list[BatchResult]:
    """The results of a batch, in the order of its items."""

    def read(body: JsonObject) -> list[BatchResult]:
        items = [_batch_result(item, reply) for item in body["items"]]
        if len(items) != size:
            raise IndexError
        return items

    return _read(reply, read)


def read_published(reply: Reply, size: int) -> list[Published]:
    """The results of published events, in their order."""

    def read(body: JsonObject) -> list[Published]:
        results = [
            Published(_text(item.get("id")), int(item["status"]), _problem_in(item))
            for item in body["results"]
        ]
        if len(results) != size:
            raise IndexError
        return results

    return _read(reply, read)


def read_agents(reply: Reply) -> list[JsonObject]:
    """The lines of the catalogue."""
    return _read(reply, lambda body: [dict(line) for line in body["agents"]])


def read_object(reply: Reply) -> JsonObject:
    """A JSON object as it is."""
    return _read(reply, dict)


def read_flags(reply: Reply) -> KnownFlags | None:
    """The flags by their key; None when the client knows them already."""
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return None
    etag = reply.headers.get("etag")
    return _read(reply, lambda body: KnownFlags(etag, {f["key"]: f for f in body["flags"]}))


def read_error(reply: Reply, now: float) -> GatehouseError:
    """The error that a reply says, whatever sent it."""
    body = reply.json()
    problem = body if isinstance(body, dict) else {}
    header = reply.headers.get("retry-after")
    after = retry_after_seconds(header, now) if header else None
    request_id = _text(problem.get("request_id")) or reply.headers.get("x-amzn-requestid")
    return _error(problem, reply.status, after, request_id)


def _read(reply: Reply, read: Callable[[JsonObject], T]) -> T:
    body = reply.json()
    try:
        if not isinstance(body, dict):
            raise TypeError  # noqa: TRY301  # one answer to everything that does not fit
        return read(body)
    except (LookupError, TypeError, ValueError, AttributeError):
        about = Circumstances(status=reply.status, retryable=True)
        msg = "The reply is not one of the gatehouse. Is something in between answering?"
        raise MalformedReply(msg, about=about) from None


def _outcome(body: JsonObject, reply: Reply) -> Outcome:
    return Outcome(
        id=str(body["id"]),
        agent=str(body["agent"]),
        output=dict(body["output"]),
        version=_text(body.get("version")),
        model=_text(body.get("model")),
        answered_by=_text(body.get("answered_by")),
        usage=dict(body.get("usage") or {}),
        cost_micro_usd=int(body.get("cost_micro_usd") or 0),
        cache=_text(body.get("cache")),
        age_seconds=_whole(body.get("age_seconds")),
        trace_id=_text(body.get("trace_id")),
        replayed=reply.headers.get("idempotent-replayed") == "true",
        limits=rate_limits(reply.headers.get("ratelimit", "")),
    )


def _run(body: JsonObject, reply: Reply) -> Run:
    status: Status = body["status"]
    if status not in (*PENDING, "succeeded", "failed"):
        raise ValueError
    after = reply.headers.get("retry-after", "").strip()
    return Run(
        id=str(body["id"]),
        agent=str(body["agent"]),
        status=status,
        accepted_at=_text(body.get("accepted_at")),
        changed_at=_text(body.get("changed_at")),
        outcome=_outcome(body["outcome"], reply) if status == "succeeded" else None,
        error=_problem_in(body) if status == "failed" else None,
        retry_after=int(after) if after.isdecimal() else None,
    )


def _batch_result(item: JsonObject, reply: Reply) -> BatchResult:
    error = _problem_in(item)
    outcome = None if error else _outcome(item["outcome"], reply)
    return BatchResult(int(item["status"]), outcome, error)


def _problem_in(item: JsonObject) -> GatehouseError | None:
    """The error in one item of a reply; a failure without a problem is one too."""
    problem = item.get("problem")
    status = item.get("status")
    code = status if isinstance(status, int) else _whole((problem or {}).get("status"))
    if problem is None and status != "failed" and (code is None or code < 300):  # noqa: PLR2004  # the end of HTTP's successes
        return None
    found = problem if isinstance(problem, dict) else {}
    return _error(found, code, None, _text(found.get("request_id")))


def _error(
    problem: JsonObject, status: int | None, after: int | None, request_id: str | None
) -> GatehouseError:
    kind = problem.get("type")
    known = isinstance(kind, str) and kind.startswith(TYPE)
    told = problem.get("retryable")
    by_status = status in RETRIED or (status is not None and 300 <= status < 400)  # noqa: PLR2004  # a redirect: something in between
    about = Circumstances(
        status=status,
        retryable=told if isinstance(told, bool) else by_status,
        retry_after=after,
        request_id=request_id,
        trace_id=_text(problem.get("trace_id")),
        violations=_violations(problem.get("violations")),
    )
    detail = _text(problem.get("detail")) if known else None
    slug = str(kind)[len(TYPE) :] if known else f"http-{status}"
    return error_of(slug, detail or f"The answer was HTTP {status} without an explanation.", about)


def _violations(found: Any) -> list[Violation]:
    items = found if isinstance(found, list) else []
    return [
        Violation(str(item.get("pointer", "")), str(item.get("detail", "")))
        for item in items
        if isinstance(item, dict)
    ]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None
