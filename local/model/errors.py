"""The errors of Amazon Bedrock Runtime, with the statuses that its service model gives them.

One class carries them all, because a client tells them apart by code: boto3 reads the code from
``x-amzn-ErrorType`` and the text from ``message``. Texts name fields and settings, never the
content of a prompt, so they may be logged.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

STATUS: Mapping[str, HTTPStatus] = MappingProxyType(
    {
        "AccessDeniedException": HTTPStatus.FORBIDDEN,
        "InternalServerException": HTTPStatus.INTERNAL_SERVER_ERROR,
        "ModelErrorException": HTTPStatus.FAILED_DEPENDENCY,
        "ModelNotReadyException": HTTPStatus.TOO_MANY_REQUESTS,
        "ModelStreamErrorException": HTTPStatus.FAILED_DEPENDENCY,
        "ModelTimeoutException": HTTPStatus.REQUEST_TIMEOUT,
        "ResourceNotFoundException": HTTPStatus.NOT_FOUND,
        "ServiceUnavailableException": HTTPStatus.SERVICE_UNAVAILABLE,
        "ThrottlingException": HTTPStatus.TOO_MANY_REQUESTS,
        "UnknownOperationException": HTTPStatus.NOT_FOUND,
        "ValidationException": HTTPStatus.BAD_REQUEST,
    }
)
INPUT_TOO_LONG = "Input is too long for requested model."


class BedrockError(Exception):
    """A call that Bedrock would refuse or fail, under the code that Bedrock would use."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """Of the HTTP answer; a code that real Bedrock adds tomorrow is still an error."""
        return STATUS.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)


class EndpointStopping(BedrockError):
    """A call is cut off because this endpoint ends."""

    def __init__(self) -> None:
        super().__init__("ServiceUnavailableException", "The local model endpoint is stopping.")


class ChoiceError(Exception):
    """Not of Bedrock: the chosen model cannot be had. The message says why and what to do."""


class InvalidRequest(BedrockError):
    """The caller can fix it: a ``ValidationException`` whose text names the field."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)
