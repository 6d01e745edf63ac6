"""A reply in parts: the events of ConverseStream, and their frames on the wire.

    items of a backend  →  events  →  frames (application/vnd.amazon.eventstream)

A frame is: total length, length of the headers, CRC-32 of these two, headers, payload, CRC-32 of
all before; numbers are big-endian, 32 bits wide.
"""

import json
import struct
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any
from zlib import crc32

from local.model.backends import Reply
from local.model.errors import BedrockError
from local.model.generation import Block, Event, Generation

_STRING = 7  # the only type of header that Bedrock sends
# The failures that a stream has a place for; any other one is a stream error of the model.
_STREAM_FAILURES = {
    "InternalServerException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "ValidationException",
}


async def events(reply: Reply) -> AsyncGenerator[Event]:
    """Give the events of a reply; none is given before the model has begun to answer."""
    heard = False
    async with aclosing(reply):
        async for item in reply:
            if isinstance(item, Event):
                yield item
                continue
            if not heard:
                yield Event("messageStart", {"role": "assistant"})
            if isinstance(item, str):
                heard = True
                yield _delta(0, {"text": item})
            else:
                for event in _closing(item, heard=heard):
                    yield event


def _closing(generation: Generation, *, heard: bool) -> Iterator[Event]:
    for index, block in enumerate(generation.content):
        if not (heard and index == 0):
            yield from _whole(index, block)
        yield Event("contentBlockStop", {"contentBlockIndex": index})
    yield Event("messageStop", {"stopReason": generation.stop_reason})
    yield Event("metadata", generation.metadata())


def _whole(index: int, block: Block) -> Iterator[Event]:
    if tool := block.get("toolUse"):
        start = {"toolUse": {"toolUseId": tool["toolUseId"], "name": tool["name"]}}
        yield Event("contentBlockStart", {"start": start, "contentBlockIndex": index})
        yield _delta(index, {"toolUse": {"input": json.dumps(tool["input"])}})
    else:
        yield _delta(index, {"text": block["text"]})


def _delta(index: int, delta: Block) -> Event:
    return Event("contentBlockDelta", {"delta": delta, "contentBlockIndex": index})


def event_frame(event: Event) -> bytes:
    """Give the frame of an event."""
    return frame({":event-type": event.kind, ":message-type": "event"}, event.payload)


def failure_frame(error: BedrockError) -> bytes:
    """Give the last frame of a stream that breaks after it has begun."""
    known = error.code if error.code in _STREAM_FAILURES else "ModelStreamErrorException"
    kind = known[0].lower() + known[1:]
    return frame(
        {":exception-type": kind, ":message-type": "exception"}, {"message": error.message}
    )


def frame(headers: Mapping[str, str], payload: Mapping[str, Any]) -> bytes:
    """Give one message of the event stream encoding."""
    named = {**headers, ":content-type": "application/json"}
    head = b"".join(_header(name, value) for name, value in named.items())
    body = json.dumps(payload, separators=(",", ":")).encode()
    prelude = struct.pack("!II", len(head) + len(body) + 16, len(head))
    message = prelude + struct.pack("!I", crc32(prelude)) + head + body
    return message + struct.pack("!I", crc32(message))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack(f"!B{len(key)}sBH", len(key), key, _STRING, len(text)) + text
