"""Looking at dead letters and moving them: nothing is lost, and everything comes to an end."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.dead_letters import moves
from cli.dead_letters.look import BARREN_SECONDS, HIDDEN_SECONDS, Look
from cli.dead_letters.moves import Pace
from cli.dead_letters.tally import tally
from tests.unit.cli.fake_sqs import (
    DEAD,
    NOW,
    QUEUES,
    WORK,
    FakeSqs,
    failure,
    order,
    reach,
)


def unpaced() -> Pace:
    return Pace(per_second=None)


def ignore(left: int) -> None:
    pass


def redrive(sqs: FakeSqs, pace: Pace | None = None, **conditions: Any) -> frozenset[str]:
    return moves.redrive(reach(sqs), order(**conditions), pace or unpaced(), ignore).ids


def test_letters_go_back_and_leave_the_queue():
    sqs = FakeSqs()
    ids = {sqs.bury(str(number)) for number in range(25)}
    assert redrive(sqs) == ids
    assert sqs.bodies(WORK) == [str(number) for number in range(25)]
    assert sqs.bodies(DEAD) == []
    assert not sqs.hidden


def test_a_letter_is_deleted_after_its_copy_was_sent_and_before_the_next_one():
    sqs = FakeSqs()
    sqs.bury("a")
    sqs.bury("b")
    redrive(sqs)
    assert sqs.calls == ["receive", "send", "delete", "send", "delete", "receive"]


def test_a_letter_whose_copy_was_refused_stays():
    sqs = FakeSqs(fail={"send": failure("AccessDenied")})
    sqs.bury("a")
    with pytest.raises(ClientError):
        redrive(sqs)
    assert (sqs.bodies(DEAD), sqs.bodies(WORK)) == (["a"], [])


def test_a_letter_that_cannot_be_deleted_is_in_both_queues():
    sqs = FakeSqs(fail={"delete": failure("ServiceUnavailable")})
    sqs.bury("a")
    with pytest.raises(ClientError):
        redrive(sqs)
    assert (sqs.bodies(DEAD), sqs.bodies(WORK)) == (["a"], ["a"])


def test_only_what_is_meant_goes_and_the_rest_is_given_back():
    sqs = FakeSqs()
    for number in range(15):
        sqs.bury(str(number), reason="internal" if number % 3 else "malformed-request")
    assert len(redrive(sqs, reason="malformed-request")) == 5
    assert sorted(sqs.bodies(WORK), key=int) == ["0", "3", "6", "9", "12"]
    assert len(sqs.bodies(DEAD)) == 10
    assert not sqs.hidden


def test_what_fails_again_at_once_is_left_for_another_time():
    sqs = FakeSqs()
    sqs.on_send = lambda sent: _fails_again(sqs, sent)
    for number in range(30):
        sqs.bury(str(number))
    assert len(redrive(sqs)) == 30
    assert sqs.calls.count("send") == 30
    assert sorted(sqs.bodies(DEAD), key=int) == [str(number) for number in range(30)]


def _fails_again(sqs: FakeSqs, sent: dict[str, Any]) -> None:
    assert sqs.calls.count("send") <= 30, "it would never end"
    sqs.bury(sent["MessageBody"], sent=NOW + timedelta(seconds=1))


def test_a_look_ends_while_new_letters_keep_coming():
    class Trickle(FakeSqs):
        """A new letter before each look."""

        def receive_message(self, **asked: Any) -> dict[str, Any]:
            self.bury(sent=NOW + timedelta(minutes=1))
            return super().receive_message(**asked)

    sqs, seconds = Trickle(), iter(range(1000))
    old = sqs.bury()
    with Look(
        reach=reach(sqs),
        queues=QUEUES,
        before=NOW + timedelta(seconds=1),
        clock=lambda: float(next(seconds)),
    ) as look:
        assert [letter.message_id for letter in look] == [old]
    assert sqs.calls.count("receive") <= BARREN_SECONDS + 2
    assert not sqs.hidden, "all are given back"


class Forgetful(FakeSqs):
    """Hides nothing, so that it always hands out the first letters of its queue."""

    patience = 1000

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        got = super().receive_message(**asked).get("Messages", [])
        if self.calls.count("receive") <= self.patience:
            self.held[asked["QueueUrl"]][:0] = got
        return {"Messages": [dict(each) for each in got]}


def test_a_letter_that_shows_itself_again_is_looked_at_once():
    sqs = Forgetful()
    sqs.patience = 2
    sqs.bury("a")
    with Look(reach=reach(sqs), queues=QUEUES, before=NOW + timedelta(seconds=1)) as look:
        assert [letter.body for letter in look] == ["a"]
    assert not look.was_cut


def test_a_look_that_does_not_come_to_all_letters_says_so():
    sqs, seconds = Forgetful(), iter(range(1000))
    for number in range(15):
        sqs.bury(str(number))
    look = Look(
        reach=reach(sqs),
        queues=QUEUES,
        before=NOW + timedelta(seconds=1),
        clock=lambda: float(next(seconds)),
    )
    with look:
        assert len(list(look)) == 10
    assert look.was_cut


def test_looking_gives_back_what_it_saw_even_when_it_breaks():
    sqs = FakeSqs()
    sqs.bury("a")
    look = Look(reach=reach(sqs), queues=QUEUES, before=NOW + timedelta(seconds=1))
    with pytest.raises(RuntimeError), look:
        _break_at_the_first(look)
    assert sqs.bodies(DEAD) == ["a"]


def _break_at_the_first(look: Look) -> None:
    for _ in look:
        raise RuntimeError


def test_a_preview_changes_nothing():
    sqs = FakeSqs()
    sqs.bury("a", reason="internal")
    sqs.bury("b")
    found = moves.preview(reach(sqs), order(reason="internal"))
    assert [letter.body for letter in found] == ["a"]
    assert sorted(sqs.bodies(DEAD)) == ["a", "b"]
    assert "send" not in sqs.calls
    assert "delete" not in sqs.calls


def test_purged_letters_are_gone_and_were_sent_nowhere():
    sqs = FakeSqs()
    sqs.bury("a", dead_lettered_at="2026-10-01T00:00:00+00:00")
    sqs.bury("b")
    week_ago = NOW - timedelta(days=7)
    gone = moves.purge(reach(sqs), order(dead_before=week_ago), unpaced(), ignore)
    assert len(gone.ids) == 1
    assert (sqs.bodies(DEAD), sqs.bodies(WORK)) == (["b"], [])


def test_stopping_finishes_the_letter_in_hand():
    sqs, pace = FakeSqs(), unpaced()
    sqs.on_send = lambda sent: pace.stop.set()
    for body in "abc":
        sqs.bury(body)
    assert len(redrive(sqs, pace)) == 1
    assert (sqs.bodies(WORK), sqs.bodies(DEAD)) == (["a"], ["b", "c"])


class Waits(Event):
    """Keeps how long was waited instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        return self.is_set()


def test_letters_go_no_faster_than_the_rate():
    sqs, waits = FakeSqs(), Waits()
    for body in "abc":
        sqs.bury(body)
    redrive(sqs, Pace(per_second=2, stop=waits, clock=lambda: 100.0))
    assert waits.seconds == [0.5, 1.0]


def test_nothing_is_sent_before_the_bound_of_the_order_has_passed():
    sqs, waits = FakeSqs(), Waits()
    sqs.bury("a")
    pace = Pace(per_second=None, not_before=101.0, stop=waits, clock=lambda: 100.0)
    redrive(sqs, pace)
    assert waits.seconds == [1.0]


@pytest.mark.parametrize(("per_second", "batch"), [(None, 10), (50, 10), (0.1, 6), (0.05, 3)])
def test_no_letter_shows_itself_again_before_its_turn(per_second: float | None, batch: int):
    pace = Pace(per_second=per_second)
    assert pace.batch == batch
    assert per_second is None or batch / per_second <= HIDDEN_SECONDS / 2


def test_a_tally_counts_by_reason_with_the_oldest():
    sqs = FakeSqs()
    sqs.bury(reason="internal")
    sqs.bury(reason="internal", dead_lettered_at="2026-11-01T00:00:00+00:00")
    sqs.bury(reason="malformed-request")
    found = tally(reach(sqs), QUEUES, limit=100)
    assert [(share.reason, share.count) for share in found.shares] == [
        ("internal", 2),
        ("malformed-request", 1),
    ]
    assert found.oldest == NOW - timedelta(days=1, hours=9, minutes=30)
    assert not found.is_sample
    assert len(sqs.bodies(DEAD)) == 3


@pytest.mark.parametrize(
    ("letters", "is_sample"), [(9, False), (10, False), (11, True), (12, True)]
)
def test_a_tally_says_when_it_looked_at_a_sample_only(letters: int, *, is_sample: bool):
    sqs = FakeSqs()
    for _ in range(letters):
        sqs.bury()
    found = tally(reach(sqs), QUEUES, limit=10)
    assert (found.counted, found.is_sample) == (min(letters, 10), is_sample)
    assert found.filling.total == letters


def test_an_empty_queue_is_not_looked_at():
    sqs = FakeSqs()
    assert tally(reach(sqs), QUEUES, limit=10).shares == ()
    assert sqs.calls == []


def test_where_sources_are_not_named_a_silent_letter_was_moved():
    sqs = FakeSqs()
    sqs.bury()
    found = tally(reach(sqs, names_sources=False), QUEUES, limit=10)
    assert [share.reason for share in found.shares] == ["crashed"]
