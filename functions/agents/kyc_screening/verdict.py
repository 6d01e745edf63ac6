"""What follows from the checks; the model has no say in it.

    a hard check failed (MRZ check digits, expiry, age)        → reject
    anything is missing, unsure or does not match              → review
    every value was proved and no check failed                 → clear

Unsure is what code could not prove: a quote that stands nowhere, a day that may be two. Such a
value is missing, unless the machine-readable zone holds it.
"""

from .contract import Check, Identity, Verdict

HARD = frozenset({"mrz_check_digits", "document_in_date", "of_age"})


def verdict(identity: Identity, checks: tuple[Check, ...]) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict, and every reason for it; the hardest come first."""
    failed = [check for check in checks if check.result == "failed"]
    hard = [check.detail for check in failed if check.name in HARD]
    soft = [check.detail for check in failed if check.name not in HARD]
    soft += [f"Not proved: {name.replace('_', ' ')}." for name in identity.missing]
    if hard:
        return "reject", (*hard, *soft)
    if soft:
        return "review", tuple(soft)
    return "clear", ("Every value was proved and no check failed.",)
