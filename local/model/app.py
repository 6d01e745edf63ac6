"""The endpoint: three operations of Amazon Bedrock Runtime over whichever backend was chosen.

Deviations from AWS: signatures are not checked, and every model id is answered by the one backend;
which model that is stands in ``trace.promptRouter.invokedModelId`` and at ``GET /health``.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Literal
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.model.answering import Answering, CallerLeft
from local.model.backends.scripted.backend import ScriptedBackend
from local.model.backends.scripted.routes import script_routes
from local.model.converse import ConverseRequest, CountTokensRequest, parse
from local.model.errors import BedrockError, InvalidRequest
from local.model.generation import Call, Event
from local.model.stream import event_frame, events, failure_frame

_MODEL_ID = re.compile(r"[a-zA-Z0-9_.:/-]{1,2048}")
_CLIENT_CLOSED_REQUEST = 499


def create_app(answering: Answering) -> Starlette:
    """Give the ASGI application; who closes the model is whoever opened it."""
    endpoint = Endpoint(answering)
    backend = answering.backend
    # An ARN in the path holds slashes, escaped or not: the id is all up to the last segment.
    model = "/model/{model_id:path}"
    return Starlette(
        routes=[
            Route(f"{model}/converse", endpoint.converse, methods=["POST"]),
            Route(f"{model}/converse-stream", endpoint.converse_stream, methods=["POST"]),
            Route(f"{model}/count-tokens", endpoint.count_tokens, methods=["POST"]),
            Route("/health", endpoint.health),
            Route("/_metering/take", endpoint.take_metering, methods=["POST"]),
            *(script_routes(backend) if isinstance(backend, ScriptedBackend) else []),
        ],
        exception_handlers={
            BedrockError: _refuse,
            CallerLeft: _nobody_listens,
            HTTPException: _unknown_operation,
            Exception: _broken,
        },
    )


class Endpoint:
    """The operations, each one parse, answer, render."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._backend = answering.backend

    async def converse(self, request: Request) -> Response:
        """Answer in one piece."""
        call = await _read_call(request, "Converse")
        generation = await self._answering.wait_for(self._answering.whole(call), request)
        return _json(generation.response())

    async def converse_stream(self, request: Request) -> Response:
        """Answer in parts. What fails before the first part fails as plain HTTP."""
        call = await _read_call(request, "ConverseStream")
        parts = events(self._answering.reply(call))
        first = await self._answering.wait_for(anext(parts), request)
        return StreamingResponse(
            _frames(first, parts),
            media_type="application/vnd.amazon.eventstream",
            headers=_request_id(),
        )

    async def count_tokens(self, request: Request) -> Response:
        """Count the input of a Converse call without answering it."""
        model_id = _model_id(request)
        parsed, body = parse(CountTokensRequest, await request.body())
        if parsed.input.converse is None:
            raise InvalidRequest("input.invokeModel: count the tokens of input.converse instead.")
        call = Call(model_id, parsed.input.converse, body["input"]["converse"], "CountTokens")
        return _json({"inputTokens": await self._backend.count_tokens(call)})

    async def health(self, _request: Request) -> Response:
        """Say who answers here."""
        about = self._backend.about
        return _json({"model": about.model, "demo": about.demo, "backend": about.backend})

    async def take_metering(self, _request: Request) -> Response:
        """Give what was counted since the last time, for the stack to publish as Bedrock does."""
        return _json({"metrics": self._answering.meter.take()})


async def _read_call(request: Request, operation: Literal["Converse", "ConverseStream"]) -> Call:
    model_id = _model_id(request)
    parsed, body = parse(ConverseRequest, await request.body())
    return Call(model_id, parsed, body, operation)


def _model_id(request: Request) -> str:
    model_id: str = request.path_params["model_id"]
    if not _MODEL_ID.fullmatch(model_id):
        raise InvalidRequest("modelId: The provided model identifier is invalid.")
    return model_id


async def _frames(first: Event, rest: AsyncGenerator[Event]) -> AsyncIterator[bytes]:
    yield event_frame(first)
    async with aclosing(rest):
        try:
            async for event in rest:
                yield event_frame(event)
        except BedrockError as error:
            yield failure_frame(error)


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid4())}


def _json(payload: dict[str, Any]) -> Response:
    return JSONResponse(payload, headers=_request_id())


def _error(status: int, code: str, message: str) -> Response:
    headers = {**_request_id(), "x-amzn-ErrorType": code}
    return JSONResponse({"message": message}, status, headers)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, BedrockError)  # noqa: S101 - Starlette calls by type, but types Exception
    return _error(error.status, error.code, error.message)


async def _unknown_operation(request: Request, error: Exception) -> Response:
    served = "Converse, ConverseStream and CountTokens"
    return _error(404, "UnknownOperationException", f"Only {served} are served here, by POST.")


async def _nobody_listens(request: Request, error: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


async def _broken(request: Request, error: Exception) -> Response:
    return _error(500, "InternalServerException", "The local model endpoint failed; see its log.")
