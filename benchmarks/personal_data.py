"""How long the detector of personal data takes, on texts that were written by hand.

The texts are the committed ones: business text full of ids and dates, and sentences full of names.
A message is one sentence; 2 KB is cut from all of them, each time at another place. Each text is
taken a few times and its best counts: the p99 is that of texts, not of what else the machine did.
"""

import statistics
import time
from collections.abc import Iterator, Sequence

from benchmarks.report import Figure
from functions.domain.personal_data import find
from infra.blueprint import ROOT
from training.personal_data.evaluate import held_out

BUSINESS_TEXT = ROOT / "tests" / "data" / "business_text"
LIMIT_MS = 10.0
CHARACTERS, STEP = 2_048, 150
"""Steps that leave some three hundred texts: of fewer, a p99 would be a single one."""
TIMES = 3


def figures() -> list[Figure]:
    """Median and p99 of each kind of text; the floor here is the limit that p99 must keep."""
    messages = [text.text for text in held_out()]
    pages = [path.read_text(encoding="utf-8") for path in sorted(BUSINESS_TEXT.glob("*.txt"))]
    long_texts = list(_cut("\n".join([*pages, *messages])))
    return [*_latency("2 KB", long_texts), *_latency("a message", messages)]


def _cut(text: str) -> Iterator[str]:
    for start in range(0, len(text) - CHARACTERS, STEP):
        yield text[start : start + CHARACTERS]


def _latency(kind: str, texts: Sequence[str]) -> Iterator[Figure]:
    best = (min(_cpu_ms(text) for _ in range(TIMES)) for text in texts)
    taken = statistics.quantiles(best, n=100)
    yield Figure(f"personal data in {kind}, median", taken[49], "CPU ms", LIMIT_MS)
    yield Figure(f"personal data in {kind}, p99", taken[98], "CPU ms", LIMIT_MS)


def _cpu_ms(text: str) -> float:
    began = time.process_time()
    find(text)
    return (time.process_time() - began) * 1000
