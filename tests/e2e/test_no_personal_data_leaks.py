"""Personal data, sent along every path that a run can take, stays where it belongs.

A path is one line of a table: it sends the markers, and afterwards no log, metric, trace, table,
object, result event, dead letter's attribute, problem, header or model has seen them.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.bus import event
from tests.e2e.conftest import eventually, new_review, sample
from tests.e2e.drill import BROKEN, DETECTOR, FRUGAL, STRICT, Drill
from tests.e2e.markers import (
    MAIL,
    NAME,
    SAID,
    dead_letters,
    found_in,
    kept,
    recorded_outcomes,
    told,
)
from tests.e2e.provider import ANSWER, FIRST, failing

REVIEWS, TICKETS = "review_sentiment", "ticket_summary"
RUN = f"/v1/agents/{REVIEWS}/run"
BATCH = f"/v1/agents/{REVIEWS}/batch"
KEY = {"Idempotency-Key": str(uuid.uuid4())}
ECHO = {
    "when": {"regex": r"customer: (.*)"},
    "reply": {"summary": "{{1}}", "open_question": "", "next_step": "answer the question"},
    "usage": ANSWER["usage"],
}
QUOTES = {**ANSWER, "when": {"regex": r"(?s)(.*)"}, "reply": {"nonsense": "{{1}}"}}
BABBLES = {**QUOTES, "reply": "{{1}}"}
KNOWS = {
    **ANSWER,
    "reply": {"summary": SAID, "open_question": "", "next_step": "answer the question"},
}


def review(**more: Any) -> dict[str, Any]:
    """A review that nobody sent before."""
    return new_review() | {"text": f"{SAID} Written on ticket {uuid.uuid4()}."} | more


def ticket(**more: Any) -> dict[str, Any]:
    given = sample(TICKETS)
    said = f"{SAID} Written on ticket {uuid.uuid4()}."
    return given | {"messages": [given["messages"][0] | {"text": said}]} | more


SAME = review()
ONCE = event("review.submitted", review())
Do = Callable[[Drill], httpx.Response | None]


@dataclass(frozen=True)
class Path:
    """One way that a run can take, and the status with which it ends; none if it is an event."""

    name: str
    status: int | None
    do: Do


def posts(given: Any = None, agent: str = REVIEWS, **more: Any) -> Do:
    return lambda drill: drill.run(agent, given or review(), **more)


def sends(body: Any, path: str = RUN, **headers: str) -> Do:
    return lambda drill: drill.send(path, body, **headers)


def writes(text: bytes, **headers: str) -> Do:
    """A body as it is."""
    return lambda drill: drill.http.post(
        RUN, content=text, headers={**drill.token("platform"), **headers}
    )


def gets(path: str) -> Do:
    return lambda drill: drill.http.get(path, headers=drill.token("platform"))


def emits(message: Callable[[], str | dict[str, Any]], type_: str = "review.submitted") -> Do:
    agent = {"review.submitted": REVIEWS, "ticket.opened": TICKETS}[type_]
    return lambda drill: drill.publish(message(), type_, agent)


def under(failure: Callable[[Drill], AbstractContextManager[None]], *do: Do) -> Do:
    """The last of these is what the path comes to."""

    def done(drill: Drill) -> httpx.Response | None:
        with failure(drill):
            return [each(drill) for each in do][-1]

    return done


def plays(*rules: dict[str, Any], do: Do) -> Do:
    return under(lambda drill: drill.models(*rules), do)


def until_refused(drill: Drill) -> httpx.Response:
    while (response := drill.run(REVIEWS, review(), team=FRUGAL)).status_code == 200:
        pass
    return response


def by_a_caller_known_by_mail(drill: Drill) -> httpx.Response:
    headers = drill.token("platform", subject=MAIL)
    return drill.http.post(RUN, json={"input": review()}, headers=headers)


def by_a_worker_that_is_killed(drill: Drill) -> httpx.Response:
    with drill.models({**ANSWER, "latency_ms": 20_000}), ThreadPoolExecutor() as threads:
        response = threads.submit(drill.run, REVIEWS, review())
        eventually(drill.provider.calls)
        drill.kill("HttpFunction")
        return response.result()


def done_later(drill: Drill) -> httpx.Response:
    """What the caller reads in the end; a problem is part of it."""
    before = drill.ended(REVIEWS)
    accepted = drill.run(REVIEWS, review(), Prefer="respond-async")
    eventually(lambda: drill.ended(REVIEWS) > before)
    return drill.http.get(accepted.headers["location"], headers=drill.token("platform"))


def submitted(**more: Any) -> dict[str, Any]:
    return event("review.submitted", review()) | more


PATHS = [
    Path("restored in the reply", 200, plays(ECHO, do=posts(ticket(), TICKETS))),
    Path("answered", 200, posts(SAME)),
    Path("cached", 200, posts(SAME)),
    Path("not to be cached", 200, posts(**{"Cache-Control": "no-store"})),
    Path("with a key", 200, plays(ECHO, do=posts(ticket(subject=NAME), TICKETS, **KEY))),
    Path("key reused", 422, posts(ticket(), TICKETS, **KEY)),
    Path("key that quotes", 200, posts(**{"Idempotency-Key": MAIL})),
    Path("key that cannot be read", 400, posts(**{"Idempotency-Key": f"{NAME} {MAIL}"})),
    Path("workflow that quotes", 400, posts(**{"X-Workflow": MAIL})),
    Path("caller known by mail", 200, by_a_caller_known_by_mail),
    Path("token that quotes", 401, posts(Authorization=f"Bearer {MAIL}")),
    Path("unknown field", 422, posts(review() | {NAME: MAIL})),
    Path("field of another type", 422, posts(review(text=[SAID]))),
    Path("id that is none", 422, posts(review(review_id=SAID))),
    Path("too long", 422, posts(review(text=SAID * 30))),
    Path("too large", 413, posts(review(text=SAID * 200))),
    Path("beside the input", 422, sends({"input": review(), NAME: MAIL})),
    Path("no object", 422, sends({"input": SAID})),
    Path("no JSON", 400, writes(SAID.encode(), **{"Content-Type": "application/json"})),
    Path("a key twice", 400, writes(f'{{"{MAIL}": 1, "{MAIL}": 2}}'.encode())),
    Path("another media type", 415, writes(SAID.encode(), **{"Content-Type": "text/plain"})),
    Path("unknown agent", 404, sends({"input": review()}, f"/v1/agents/{MAIL}/run")),
    Path("unknown route", 404, gets(f"/v1/{MAIL}/{NAME}")),
    Path("search", 200, gets(f"/v1/agents/search?q={MAIL}")),
    Path("wrong role", 403, posts(team="helpdesk")),
    Path("wrong zone", 421, posts(team="us-support")),
    Path("refused by policy", 422, posts(agent=STRICT)),
    Path("agent that breaks", 500, posts(agent=BROKEN)),
    Path("budget exhausted", 429, until_refused),
    Path("second model", 200, plays(failing("ThrottlingException", FIRST), do=posts())),
    Path("model that quotes in its error", 502,
         plays(failing("ValidationException", message=SAID), do=posts())),
    Path("models down", 503, plays(failing("ModelErrorException", message=SAID), do=posts())),
    Path("model that refuses", 502,
         plays({**ANSWER, "stop_reason": "guardrail_intervened"}, do=posts())),
    Path("reply that does not fit", 502, plays(QUOTES, do=posts())),
    Path("reply that is no JSON", 502, plays(BABBLES, do=posts())),
    Path("reply that is cut off", 502,
         plays({**BABBLES, "stop_reason": "max_tokens"}, do=posts())),
    Path("model that knows the marker", 200, plays(KNOWS, do=posts(ticket(), TICKETS))),
    Path("store throttled", 503, under(lambda drill: drill.store("throttled"), posts())),
    Path("store down", 503, under(lambda drill: drill.store("down"), posts(**KEY))),
    Path("store down at the end", 503,
         under(lambda drill: drill.store("down", "TransactWriteItems"), posts())),
    Path("worker killed", 500, by_a_worker_that_is_killed),
    Path("event", None, emits(lambda: event("ticket.opened", ticket()), "ticket.opened")),
    Path("event, echoed", None,
         plays(ECHO, do=emits(lambda: event("ticket.opened", ticket()), "ticket.opened"))),
    Path("event, cached", None, emits(lambda: event("review.submitted", SAME))),
    Path("event, first time", None, emits(lambda: ONCE)),
    Path("event, second time", None, emits(lambda: ONCE)),
    Path("event in a circle", None, emits(lambda: submitted(hops=8))),
    Path("event with unknown attributes", None, emits(lambda: submitted(customer=MAIL))),
    Path("event that does not fit", None, emits(lambda: submitted(data={NAME: MAIL}))),
    Path("event of nobody", None, emits(lambda: submitted(team="nobody"))),
    Path("event of a team without the role", None, emits(lambda: submitted(team="helpdesk"))),
    Path("event of another zone", None, emits(lambda: submitted(team="us-support"))),
    Path("event of a team named by mail", None, emits(lambda: submitted(team=MAIL))),
    Path("message that is no event", None, emits(lambda: {NAME: MAIL, "data": SAID})),
    Path("message that is no JSON", None, emits(lambda: SAID)),
    Path("event, models down", None,
         plays(failing("ModelErrorException", message=SAID), do=emits(submitted))),
    Path("event, store down", None, under(lambda drill: drill.store("down"), emits(submitted))),
    Path("event by HTTP", 202, lambda drill: drill.send("/v1/events", submitted())),
    Path("event by HTTP that does not fit", 422,
         lambda drill: drill.send("/v1/events", submitted(data={NAME: MAIL}))),
    Path("events by HTTP, some of which do not fit", 202,
         lambda drill: drill.send("/v1/events", [submitted(), submitted(data={NAME: MAIL})])),
    Path("batch", 200, lambda drill: drill.send(BATCH, {"items": [{"input": review()}]})),
    Path("batch that does not fit", 200,
         lambda drill: drill.send(BATCH, {"items": [{"input": {NAME: MAIL}}]})),
    Path("done later", 200, done_later),
    Path("done later, refused", 200,
         plays(failing("ValidationException", message=SAID), do=done_later)),
    Path("detector broken", 500,
         under(lambda drill: drill.damaged(DETECTOR, None), emits(submitted), posts())),
]  # fmt: skip


@pytest.fixture(scope="module")
def blamed() -> set[str]:
    """What was found after an earlier path, and is not this one's fault."""
    return set()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_personal_data_stays_where_it_belongs(path: Path, drill: Drill, blamed: set[str]) -> None:
    response = path.do(drill)

    seen = told(drill)
    if response is not None:
        seen["headers"] = str(response.headers)
        # A batch, and a run that was done later, tell of a problem in a reply that is none.
        is_problem = response.is_error or '"problem"' in response.text
        seen["problem"] = response.text if is_problem else ""
    leaks = {where: new for where, text in seen.items() if (new := found_in(text) - blamed)}
    blamed.update(*leaks.values())
    assert leaks == {}
    assert response is None or response.status_code == path.status, response.text


def test_only_the_body_of_a_dead_letter_holds_what_was_sent(drill: Drill) -> None:
    def given_up() -> list[dict[str, Any]]:
        return [letter for letter in dead_letters(drill) if letter["Body"] == SAID]

    drill.publish(SAID, "review.submitted", REVIEWS)
    (letter, *_) = eventually(given_up)
    assert found_in(str({**letter, "Body": ""})) == set()


def test_after_all_this_nothing_that_is_kept_holds_personal_data(drill: Drill) -> None:
    assert {where: found for where, text in kept(drill).items() if (found := found_in(text))} == {}


def test_the_search_finds_what_is_there(drill: Drill) -> None:
    assert found_in(recorded_outcomes(drill)), "the one place that holds what the caller got"
    assert all(told(drill).values())
    assert all(drill.items(table) for table in ("Ledger", "Budgets", "Cache", "Memory"))
