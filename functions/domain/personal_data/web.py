"""Addresses on the network: e-mail, URLs, bare domain names, IP and hardware addresses.

Every quantifier is bounded and every pattern refuses to start in the middle of a word, so the work
grows with the length of the text and not faster.
"""

import re
from collections.abc import Iterator
from functools import cache

from functions.domain.personal_data.context import said_before
from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.lexicon import classes_of

# Domains that are also English words, file endings or attribute names need `www.` or a path.
_PLAIN_TLDS = (
    "com|org|net|edu|gov|mil|info|biz|io|ai|app|dev|xyz|online|site|shop|tech|cloud|eu|"
    "uk|de|fr|nl|es|pl|se|dk|fi|ch|cz|hu|ro|gr|pt|ie|ca|au|nz|br|mx|jp|cn|kr|ru|ua|tr|za|il|"
    "si|sk|hr|lt|lv|ee|lu|bg|rs|ar|cl|pe|ve|uy|sg|hk|tw|th|vn|ph|ke|ng|tn|ma|ir|ae|sa|pk|lk"
)
# These endings count only behind a name that is no common word: "firma.it", but not "end.it".
_WORD_TLDS = "it|at|be|in|is|no|us|me|co|tv|asia|name|pro"
_COMMON = frozenset("123kj")
_TRAILING = ".,;:!?*_~'\""
_LOCAL_HOST = re.compile(r"(?i)^\w+://(?:localhost|127\.|0\.0\.0\.0|\[::1\])")
_VERSION = re.compile(
    r"(?i)\b(?:v|ver|versions?|releases?|builds?|firmware|rev|revision|section|chapter|schema|"
    r"driver|sdk|upgraded?|downgraded?|patch|from|to|and)\b[\s:=.]*v?$"
)
# No release has so high a number in one of its four parts; every second address has.
_HIGHEST_VERSION_PART = 40
_NETWORK = re.compile(
    r"(?i)\b(?:ips?|ipv4|address(?:es)?|hosts?|server|client|subnet|ping|login)\b"
)


@cache
def _email() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w+%-])\w(?:[\w.+%'&=-]{0,62}[\w+-])?"
        r"@(?:[^\W_](?:[\w-]{0,61}\w)?\.){1,6}[^\W\d_]{2,24}(?!\w)"
    )


@cache
def _url() -> re.Pattern[str]:
    return re.compile(r"(?i)(?<!\w)(?:(?:https?|ftps?|sftp)://|www\.)[^\s<>\"`{}|\\^\[\]]{3,2048}")


@cache
def _domain() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.@/$-])(?:[a-zA-Z0-9](?:[\w-]{0,61}[a-zA-Z0-9])?\.){1,5}"
        rf"(?:{_PLAIN_TLDS}|co\.[a-z]{{2}}|com\.[a-z]{{2}}|(?P<wordlike>{_WORD_TLDS}))"
        r"(?::\d{2,5})?(?:/[^\s<>\"'`\[\]]{0,1024})?(?![\w(-]|\.\w)"
    )


@cache
def _ipv4() -> re.Pattern[str]:
    octet = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
    return re.compile(rf"(?<![\w.-])(?:{octet}\.){{3}}{octet}(?!\w|\.\d|-\w)")


@cache
def _ipv6() -> re.Pattern[str]:
    return re.compile(r"(?i)(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")


@cache
def _mac() -> re.Pattern[str]:
    pair = "[0-9A-Fa-f]{2}"
    return re.compile(rf"(?<![\w:-]){pair}(?:(?::{pair}){{5}}|(?:-{pair}){{5}})(?![\w:-])")


def emails(text: str) -> Iterator[Finding]:
    """E-mail addresses."""
    if "@" in text:
        for match in _email().finditer(text):
            yield Finding(*match.span(), EntityType.EMAIL_ADDRESS, 1.0)


def urls(text: str) -> Iterator[Finding]:
    """URLs with a scheme or `www.`, except those of the machine itself."""
    for match in _url().finditer(text):
        if not _LOCAL_HOST.match(match[0]):
            end = match.start() + _url_length(match[0])
            yield Finding(match.start(), end, EntityType.URL, 1.0)


def domain_names(text: str) -> Iterator[Finding]:
    """Domain names without a scheme, under the endings that do not also occur in code."""
    if "." in text:
        for match in _domain().finditer(text):
            if not match["wordlike"] or _is_rare(match[0].split(".")[-2]):
                end = match.start() + _url_length(match[0])
                yield Finding(match.start(), end, EntityType.DOMAIN_NAME, 0.7)


def ip_addresses(text: str) -> Iterator[Finding]:
    """IPv4 and IPv6 addresses that point to some machine, and are not version numbers."""
    for match in _ipv4().finditer(text):
        is_version = _could_be_version(match[0]) and _is_called_version(text, match.start())
        if _points_somewhere(match[0]) and not is_version:
            yield Finding(*match.span(), EntityType.IP_ADDRESS, 0.95)
    if text.count(":") > 1:
        for match in _ipv6().finditer(text):
            if _is_ipv6(match[0]):
                yield Finding(*match.span(), EntityType.IP_ADDRESS, 0.95)


def mac_addresses(text: str) -> Iterator[Finding]:
    """Hardware addresses of network cards."""
    for match in _mac().finditer(text):
        yield Finding(*match.span(), EntityType.MAC_ADDRESS, 0.95)


def _is_rare(name: str) -> bool:
    return len(name) > len("abc") and not _COMMON & set(classes_of(name))


def _url_length(url: str) -> int:
    kept = url.rstrip(_TRAILING)
    while kept.endswith(")") and kept.count(")") > kept.count("("):
        kept = kept[:-1].rstrip(_TRAILING)
    return len(kept)


def _points_somewhere(address: str) -> bool:
    return not address.startswith(("0.", "127.")) and address != "255.255.255.255"


def _is_called_version(text: str, start: int) -> bool:
    before = text[max(0, start - 24) : start]
    return bool(_VERSION.search(before)) and said_before(text, start, _NETWORK) < 0


def _could_be_version(address: str) -> bool:
    return max(map(int, address.split("."))) < _HIGHEST_VERSION_PART


def _is_ipv6(candidate: str) -> bool:
    # Cheap refusal first: clock times and C++ names have the same letters.
    if not any(char.isdigit() for char in candidate) or len(candidate) < len("::1:2"):
        return False
    from ipaddress import AddressValueError, IPv6Address

    try:
        address = IPv6Address(candidate)
    except AddressValueError:
        return False
    return not address.is_loopback
