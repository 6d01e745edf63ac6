"""Signatures as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from functions.domain.webhook import SECRET_CHARACTERS, keys, signed_headers

PUBLISHED_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)


def test_the_published_example_gets_its_published_signature():
    assert signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}', keys(PUBLISHED_SECRET)
    ) == {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_key_is_replaced_both_sign():
    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    headers = signed_headers("m-1", AT, b"{}", keys(f"whsec_{new} whsec_{old}"))
    expected = [
        hmac.new(bytes([n]) * 32, b"m-1.1614265330.{}", hashlib.sha256).digest() for n in (2, 1)
    ]
    signatures = headers["Webhook-Signature"].split()
    assert [base64.b64decode(s.removeprefix("v1,")) for s in signatures] == expected


def test_a_secret_as_it_is_drawn_is_a_key_of_33_bytes():
    assert [len(key) for key in keys("a1B2" * (SECRET_CHARACTERS // 4))] == [33]


@pytest.mark.parametrize(
    "secret", ["", "  ", "whsec_", "whsec_c2hvcnQ=", "!" * 44, "a" * 43, "a" * 88]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str):
    with pytest.raises(ValueError, match=r"^(it|a key) ") as refused:
        keys(secret)
    assert not secret.strip() or secret not in str(refused.value)
