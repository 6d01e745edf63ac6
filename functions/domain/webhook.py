"""A webhook as the Standard Webhooks specification has it: identified, dated and signed.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

SECRETS = "gatehouse/webhooks/"
"""How the name of every team's secret begins."""
SECRET_PREFIX = "whsec_"  # noqa: S105  # says what a secret is for, and is none
SECRET_CHARACTERS = 44
"""Letters and digits are base64 as they are: 44 of them are 33 bytes, with 262 random bits."""
LEAST_KEY_BYTES, MOST_KEY_BYTES = 24, 64


def secret_name(team: str) -> str:
    """What a team's secret is called in each region of its zone."""
    return f"{SECRETS}{team}"


def keys(secret: str) -> tuple[bytes, ...]:
    """The keys of a secret: one, or several with blanks between while one replaces another.

    Raises:
        ValueError: one is none; the message does not repeat it.
    """
    found = tuple(_key(part) for part in secret.split())
    if not found:
        msg = "it is empty"
        raise ValueError(msg)
    return found


def signed_headers(id_: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """What a receiver needs to see that a body is ours, is fresh, and came before.

    It is signed with each key, so that a receiver who knows any of them accepts it.
    """
    timestamp = str(int(at.timestamp()))
    signed = f"{id_}.{timestamp}.".encode() + body
    signatures = (b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "Webhook-Id": id_,
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(text: str) -> bytes:
    try:
        key = b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        msg = f"it is not {SECRET_PREFIX} and base64"
        raise ValueError(msg) from None
    if not LEAST_KEY_BYTES <= len(key) <= MOST_KEY_BYTES:
        msg = f"a key has {LEAST_KEY_BYTES} to {MOST_KEY_BYTES} bytes"
        raise ValueError(msg)
    return key
