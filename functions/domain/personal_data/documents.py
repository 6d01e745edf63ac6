"""Many short texts as few long documents, for a detector that is paid and waited for by the call.

    texts ── joined by line breaks ── cut into documents ── found ──▶ findings of each text

A value is one line, so a service reads it in its context, and no value is a call of its own.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from functions.domain.personal_data.entities import Finding

Find = Callable[[str], list[Finding]]
BREAK = "\n"


def find_in_documents(texts: Sequence[str], find: Find, most_bytes: int) -> list[list[Finding]]:
    """What ``find`` finds in each of the texts, asked about documents of ``most_bytes`` at most.

    A finding that reaches over several texts counts for its part in each of them.

    Raises:
        ValueError: a finding lies outside its document, so nobody knows what was found.
    """
    # A lone surrogate cannot be sent; what stands in for it has the same length.
    sendable = [text.encode(errors="replace").decode() for text in texts]
    starts = list(accumulate((len(text) + len(BREAK) for text in sendable), initial=0))
    found: list[list[Finding]] = [[] for _ in texts]
    for offset, document in documents(BREAK.join(sendable), most_bytes):
        for finding in find(document):
            if not 0 <= finding.start < finding.end <= len(document):
                msg = f"a finding reaches from {finding.start} to {finding.end}, beyond its text"
                raise ValueError(msg)
            _share(finding, offset, starts, found)
    return found


def documents(text: str, most_bytes: int) -> Iterator[tuple[int, str]]:
    """Cut ``text`` at line breaks or white space; each piece with its place in characters.

    Pieces in which there is nothing to read are left out.
    """
    start = 0
    while start < len(text):
        end = _end(text, start, most_bytes)
        if any(char.isalnum() for char in text[start:end]):
            yield start, text[start:end]
        start = end


def _end(text: str, start: int, most_bytes: int) -> int:
    whole = text[start : start + most_bytes]  # a character has one byte at least
    fitting = whole.encode()[:most_bytes].decode(errors="ignore")
    end = start + len(fitting)
    if end == len(text):
        return end
    for is_border in (BREAK.__eq__, str.isspace):
        for place in range(end - 1, start, -1):
            if is_border(text[place]):
                return place + 1
    return end


def _share(
    finding: Finding, offset: int, starts: Sequence[int], found: list[list[Finding]]
) -> None:
    begin, end = finding.start + offset, finding.end + offset
    first = bisect_right(starts, begin) - 1
    for place in range(first, min(bisect_right(starts, end - 1), len(found))):
        here = starts[place]
        last = starts[place + 1] - len(BREAK)
        part = finding._replace(start=max(begin, here) - here, end=min(end, last) - here)
        if part.start < part.end:
            found[place].append(part)
