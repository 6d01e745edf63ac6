"""Frames of the event stream, read by the parser that boto3 has."""

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from local.model.errors import BedrockError
from local.model.generation import Event
from local.model.stream import event_frame, failure_frame, frame


def read(frames: bytes) -> list[Any]:
    buffer = EventStreamBuffer()
    buffer.add_data(frames)
    return list(buffer)


@given(
    headers=st.dictionaries(st.text(min_size=1, max_size=40), st.text(max_size=80), max_size=4),
    payload=st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=4),
)
def test_every_frame_is_read_as_it_was_written(headers: dict[str, str], payload: dict[str, object]):
    message, other = read(frame(headers, payload) + frame({}, {}))
    assert message.headers == {**headers, ":content-type": "application/json"}
    assert json.loads(message.payload) == payload
    assert other.payload == b"{}"


def test_an_event_names_its_kind():
    (message,) = read(event_frame(Event("messageStop", {"stopReason": "end_turn"})))
    assert message.headers[":message-type"] == "event"
    assert message.headers[":event-type"] == "messageStop"
    assert json.loads(message.payload) == {"stopReason": "end_turn"}


def test_a_failure_without_a_place_in_the_stream_is_an_error_of_the_model():
    kinds = {
        code: read(failure_frame(BedrockError(code, "As planned.")))[0].headers[":exception-type"]
        for code in ("ThrottlingException", "ModelTimeoutException")
    }
    assert kinds == {
        "ThrottlingException": "throttlingException",
        "ModelTimeoutException": "modelStreamErrorException",
    }
