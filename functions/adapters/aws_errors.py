"""AWS's errors in the gatehouse's own words; the one place where they are told apart."""

from botocore.exceptions import BotoCoreError, ClientError

from functions.domain.errors import (
    GatehouseError,
    ModelRefused,
    ModelUnavailable,
    ScanFailed,
    StoreUnavailable,
    UpstreamError,
)

RETRY_AFTER_SECONDS = 5

BUSY_OR_DOWN = frozenset(
    {
        "InternalServerException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ServiceQuotaExceededException",
        "ServiceUnavailableException",
        "ThrottlingException",
    }
)
"""Bedrock may answer the same call another time."""

NEVER = frozenset({"AccessDeniedException", "ResourceNotFoundException", "ValidationException"})
"""Bedrock answers this call the same way each time: it is ours to mend."""


def code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")


def model_error(error: ClientError | BotoCoreError, model: str) -> GatehouseError:
    """What a failed call of a model means to the caller. Bedrock's text may quote the prompt."""
    if not isinstance(error, ClientError):
        msg = f"The model {model} did not answer ({type(error).__name__})."
        return ModelUnavailable(msg, retry_after_seconds=RETRY_AFTER_SECONDS)
    code = code_of(error)
    if code in BUSY_OR_DOWN:
        msg = f"The model {model} is busy or down ({code})."
        return ModelUnavailable(msg, retry_after_seconds=RETRY_AFTER_SECONDS)
    if code in NEVER:
        return ModelRefused(f"Amazon Bedrock rejects this call of {model} ({code}).")
    return UpstreamError(f"The call of {model} failed ({code}).")


def store_error(error: Exception, what: str) -> StoreUnavailable:
    """A record could not be read or written; doing it again later may work."""
    code = code_of(error) if isinstance(error, ClientError) else type(error).__name__
    msg = f"{what} could not be reached ({code})."
    return StoreUnavailable(msg, retry_after_seconds=RETRY_AFTER_SECONDS)


def scan_error(error: ClientError | BotoCoreError, service: str) -> ScanFailed:
    """A service did not say what is personal. Its own message may quote the text."""
    code = code_of(error) if isinstance(error, ClientError) else type(error).__name__
    msg = f"{service} did not scan for personal data ({code}), so nothing was done."
    return ScanFailed(msg, retry_after_seconds=RETRY_AFTER_SECONDS)
