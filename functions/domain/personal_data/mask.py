"""Masking and restoring, in a text or in any JSON value.

    value ── find in every string ── issue placeholders ── replace ──▶ masked value
    reply ── replace the placeholders that the policy restores ──────▶ what the caller receives

A second detector may be asked about all strings at once. It only ever adds: what either of the two
finds is masked, or refused, by what the policy says of its kind.

Keys of objects stay as they are and serve as labels: in ``{"ssn": "078051120"}`` the key tells what
the value is. Whole numbers are masked when all their digits are one finding. An error in detection
passes through to the caller, who must refuse the text.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.find import find
from functions.domain.personal_data.placeholders import LITERAL, PLACEHOLDER, Placeholders, Scalar
from functions.domain.personal_data.policy import MASK_EVERYTHING, Policy
from functions.domain.personal_data.resolve import merged

Json = Any  # a recursive alias would make every caller cast
FindInEach = Callable[[Sequence[str]], list[list[Finding]]]
"""A detector of many texts: the findings of each."""
_Leaves = dict[tuple[str, Scalar], list[Finding]]
_LONGEST_LABEL = 40
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+")


def mask(
    value: Json,
    policy: Policy,
    placeholders: Placeholders,
    *,
    second: FindInEach | None = None,
    written_by_model: bool = False,
) -> Json:
    """Replace personal data in every string of ``value`` by placeholders.

    Text from outside cannot name a placeholder; text ``written_by_model`` may repeat those of its
    run, and they stay. Raises ``PersonalDataRefused``, and then no placeholder has been issued.
    """
    leaves: _Leaves = {}

    def detect(label: str, leaf: Scalar) -> Scalar:
        leaves.setdefault((label, leaf), _find(label, leaf))
        return leaf

    _walk(value, "", detect)
    if second:
        _add(leaves, second)
    to_mask = {leaf: policy.masked(found) for leaf, found in leaves.items()}
    # Before any text is rewritten, so that a name found in the last one is masked in the first.
    for (_, leaf), found in to_mask.items():
        _issue(leaf, found, placeholders)

    def masked(label: str, leaf: Scalar) -> Scalar:
        found = to_mask[label, leaf]
        if isinstance(leaf, str):
            return _masked_text(leaf, found, placeholders, written_by_model=written_by_model)
        return placeholders.issue(found[0].entity_type, leaf) if found else leaf

    return _walk(value, "", masked)


def restore(value: Json, policy: Policy, placeholders: Placeholders) -> Json:
    """Put the original values back where ``policy`` says so, and every literal that was typed."""

    def original(placeholder: str) -> Scalar:
        kind = placeholder[1 : placeholder.rindex("_")]
        is_restored = kind == LITERAL or EntityType(kind) in policy.restored
        return placeholders.value_of(placeholder) if is_restored else placeholder

    def restored(_: str, leaf: Scalar) -> Scalar:
        if not isinstance(leaf, str):
            return leaf
        if leaf in placeholders:
            return original(leaf)  # alone in its string, a number becomes a number again
        return PLACEHOLDER.sub(
            lambda match: str(original(match[0])) if match[0] in placeholders else match[0], leaf
        )

    return _walk(value, "", restored)


def redact(value: Json) -> Json:
    """Mask everything for good: for logs, traces and whatever else is kept."""
    return mask(value, MASK_EVERYTHING, Placeholders())


def find_labelled(label: str, text: str) -> list[Finding]:
    """Find personal data in ``text``, knowing that it stands under ``label``."""
    label = _in_words(label)
    return _behind(label, find(f"{label}{text}")) if label else find(text)


def _in_words(label: str) -> str:
    """``cardNumber`` as a reader says it, with a colon behind: ``card Number: ``."""
    words = _WORD_STARTS.sub(" ", label)[:_LONGEST_LABEL].strip()
    return f"{words}: " if words else ""


def _behind(label: str, findings: list[Finding]) -> list[Finding]:
    """The findings in the text behind the label, as if it had stood alone."""
    offset = len(label)
    return [
        found._replace(start=max(0, found.start - offset), end=found.end - offset)
        for found in findings
        if found.end > offset
    ]


def _walk(value: Json, label: str, change: Callable[[str, Scalar], Scalar]) -> Json:
    """Rebuild ``value`` with each string and number changed; items of a list share its label."""
    if isinstance(value, dict):
        return {key: _walk(member, str(key), change) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(member, label, change) for member in value]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return change(label, value)
    return value


def _find(label: str, leaf: Scalar) -> list[Finding]:
    if isinstance(leaf, str):
        return find_labelled(label, leaf)
    return _whole(leaf, find_labelled(label, str(leaf)))


def _whole(number: int, findings: list[Finding]) -> list[Finding]:
    """A number is masked when all its digits are one finding, or not at all."""
    return [found for found in findings if found[:2] == (0, len(str(number)))]


def _add(leaves: _Leaves, second: FindInEach) -> None:
    """Ask the second detector about all leaves at once, and add what it finds."""
    labels = [_in_words(label) for label, _ in leaves]
    texts = [f"{words}{leaf}" for words, (_, leaf) in zip(labels, leaves, strict=True)]
    for key, words, found in zip(leaves, labels, second(texts), strict=True):
        leaf, more = key[1], _behind(words, found)
        leaves[key] = leaves[key] + (more if isinstance(leaf, str) else _whole(leaf, more))


def _issue(leaf: Scalar, found: list[Finding], placeholders: Placeholders) -> None:
    for finding in found:
        value = leaf[finding.start : finding.end] if isinstance(leaf, str) else leaf
        placeholders.issue(finding.entity_type, value)


def _masked_text(
    text: str, found: list[Finding], placeholders: Placeholders, *, written_by_model: bool
) -> str:
    """Mask between the placeholders that were typed, and turn those into literals."""
    parts, place = [], 0
    for typed in PLACEHOLDER.finditer(text):
        parts.append(_masked_part(text, place, typed.start(), found, placeholders))
        kept = written_by_model and typed[0] in placeholders
        parts.append(typed[0] if kept else placeholders.issue(LITERAL, typed[0]))
        place = typed.end()
    return "".join([*parts, _masked_part(text, place, len(text), found, placeholders)])


def _masked_part(
    text: str, start: int, end: int, found: list[Finding], placeholders: Placeholders
) -> str:
    part = text[start:end]
    inside = [
        finding._replace(start=max(finding.start, start) - start, end=min(finding.end, end) - start)
        for finding in found
        if finding.start < end and finding.end > start
    ]
    parts, place = [], 0
    for finding in merged([*inside, *placeholders.occurrences(part)]):
        value = part[finding.start : finding.end]
        parts += [part[place : finding.start], placeholders.issue(finding.entity_type, value)]
        place = finding.end
    return "".join([*parts, part[place:]])
