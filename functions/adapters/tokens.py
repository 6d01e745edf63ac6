"""Access tokens, verified against the issuers of the zone.

    text ─▶ strict JSON ─▶ issuer ─▶ rules of header and claims ─▶ the issuer's key ─▶ signature

What can be refused without a key is refused before one is looked up. The issuer that an unverified
token names only chooses which configured one is asked.
"""

import ssl
import time
from collections.abc import Callable, Sequence
from functools import cache

import jwt

from functions.adapters import compact
from functions.adapters.jwks import RETRY_SECONDS, KeyCache
from functions.adapters.key_source import HttpsKeys, KeysUnavailable
from functions.domain.access_token import check_claims, check_header
from functions.domain.errors import StoreUnavailable, Unauthenticated
from functions.domain.issuer import Issuer
from functions.domain.names import JsonObject

Source = Callable[[Issuer], Callable[[], Sequence[JsonObject]]]


def over_https(issuer: Issuer) -> HttpsKeys:
    return HttpsKeys(issuer, trust())


@cache
def trust() -> ssl.SSLContext:
    """Reading all certificate authorities takes a while, so once is enough."""
    return ssl.create_default_context()


class TokenVerifier:
    """Turns a token into its verified claims and the issuer that stands behind them."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        source: Source = over_https,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuers = {i.issuer: (i, KeyCache(source(i), now)) for i in issuers}
        self._now = now
        self._jws = jwt.PyJWS()

    def verify(self, token: str) -> tuple[JsonObject, Issuer]:
        """The token's claims and their issuer.

        Raises:
            Unauthenticated: the token is not accepted; the detail says why.
            KeyNotKnownYet: its key may have been published a moment ago; ask again.
            StoreUnavailable: the issuer's keys cannot be had at the moment.
        """
        header, claims = compact.read(token)
        issuer, keys = self._issuer(claims)
        key_id, algorithm = check_header(header, issuer)
        check_claims(claims, issuer, self._now())
        try:
            key = keys.find(key_id, algorithm)
            self._jws.decode_complete(token, key, [algorithm])
        except KeysUnavailable:
            msg = "The identity provider's keys cannot be had at the moment; try again."
            raise StoreUnavailable(msg, retry_after_seconds=RETRY_SECONDS) from None
        except jwt.PyJWTError:
            msg = "The token's signature is not by the key that it names."
            raise Unauthenticated(msg) from None
        return claims, issuer

    def _issuer(self, claims: JsonObject) -> tuple[Issuer, KeyCache]:
        name = claims.get("iss")
        if not isinstance(name, str) or name not in self._issuers:
            msg = "The token's issuer is not one of this zone."
            raise Unauthenticated(msg)
        return self._issuers[name]
