"""Whether an IAM policy lets a caller invoke a method: an explicit deny beats an allow."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

INVOKE = "execute-api:Invoke"


class Verdict(Enum):
    """What a policy says about one method."""

    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    NOT_MENTIONED = "denied because no statement allows it"


def judge(policy: Mapping[str, Any], method_arn: str) -> Verdict:
    """The verdict of an authorizer's policy on a method.

    Raises:
        ValueError: the policy holds something that the local gateway cannot judge.
    """
    effects = {
        statement["Effect"]
        for statement in _list(policy["Statement"])
        if _speaks_of(statement, method_arn)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.NOT_MENTIONED


def _speaks_of(statement: Mapping[str, Any], method_arn: str) -> bool:
    unknown = statement.keys() - {"Action", "Effect", "Resource", "Sid"}
    if unknown:
        msg = f"the local gateway cannot judge a policy with {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    return _any_matches(_list(statement["Action"]), INVOKE, re.IGNORECASE) and _any_matches(
        _list(statement["Resource"]), method_arn
    )


def _any_matches(patterns: Iterable[str], value: str, flags: int = 0) -> bool:
    return any(re.fullmatch(_regex(pattern), value, flags | re.DOTALL) for pattern in patterns)


def _regex(pattern: str) -> str:
    """IAM's wildcards: ``*`` for any characters, slashes too, and ``?`` for one."""
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
