"""Real Amazon Bedrock with the user's own credentials: everything passes through.

The request goes on as it came and the response comes back as it is, streams event by event; only
the signature is new. Bytes are base64 on the wire and bytes in boto3, so they are translated.
"""

import base64
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.model.backends import About, Reply
from local.model.errors import BedrockError, InvalidRequest
from local.model.generation import Call, Event, Generation

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

_READ_HERE = {"output", "stopReason", "usage", "metrics", "ResponseMetadata"}


class BedrockBackend:
    """A client of real Bedrock. A caller who leaves does not end a call: boto3 cannot."""

    def __init__(self, client: "BedrockRuntimeClient") -> None:
        self.about = About("bedrock", "amazon-bedrock")
        self._client: Any = client

    async def generate(self, call: Call) -> Reply:
        """Ask Bedrock."""
        if call.operation == "Converse":
            yield _generation(call, await self._asked("converse", call))
            return
        answer = await self._asked("converse_stream", call)
        with closing(answer["stream"]) as stream:
            parts = iter(stream)
            while (part := await _in_thread(lambda: next(parts, None))) is not None:
                for kind, payload in part.items():
                    yield Event(kind, _named(call, payload) if kind == "metadata" else payload)

    async def count_tokens(self, call: Call) -> int:
        """Ask Bedrock."""
        tokens: int = (await self._asked("count_tokens", call))["inputTokens"]
        return tokens

    async def aclose(self) -> None:
        """Hang up."""
        self._client.close()

    async def _asked(self, method: str, call: Call) -> Any:
        operation = self._client.meta.service_model.operation_model(call.operation)
        counting = call.operation == "CountTokens"
        body = {"input": {"converse": call.body}} if counting else call.body
        arguments = _with_bytes(operation.input_shape, body)
        return await _in_thread(
            lambda: getattr(self._client, method)(modelId=call.model_id, **arguments)
        )


async def _in_thread(ask: Callable[[], Any]) -> Any:
    try:
        return _jsonable(await to_thread.run_sync(ask, abandon_on_cancel=True))
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        message: str = error.response["Error"]["Message"]
        # An error inside a stream goes by the name of its event: throttlingException.
        raise BedrockError(code[:1].upper() + code[1:], message) from error
    except ParamValidationError as error:
        # Its text quotes the values, so it is not passed on.
        raise InvalidRequest("The body does not fit the request shape of Bedrock.") from error
    except BotoCoreError as error:
        raise BedrockError("ServiceUnavailableException", f"Amazon Bedrock: {error}") from error


def _generation(call: Call, answer: dict[str, Any]) -> Generation:
    return Generation(
        content=answer["output"]["message"]["content"],
        stop_reason=answer["stopReason"],
        usage=answer["usage"],
        model=call.model_id,
        latency_ms=answer["metrics"]["latencyMs"],
        more={key: value for key, value in answer.items() if key not in _READ_HERE},
    )


def _named(call: Call, metadata: dict[str, Any]) -> dict[str, Any]:
    """Say who answered, as an answer in one piece does, unless a real router said so already."""
    router = {"promptRouter": {"invokedModelId": call.model_id}}
    return {**metadata, "trace": {**router, **metadata.get("trace", {})}}


def _with_bytes(shape: Shape | None, value: Any) -> Any:
    """Decode what the service model calls a blob; boto3 encodes it again."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {key: _with_bytes(shape.members.get(key), part) for key, part in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_with_bytes(shape.member, part) for part in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _with_bytes(shape.value, part) for key, part in value.items()}
    if shape is not None and shape.type_name == "blob":
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError) as error:
            raise InvalidRequest("Bytes in the body must be base64.") from error
    return value


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _jsonable(part) for key, part in value.items()}
    return [_jsonable(part) for part in value] if isinstance(value, list) else value
