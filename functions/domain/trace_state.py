"""How much of a ``tracestate`` is passed on.

W3C Trace Context asks for at least 512 characters. Other vendors' entries beyond that are left out
in the order that it names: those of more than 128 characters first, then the last. What cannot be
read, or has more than 32 entries, is left out as a whole by OpenTelemetry; the trace goes on.
"""

MOST_CHARACTERS = 512
LONG_ENTRY = 128


def within_limits(tracestate: str) -> str:
    """The header, or as many of its entries as are passed on."""
    if len(tracestate) <= MOST_CHARACTERS:
        return tracestate
    entries = [entry.strip() for entry in tracestate.split(",")]
    while len(",".join(entries)) > MOST_CHARACTERS:
        long = next((e for e in reversed(entries) if len(e) > LONG_ENTRY), entries[-1])
        entries.remove(long)
    return ",".join(entries)
