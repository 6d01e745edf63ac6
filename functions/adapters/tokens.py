"""Access tokens, verified by Powertools against the issuers of the zone."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.auth_alpha.exceptions import AuthError
from aws_lambda_powertools.utilities.auth_alpha.jwt import JWTVerifier

from functions.domain.errors import StoreUnavailable, Unauthenticated
from functions.domain.zone import Issuer

MOST_BYTES = 8192
"""A longer token is refused before it is parsed."""

REASONS = {
    "token_expired": "The token has expired; get a new one from your identity provider.",
    "invalid_signature": "The token's signature is not one of its issuer's keys.",
    "invalid_claims": "The token is not for this gatehouse: check its issuer, audience and times.",
    "invalid_token": "This is no access token that the gatehouse can read.",
}


class TokenVerifier:
    """Turns a token into its verified claims and the issuer that stands behind them."""

    def __init__(self, issuers: tuple[Issuer, ...]) -> None:
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._verifier = JWTVerifier.any_of(
            *(
                JWTVerifier(
                    issuer=issuer.issuer,
                    audience=issuer.audience,
                    algorithms=list(issuer.algorithms),
                    jwks_uri=issuer.jwks_uri,
                    required_claims=["sub", issuer.team_claim],
                )
                for issuer in issuers
            )
        )

    def verify(self, token: str) -> tuple[Mapping[str, Any], Issuer]:
        """The token's claims and their issuer.

        Raises:
            Unauthenticated: the token is not accepted; the detail says why.
            StoreUnavailable: the issuer's keys cannot be had at the moment.
        """
        if len(token) > MOST_BYTES:
            msg = f"The token is longer than {MOST_BYTES} bytes."
            raise Unauthenticated(msg)
        try:
            claims = self._verifier.verify(token)
        except AuthError as error:
            if error.retryable:
                msg = "The identity provider's keys cannot be had at the moment; try again."
                raise StoreUnavailable(msg, retry_after_seconds=5) from None
            raise Unauthenticated(
                REASONS.get(error.reason.value, REASONS["invalid_token"])
            ) from None
        return claims, self._issuers[claims["iss"]]
