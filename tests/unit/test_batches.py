"""Many small inputs in one request."""

import pytest

from functions.domain.errors import InvalidInput, MalformedRequest
from functions.entrypoints.batches import MOST_ITEMS, done
from functions.pipeline.run import pipeline
from tests import fakes
from tests.unit.http_events import request


def test_each_item_has_a_result_of_its_own_in_its_place():
    items = [{"input": {"word": "one"}}, {"input": {"word": ""}}, {"input": {"word": "three"}}]
    model = fakes.FakeModel(['{"word": "one"}', '{"word": "three"}'])
    runs = pipeline(fakes.parts(model=model))
    first, second, third = done(request({"items": items}), fakes.run(), runs)["items"]
    assert (first["status"], first["outcome"]["output"]) == (200, {"word": "one"})
    assert second["status"] == second["problem"]["status"] == 422
    assert (third["status"], third["outcome"]["output"]) == (200, {"word": "three"})
    assert first["outcome"]["id"] != third["outcome"]["id"]


def test_each_item_is_charged_for_itself():
    books = fakes.FakeBooks()
    items = [{"input": {"word": word}} for word in ("one", "two")]
    done(request({"items": items}), fakes.run(), pipeline(fakes.parts(books=books)))
    assert [cost for _, _, cost in books.lines] == [150, 150]
    assert books.available == 10_000_000 - 300


def test_an_item_with_a_key_is_done_once_whatever_batch_it_comes_in():
    memory, model = fakes.FakeMemory(), fakes.FakeModel()
    runs = pipeline(fakes.parts(memory=memory, model=model))
    batch = {"items": [{"input": {"word": "hello"}, "key": "k-1"}]}
    first, second = (done(request(batch), fakes.run(), runs)["items"][0] for _ in range(2))
    assert first["outcome"]["id"] == second["outcome"]["id"]
    assert len(model.questions) == 1


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ("text", "/items/1"),
        ({"word": "hello"}, "/items/1"),
        ({"input": {"word": "a"}, "more": 1}, "/items/1"),
        ({"input": {"word": "a"}, "key": 7}, "/items/1/key"),
    ],
)
def test_an_item_that_is_none_says_where_it_is(item: object, pointer: str):
    batch = {"items": [{"input": {"word": "a"}}, item]}
    good, bad = done(request(batch), fakes.run(), pipeline(fakes.parts()))["items"]
    assert (good["status"], bad["status"]) == (200, 422)
    assert bad["problem"]["violations"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body", [{}, [], {"items": []}, {"items": [{}] * (MOST_ITEMS + 1)}, {"items": [], "x": 1}]
)
def test_what_is_no_batch_is_refused(body: object):
    with pytest.raises(InvalidInput):
        done(request(body), fakes.run(), pipeline(fakes.parts()))


def test_a_key_for_the_whole_batch_is_refused_rather_than_ignored():
    sent, like = request({"items": [{"input": {"word": "a"}}]}), fakes.run(idempotency_key="k")
    with pytest.raises(MalformedRequest, match="each item"):
        done(sent, like, pipeline(fakes.parts()))


def test_an_item_that_breaks_something_is_told_beside_the_others():
    def breaks(_: object) -> None:
        raise ZeroDivisionError

    (only,) = done(request({"items": [{"input": {}}]}), fakes.run(), breaks)["items"]  # type: ignore[arg-type]  # it never returns
    assert (only["status"], only["problem"]["type"]) == (500, "urn:gatehouse:problem:internal")
