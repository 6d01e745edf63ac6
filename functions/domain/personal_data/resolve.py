"""Choosing among findings that overlap, so that every character belongs to one finding at most."""

from collections.abc import Iterable

from functions.domain.personal_data.entities import Finding


def without_overlaps(findings: Iterable[Finding], length: int) -> list[Finding]:
    """Keep the surest of overlapping findings (then the longest), in the order of the text."""
    taken = bytearray(length)
    kept = []
    for finding in sorted(findings, key=lambda one: (-one.score, one.start - one.end, one)):
        if finding.end > finding.start and not any(taken[finding.start : finding.end]):
            taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
            kept.append(finding)
    return sorted(kept)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Join findings that overlap into one, of the longest one's type: nothing is left over."""
    joined: list[Finding] = []
    lengths: list[int] = []
    for finding in sorted(findings):
        length = finding.end - finding.start
        if joined and finding.start < joined[-1].end:
            kind = finding if length > lengths[-1] else joined[-1]
            end = max(joined[-1].end, finding.end)
            joined[-1] = kind._replace(start=joined[-1].start, end=end)
            lengths[-1] = max(lengths[-1], length)
        else:
            joined.append(finding)
            lengths.append(length)
    return joined
