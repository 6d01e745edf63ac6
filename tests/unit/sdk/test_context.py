"""A conversation keeps its last turns within a budget, and nothing that it should not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehouse_sdk.context import (
    ContextLimits,
    Conversation,
    MemoryTurns,
    SqliteTurns,
    TurnStore,
)
from tests.unit.sdk.cases import FakeClock


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TurnStore]:
    if request.param == "memory":
        yield MemoryTurns()
        return
    turns = SqliteTurns(tmp_path / "turns.db")
    yield turns
    turns.close()


def texts(talk: Conversation) -> list[str]:
    return [message["text"] for message in talk.messages()]


def test_turns_come_back_in_order_and_sessions_do_not_mix(store: TurnStore) -> None:
    one, other = Conversation("one", store=store), Conversation("other", store=store)
    one.add("customer", "Hello")
    other.add("customer", "Bonjour")
    one.add("agent", "Hi")
    assert one.messages() == [
        {"role": "customer", "text": "Hello"},
        {"role": "agent", "text": "Hi"},
    ]
    assert texts(other) == ["Bonjour"]


def test_the_oldest_turns_go_when_the_budget_is_full(store: TurnStore) -> None:
    talk = Conversation(
        "one", store=store, limits=ContextLimits(token_budget=3), count_tokens=lambda _: 1
    )
    for word in "abcde":
        talk.add("customer", word)
    assert texts(talk) == ["c", "d", "e"]
    assert talk.tokens == 3


@given(st.lists(st.text(max_size=60), max_size=12), st.integers(1, 30))
def test_the_budget_is_never_passed_and_what_is_kept_is_the_newest(
    said: list[str], budget: int
) -> None:
    talk = Conversation("one", limits=ContextLimits(token_budget=budget))
    for text in said:
        talk.add("customer", text)
    assert talk.tokens <= budget
    kept = texts(talk)
    whole = [text for text in kept if not text.startswith("…")]
    assert not whole or [t for t in said if t in whole][-1] == whole[-1]
    assert not said or kept, "the newest turn is always there"


def test_a_turn_that_is_too_long_keeps_its_end() -> None:
    talk = Conversation("one", limits=ContextLimits(token_budget=4))
    talk.add("customer", "x" * 100 + " the point")
    (text,) = texts(talk)
    assert text.startswith("…")
    assert text.endswith("the point")


def test_a_conversation_is_forgotten_some_time_after_its_last_word(store: TurnStore) -> None:
    clock = FakeClock()
    limits = ContextLimits(expires_after_seconds=60)
    talk = Conversation("one", store=store, limits=limits, clock=clock)
    talk.add("customer", "a")
    clock.now += 59
    talk.add("customer", "b")
    clock.now += 59
    assert texts(talk) == ["a", "b"]
    clock.now += 2
    assert texts(talk) == []
    assert store.load("one") == []


def test_one_conversation_lets_go_of_others_that_are_over(store: TurnStore) -> None:
    clock = FakeClock()
    Conversation("old", store=store, clock=clock).add("customer", "a")
    clock.now += 1801
    Conversation("new", store=store, clock=clock).add("customer", "b")
    assert store.load("old") == []


def test_clearing_forgets_one_conversation(store: TurnStore) -> None:
    one, other = Conversation("one", store=store), Conversation("other", store=store)
    one.add("customer", "a")
    other.add("customer", "b")
    one.clear()
    assert texts(one) == []
    assert texts(other) == ["b"]


def test_what_the_host_takes_out_is_never_kept(tmp_path: Path) -> None:
    path = tmp_path / "turns.db"
    store = SqliteTurns(path)
    talk = Conversation("one", store=store, redact=lambda text: text.replace("4111", "****"))
    talk.add("customer", "My card 4111")
    store.close()
    assert b"4111" not in path.read_bytes()
    assert texts(Conversation("one", store=SqliteTurns(path))) == ["My card ****"]


def test_without_local_text_nothing_reaches_the_store(store: TurnStore) -> None:
    talk = Conversation("one", store=store, keep_text=False)
    talk.add("customer", "a")
    assert texts(talk) == ["a"]
    assert store.load("one") == []


def test_turns_in_a_file_outlive_their_process(tmp_path: Path) -> None:
    first = SqliteTurns(tmp_path / "turns.db")
    Conversation("one", store=first).add("customer", "a")
    first.close()
    second = SqliteTurns(tmp_path / "turns.db")
    assert texts(Conversation("one", store=second)) == ["a"]
    second.close()
