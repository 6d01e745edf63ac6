"""The detector: text in, findings out."""

from functions.domain.personal_data.entities import Finding
from functions.domain.personal_data.legible import fold, in_original, without_invisible
from functions.domain.personal_data.patterns import formal_findings, with_candidates
from functions.domain.personal_data.resolve import without_overlaps
from functions.domain.personal_data.sequence import named_findings


def find(text: str) -> list[Finding]:
    """Find personal data in ``text``: sorted, without overlaps, offsets in characters."""
    legible, places = without_invisible(fold(text))
    known = formal_findings(legible)
    whole = with_candidates(legible, known)
    findings = without_overlaps([*known, *named_findings(legible, whole)], len(legible))
    return in_original(findings, places)
