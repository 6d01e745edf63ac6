"""Whether words of a model really stand in a text: its output is a claim, not evidence."""

import re

WIDEST_GAP = 16


def locate(quote: str, text: str) -> str | None:
    """The place of ``text`` that reads like ``quote``, exactly as it stands there.

    Case and white space may differ, since a model evens them out; letters may not, and a part of a
    word is no quote of it.
    """
    words = quote.split()
    if not words:
        return None
    # Bounded, or a text of nothing but blanks between two words would be a quote of any length.
    pattern = (
        r"(?<!\w)" + rf"\s{{1,{WIDEST_GAP}}}".join(re.escape(word) for word in words) + r"(?!\w)"
    )
    found = re.search(pattern, text, flags=re.IGNORECASE)
    return found.group() if found else None


def on_one_line(quote: str) -> str:
    return " ".join(quote.split())
