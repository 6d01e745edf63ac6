"""Two routes beside Bedrock's own, for tests in other processes: the record and the script."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.model.backends.scripted.backend import ScriptedBackend
from local.model.backends.scripted.script import ScriptError, parse_script
from local.model.errors import InvalidRequest


def script_routes(backend: ScriptedBackend) -> list[Route]:
    """Give ``GET /_scripted/calls`` and ``PUT /_scripted/script``."""

    async def calls(request: Request) -> Response:
        return JSONResponse(backend.record())

    async def replace(request: Request) -> Response:
        try:
            script = parse_script((await request.body()).decode())
        except (ScriptError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"The script was not replaced: {error}") from error
        backend.play(script)
        return JSONResponse({"rules": len(script.rules)})

    return [
        Route("/_scripted/calls", calls),
        Route("/_scripted/script", replace, methods=["PUT"]),
    ]
