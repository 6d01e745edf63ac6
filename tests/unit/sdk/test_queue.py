"""The queue keeps what was accepted, sends it in its turn, and deletes it when answered."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehouse_sdk import GatehouseError, IdempotencyKeyReused, Outcome, PayloadTooLarge
from gatehouse_sdk._queue_store import QueueStore
from gatehouse_sdk.queue import Flushed, Queue, Queued, QueueLimits
from tests.unit.sdk.cases import FakeClock
from tests.unit.sdk.fakes import FakeGatehouse, Recorder, client_of, keys_in, problem, reply

DAY = 24 * 3600.0
AGENT = "ticket_summary"


class Desk:
    """A queue with everything around it."""

    def __init__(self, path: Path, limits: QueueLimits | None = None) -> None:
        self.path = path
        self.limits = limits or QueueLimits()
        self.clock = FakeClock()
        self.gatehouse = FakeGatehouse()
        self.telling = Recorder()
        self.answers: list[tuple[str, Any]] = []
        self.buried: list[tuple[str, str]] = []
        self.queue = self.reopened()

    def reopened(self) -> Queue:
        """The same file, as another process would open it."""
        return Queue(
            self.path,
            client_of(self.gatehouse, self.clock, self.telling.hooks),
            on_delivered=lambda queued, answer: self.answers.append((queued.call.key, answer)),
            on_dead=lambda queued, error: self.buried.append((queued.call.key, error.slug)),
            limits=self.limits,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "queue.db")
    with desk.queue:
        yield desk


def test_what_is_enqueued_is_sent_in_order_and_deleted_when_answered(desk: Desk) -> None:
    keys = [desk.queue.enqueue(AGENT, {"n": n}) for n in range(3)]
    assert desk.queue.flush() == Flushed(delivered=3, dead=0, waiting=0)
    assert keys_in(desk.gatehouse.requests) == [f'"{key}"' for key in keys]
    assert [(key, answer.output) for key, answer in desk.answers] == [
        (key, {"n": n}) for n, key in enumerate(keys)
    ]
    assert desk.queue.flush() == Flushed(0, 0, 0)


def test_a_restart_sends_the_same_key_and_the_same_bytes(desk: Desk) -> None:
    desk.gatehouse.online = False
    key = desk.queue.enqueue(AGENT, {"text": "Grüße", "b": 1, "a": 2}, workflow="first-line")
    desk.queue.flush()
    desk.queue.close()
    desk.gatehouse.online = True
    desk.clock.now += 120
    with desk.reopened() as queue:
        assert queue.flush().delivered == 1
    first, second = desk.gatehouse.requests
    assert first.body == second.body == '{"input":{"text":"Grüße","b":1,"a":2}}'.encode()
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == f'"{key}"'
    assert second.headers["X-Workflow"] == "first-line"


def test_offline_one_call_is_tried_and_the_rest_waits(desk: Desk) -> None:
    desk.gatehouse.online = False
    for n in range(5):
        desk.queue.enqueue(AGENT, {"n": n})
    assert desk.queue.flush() == Flushed(0, 0, 5)
    assert len(desk.gatehouse.requests) == 1


def test_a_reply_that_is_lost_after_the_work_was_done_doubles_nothing(desk: Desk) -> None:
    key = desk.queue.enqueue(AGENT, {})
    desk.gatehouse.applied[key] = 1  # it was done, and the answer never came
    desk.queue.flush()
    assert desk.gatehouse.applied == {key: 1}
    assert desk.answers[0][1].replayed


def test_a_double_click_is_kept_once(desk: Desk) -> None:
    for _ in range(2):
        assert desk.queue.enqueue(AGENT, {"n": 1}, idempotency_key="click-81") == "click-81"
    assert len(desk.queue.waiting()) == 1
    assert desk.telling.actions == ["enqueued"]
    with pytest.raises(IdempotencyKeyReused):
        desk.queue.enqueue(AGENT, {"n": 2}, idempotency_key="click-81")


def test_events_are_queued_with_the_id_that_they_keep(desk: Desk) -> None:
    desk.gatehouse.online = False
    desk.queue.publish({"source": "/shop", "type": "order.created", "data": {"order": 7}})
    desk.queue.flush()
    desk.gatehouse.online = True
    desk.clock.now += 120
    assert desk.queue.flush().delivered == 1
    first, second = desk.gatehouse.requests
    assert first.body == second.body
    assert list(desk.gatehouse.applied.values()) == [1]
    assert desk.answers[0][1].status == 202


def test_an_event_that_is_refused_is_a_dead_letter(desk: Desk) -> None:
    refused = {"type": "urn:gatehouse:problem:invalid-input", "detail": "d", "retryable": False}
    item = {"id": "T-1", "status": 422, "problem": refused}
    desk.gatehouse.replies = [reply(202, {"results": [item]})]
    desk.queue.publish({"id": "T-1", "source": "/shop", "type": "order.created", "data": {}})
    assert desk.queue.flush() == Flushed(delivered=0, dead=1, waiting=0)
    assert desk.buried == [("/shop T-1", "invalid-input")]


@pytest.mark.parametrize(
    ("status", "slug"),
    [(422, "invalid-input"), (404, "unknown-agent"), (502, "model-refused")],
)
def test_what_can_never_work_is_a_dead_letter_and_the_next_is_sent(
    desk: Desk, status: int, slug: str
) -> None:
    bad = desk.queue.enqueue(AGENT, {"n": 1})
    desk.queue.enqueue(AGENT, {"n": 2})
    desk.gatehouse.replies = [problem(status, slug, retryable=False)]
    assert desk.queue.flush() == Flushed(delivered=1, dead=1, waiting=0)
    assert desk.buried == [(bad, slug)]
    (letter,) = desk.queue.dead_letters()
    assert (letter.slug, letter.status, letter.queued.call.key) == (slug, status, bad)
    assert desk.telling.actions[-2:] == ["dead", "delivered"]


def test_a_dead_letter_can_be_revived_or_discarded(desk: Desk) -> None:
    keys = [desk.queue.enqueue(AGENT, {"n": n}) for n in range(2)]
    desk.gatehouse.replies = [problem(403, "access-denied", retryable=False)] * 2
    desk.queue.flush()
    assert desk.queue.discard(keys[0])
    assert desk.queue.revive(keys[1])
    assert not desk.queue.revive("nobody")
    assert desk.queue.flush() == Flushed(delivered=1, dead=0, waiting=0)
    assert list(desk.gatehouse.applied) == [keys[1]]


def test_enqueuing_a_dead_letter_again_lets_it_wait_again(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {}, idempotency_key="click-81")
    desk.gatehouse.replies = [problem(403, "access-denied", retryable=False)]
    desk.queue.flush()
    desk.queue.enqueue(AGENT, {}, idempotency_key="click-81")
    assert desk.queue.flush().delivered == 1


def test_what_may_work_later_waits_for_as_long_as_the_server_says(desk: Desk) -> None:
    later = problem(503, "model-unavailable", retryable=True, **{"retry-after": "90"})
    desk.queue.enqueue(AGENT, {})
    desk.gatehouse.replies = [later]
    assert desk.queue.flush() == Flushed(0, 0, 1)
    desk.clock.now += 89
    assert desk.queue.flush().delivered == 0
    desk.clock.now += 2
    assert desk.queue.flush().delivered == 1


def test_a_long_outage_is_looked_at_once_an_hour(desk: Desk) -> None:
    later = problem(429, "budget-exhausted", retryable=True, **{"retry-after": "900000"})
    desk.queue.enqueue(AGENT, {})
    desk.gatehouse.replies = [later]
    desk.queue.flush()
    desk.clock.now += 3601
    assert desk.queue.flush().delivered == 1


@pytest.mark.parametrize("status", [401, 429])
def test_a_login_or_a_quota_that_ran_out_loses_nothing(desk: Desk, status: int) -> None:
    slug = {401: "unauthenticated", 429: "quota-exceeded"}[status]
    desk.queue.enqueue(AGENT, {})
    desk.gatehouse.replies = [problem(status, slug, retryable=False)]
    assert desk.queue.flush() == Flushed(0, 0, 1)
    desk.clock.now += 120
    assert desk.queue.flush().delivered == 1


def test_a_login_page_that_answers_200_does_not_delete_anything(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {})
    desk.gatehouse.replies = [reply(200, "<html>Log in</html>")]
    assert desk.queue.flush() == Flushed(0, 0, 1)


def test_after_six_days_a_call_is_never_sent(desk: Desk) -> None:
    key = desk.queue.enqueue(AGENT, {})
    desk.clock.now += 6 * DAY
    assert desk.queue.flush() == Flushed(delivered=0, dead=1, waiting=0)
    assert desk.buried == [(key, "expired")]
    assert not desk.gatehouse.requests


def test_a_claimed_call_is_nobody_elses_until_the_lease_ends(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {})
    store = QueueStore(desk.path)
    now = desk.clock.now
    assert store.claim(now, 90, now - DAY) is not None  # and then its process is killed
    assert store.claim(now + 89, 90, now - DAY) is None
    again = store.claim(now + 91, 90, now - DAY)
    assert again is not None
    assert again.attempts == 1
    store.close()


def test_a_worker_that_lost_its_lease_does_not_disturb_the_next(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {})
    store = QueueStore(desk.path)
    now = desk.clock.now
    slow = store.claim(now, 90, now - DAY)
    fast = store.claim(now + 91, 90, now - DAY)
    assert slow is not None
    assert fast is not None
    store.postpone(slow, now)
    assert store.claim(now + 92, 90, now - DAY) is None
    assert store.forget(fast)
    assert not store.forget(slow)
    store.close()


def test_a_clock_that_was_set_back_holds_nothing_up(desk: Desk) -> None:
    desk.gatehouse.online = False
    desk.queue.enqueue(AGENT, {})
    desk.queue.flush()
    desk.gatehouse.online = True
    desk.clock.now -= 30 * DAY
    assert desk.queue.flush().delivered == 1


def test_a_full_queue_drops_its_oldest_and_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "queue.db", QueueLimits(max_items=3))
    with desk.queue as queue:
        keys = [queue.enqueue(AGENT, {"n": n}) for n in range(4)]
        assert [queued.call.key for queued in queue.waiting()] == keys[1:]
    assert desk.telling.keys_of("dropped") == keys[:1]


def test_a_queue_is_bounded_in_bytes_too_and_lets_dead_letters_go_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "queue.db", QueueLimits(max_bytes=100))
    with desk.queue as queue:
        alive = queue.enqueue(AGENT, {"text": "a" * 20})
        dead = queue.enqueue("other", {"text": "b" * 20})
        desk.gatehouse.replies = [problem(503, "internal", retryable=True)]
        desk.gatehouse.replies += [problem(404, "unknown-agent", retryable=False)]
        queue.flush()
        newest = queue.enqueue(AGENT, {"text": "c" * 20})
        assert [queued.call.key for queued in queue.waiting()] == [alive, newest]
        assert not queue.dead_letters()
        assert dead in desk.telling.keys_of("dropped")
        with pytest.raises(PayloadTooLarge):
            queue.enqueue(AGENT, {"text": "d" * 100})


def test_a_host_that_cannot_take_an_answer_is_told_it_again(tmp_path: Path) -> None:
    told: list[Queued] = []

    def fail_once(queued: Queued, answer: object) -> None:
        told.append(queued)
        if len(told) == 1:
            raise OSError

    gatehouse, clock = FakeGatehouse(), FakeClock()
    client = client_of(gatehouse, clock)
    with Queue(tmp_path / "queue.db", client, on_delivered=fail_once) as queue:
        key = queue.enqueue(AGENT, {})
        with pytest.raises(OSError):  # noqa: PT011  # the host's own error, as it is
            queue.flush()
        clock.now += 120
        assert queue.flush().delivered == 1
    assert len(told) == 2
    assert gatehouse.applied == {key: 1}


def test_a_token_that_cannot_be_fetched_leaves_the_call_where_it_is(tmp_path: Path) -> None:
    def no_token() -> str:
        raise KeyError

    client = client_of(FakeGatehouse())
    client._token._ask = no_token  # noqa: SLF001  # the identity provider is down
    with Queue(tmp_path / "queue.db", client) as queue:
        queue.enqueue(AGENT, {})
        with pytest.raises(KeyError):
            queue.flush()
        assert queue.waiting()[0].lease is None


def test_clearing_leaves_nothing(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {"text": "secret-of-a-user"})
    desk.queue.clear()
    desk.queue.close()
    assert b"secret-of-a-user" not in desk.path.read_bytes()


def test_only_its_owner_can_read_the_file(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {})
    for path in desk.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_file_of_a_newer_version_is_left_alone(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {})
    with desk.queue._store._database.transaction() as db:  # noqa: SLF001  # what a newer version would do
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(Exception, match="newer version"):
        desk.reopened().waiting()


def test_a_forked_child_uses_the_queue_and_its_parent_goes_on(desk: Desk) -> None:
    desk.queue.enqueue(AGENT, {"by": "parent"})
    child = os.fork()
    if child == 0:
        desk.queue.enqueue(AGENT, {"by": "child"})
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    desk.queue.enqueue(AGENT, {"by": "parent"})
    bodies = [json.loads(queued.call.body)["input"]["by"] for queued in desk.queue.waiting()]
    assert bodies == ["parent", "child", "parent"]


def test_a_background_flusher_sends_what_comes_in(tmp_path: Path) -> None:
    from threading import Event

    arrived = Event()
    client = client_of(FakeGatehouse())
    delivered: list[Outcome] = []

    def remember(queued: Queued, answer: Any) -> None:
        delivered.append(answer)
        arrived.set()

    with Queue(tmp_path / "queue.db", client, on_delivered=remember) as queue:
        queue.start(interval_seconds=3600)
        queue.enqueue(AGENT, {"n": 1})
        assert arrived.wait(10)
    assert delivered[0].output == {"n": 1}


def test_errors_of_the_queue_are_the_clients(desk: Desk) -> None:
    with pytest.raises(GatehouseError, match="malformed-request"):
        desk.queue.enqueue(AGENT, {"n": float("nan")})
