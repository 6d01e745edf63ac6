"""Secrets that open doors: private keys, tokens, API keys, passwords in connection strings.

They are not personal data in law, but a prompt is no place for them, so they are found alike.
"""

import re
from collections.abc import Iterator
from functools import cache

from functions.domain.personal_data.entities import EntityType, Finding

_KEY_BEGINS = re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST_KEY = 16_384
_ASSIGNED = ("pass", "pwd", "secret", "key", "token", "bearer")
# "<your token>", "get_token()" and the like say where a secret would be.
_NO_SECRET = re.compile(
    r"(?i)[x*.<{$%\[]|your|example|changeme|redacted|none|null|true|false|[\w.]+[(\[](?:.*[)\]])?$"
)

_FORMS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",  # AWS access key id
    r"gh[oprsu]_[0-9A-Za-z]{36,255}|github_pat_\w{22,255}",
    r"glpat-[\w-]{20,64}",
    r"xox[abeoprs]-[0-9A-Za-z-]{10,250}|xapp-[0-9A-Za-z-]{10,250}",
    r"(?:sk|rk|pk|whsec)_(?:live_|test_)?[0-9A-Za-z]{16,250}",  # Stripe
    r"sk-(?:ant-|proj-)?[\w-]{20,250}",  # model providers
    r"AIza[\w-]{35}|ya29\.[\w-]{20,512}|GOCSPX-[\w-]{20,64}",  # Google
    r"npm_[0-9A-Za-z]{36}|pypi-[\w-]{32,512}|hf_[0-9A-Za-z]{30,64}|dop_v1_[0-9a-f]{64}",
    r"SG\.[\w-]{16,64}\.[\w-]{16,128}|(?:SK|AC)[0-9a-f]{32}|key-[0-9a-f]{32}",
    r"eyJ[\w-]{8,4096}\.eyJ[\w-]{8,8192}(?:\.[\w-]{0,4096})?",  # JSON Web Token
)


@cache
def _token() -> re.Pattern[str]:
    # The first letters are tried before the forms: most words begin like none of them.
    return re.compile(rf"(?<![\w.-])(?=[ASgxrpswyGnhdke])(?:{'|'.join(_FORMS)})(?![\w-])")


@cache
def _assignment() -> re.Pattern[str]:
    # `password=…`, `"api_key": "…"`, `the password is …`; the value is the group.
    return re.compile(
        r"(?i)(?:pass(?:word|wd|phrase|code)|pwd|secret(?:[_ -]?(?:access[_ -]?)?key)?|"
        r"(?:api|access|auth|private|account|signing|encryption)[_ -]?(?:key|token)|"
        r"(?:client|app|shared)[_ -]?secret|bearer|auth(?:entication)?[_ -]token|"
        r"refresh[_ -]token|session[_ -]token|(?<![a-z])token)"
        r"(?:['\"]?\s{0,3}(?:[:=]|=>)\s{0,3}|\s(?:is|was|to|set to)[:\s]\s?|\s)"
        r"(?:Bearer\s|basic\s)?['\"`]?"
        r"(?P<value>[^\s'\"`,;<>]{4,512})"
    )


@cache
def _connection() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:@/'\"<>]{0,128}:[^\s:@/'\"<>]{1,256}@[^\s'\"<>]{1,512}"
    )


def secrets(text: str) -> Iterator[Finding]:
    """Private keys, tokens of known form, connection strings and whatever is called a password."""
    yield from _private_keys(text)
    for match in _token().finditer(text):
        yield Finding(*match.span(), EntityType.SECRET, 1.0)
    if "://" in text:
        for match in _connection().finditer(text):
            yield Finding(*match.span(), EntityType.SECRET, 1.0)
    lower = text.lower()
    if any(stem in lower for stem in _ASSIGNED):
        yield from _assigned(text)


def _assigned(text: str) -> Iterator[Finding]:
    for match in _assignment().finditer(text):
        value = match["value"].rstrip(".!?:)}]")
        if not _NO_SECRET.match(match["value"]) and _looks_secret(value, match[0]):
            start = match.start("value")
            yield Finding(start, start + len(value), EntityType.SECRET, 0.8)


def _private_keys(text: str) -> Iterator[Finding]:
    place = 0
    while begin := _KEY_BEGINS.search(text, place):
        end = _KEY_ENDS.search(text, begin.end(), begin.end() + _LONGEST_KEY)
        # A key that was cut off is as secret as a whole one.
        place = end.end() if end else min(len(text), begin.end() + _LONGEST_KEY)
        yield Finding(begin.start(), place, EntityType.SECRET, 1.0)


def _looks_secret(value: str, assignment: str) -> bool:
    has_sign = "=" in assignment or ":" in assignment
    kinds = sum(
        (
            any(map(str.isdigit, value)),
            any(map(str.islower, value)),
            any(map(str.isupper, value)),
            any(not char.isalnum() and char not in "._-/" for char in value),
        )
    )
    return len(value) >= (6 if has_sign else 5) and kinds >= (2 if has_sign else 3)
