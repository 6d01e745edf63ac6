"""What a change of a contract breaks: a table, each verdict of which is put to the proof."""

from random import Random
from typing import Any

import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from cli.contracts.compare import BACKWARD, FORWARD, Direction, changes
from functions.domain.closed import closed
from functions.domain.conformity import validator
from tests.contract.changes import CHANGES, Change
from tests.contract.instances import instances
from tests.contract.schemas import changed, schemas

TRIED = settings(max_examples=20, database=None, phases=[Phase.generate])
SEARCHED = settings(max_examples=2000, database=None, phases=[Phase.generate])
DIRECTIONS = pytest.mark.parametrize("direction", [BACKWARD, FORWARD], ids=lambda d: d.change)


def named(change: Change) -> str:
    return change.name


class Judge:
    """Whether data that may be written under one contract can be read under the other."""

    def __init__(self, before: Any, after: Any, direction: Direction) -> None:
        self.writes, reads = (before, after) if direction is BACKWARD else (after, before)
        if isinstance(reads, dict) and direction is BACKWARD:
            reads = closed(reads)
        self._may_write = validator(closed(self.writes)).is_valid
        self._can_read = validator(reads).is_valid

    def may_write(self, value: object) -> bool:
        return bool(self._may_write(value))

    def refutes(self, value: object) -> bool:
        return self.may_write(value) and not self._can_read(value)


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len({change.name for change in CHANGES}) == len(CHANGES) >= 40


@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_the_verdict_names_the_place_and_the_rule(change: Change) -> None:
    for direction, expected in ((BACKWARD, change.backward), (FORWARD, change.forward)):
        found = changes(change.before, change.after, direction)
        assert [(gap.at, rule) for rule, gap in found] == [*expected], [*found]


@DIRECTIONS
@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_data_bears_the_verdict_out(change: Change, direction: Direction) -> None:
    judge = Judge(change.before, change.after, direction)
    rules = {rule for rule, _ in changes(change.before, change.after, direction)}
    written = instances(judge.writes)
    if not rules:
        with pytest.raises(NoSuchExample):
            find(written, judge.refutes, settings=TRIED, random=Random(7))
    elif not rules & {"not-provable", "pattern-narrowed"}:
        assert judge.refutes(find(written, judge.refutes, settings=SEARCHED, random=Random(7)))


@given(before=schemas(), data=st.data())
@settings(max_examples=60)
def test_whatever_fits_a_contract_fits_every_later_one(before: Any, data: st.DataObject) -> None:
    after = data.draw(changed(before))
    assume(isinstance(before, dict) and isinstance(after, dict) and before != after)
    for direction in (BACKWARD, FORWARD):
        if not changes(before, after, direction):
            judge = Judge(before, after, direction)
            written = instances(judge.writes)
            assume(not written.is_empty)
            value = data.draw(written)
            assert not judge.refutes(value), direction.change
