"""As much of a thread as a model should read: its beginning, and as much of its end as fits.

The first message says what the matter is, the last ones how it stands; what is left out between
them is counted, so that nobody takes the summary of a part for one of the whole.
"""

from dataclasses import dataclass

from .contract import Message, Thread

MOST_CHARACTERS = 3000
LONGEST_MESSAGE = 800
CUT = " […]"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The messages that are read, by time, each on one line."""

    messages: tuple[Message, ...]
    left_out: int
    shortened: int

    @property
    def text(self) -> str:
        first, *last = [f"{message.role}: {message.text}" for message in self.messages]
        gap = [f"({self.left_out} messages are left out here)"] if self.left_out else []
        return "\n".join([first, *gap, *last])


def excerpt(thread: Thread) -> Excerpt:
    """The beginning and the end of a thread."""
    by_time = sorted(thread.messages, key=lambda message: message.at)
    first, *rest = [_on_one_line(message) for message in by_time]
    left = MOST_CHARACTERS - len(first.text)
    last: list[Message] = []
    while rest and len(rest[-1].text) <= left:
        left -= len(rest[-1].text)
        last.insert(0, rest.pop())
    kept = (first, *last)
    return Excerpt(kept, len(rest), sum(message.text.endswith(CUT) for message in kept))


def _on_one_line(message: Message) -> Message:
    """A message with line breaks could write the next speaker's line itself."""
    text = " ".join(message.text.split())
    if len(text) > LONGEST_MESSAGE:
        text = text[:LONGEST_MESSAGE].rsplit(" ", 1)[0] + CUT
    return message.model_copy(update={"text": text})
